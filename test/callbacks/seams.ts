// Every place where statewire calls app code, and a life in which each is reached. Runtime-independent: the same file
// runs in Node, Bun, Deno, workerd, pages and workers.
import type { ConnectionOptions, SendData, MessageData } from '../../src/index.js'
import { createConnection } from '../../src/index.js'
import { TestClock, settle } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { ReconnectingWebSocket } from '../../src/websocket/index.js'

/** What an app's function does instead of its work. */
export const bites = {
  throws: (): never => {
    throw new Error('bitten')
  },
  'throws null': (): never => {
    // oxlint-disable-next-line typescript/only-throw-error -- apps do
    throw null
  },
  rejects: (): unknown => Promise.reject(new Error('bitten')),
  'returns a thenable that rejects': (): unknown => ({
    // oxlint-disable-next-line unicorn/no-thenable -- what it is about
    then: (_: unknown, reject: (reason: unknown) => void) => reject(new Error('bitten')),
  }),
  'returns a thenable that throws': (): unknown => ({
    // oxlint-disable-next-line unicorn/no-thenable -- what it is about
    then: () => {
      throw new Error('bitten')
    },
  }),
  'returns a thenable that resolves with a rejection': (): unknown => ({
    // oxlint-disable-next-line unicorn/no-thenable -- what it is about
    then: (resolve: (value: unknown) => void) => resolve(Promise.reject(new Error('bitten'))),
  }),
  'returns an object whose properties throw': (): unknown =>
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('bitten')
        },
        has: () => {
          throw new Error('bitten')
        },
      },
    ),
  'returns an object that throws when it is converted': (): unknown => ({
    [Symbol.toPrimitive]: () => {
      throw new Error('bitten')
    },
  }),
} satisfies Record<string, () => unknown>

export type BiteName = keyof typeof bites

export const types = ['open', 'message', 'close', 'backoff', 'state', 'heartbeat', 'drain', 'dropped', 'error'] as const

const connectionSeams = [
  ...types.map((type) => `on ${type}` as const),
  'subscribe',
  'observable',
  'inspect option',
  'inspect',
  'url',
  'url signal',
  'url signal onabort',
  'url signal handleEvent',
  'prepare',
  'prepare signal',
  'codec.encode',
  'codec.decode',
  'retry',
  'backoff',
  'heartbeat.ping',
  'heartbeat.classify',
  'heartbeat.answer',
  'environment.online',
  'environment.subscribe',
  'environment.unsubscribe',
  'clock.now',
  'clock.wall',
  'clock.setTimeout',
  'clock.clearTimeout',
  'random',
] as const

const socketTypes = ['open', 'message', 'error', 'close'] as const

const socketSeams = [
  ...socketTypes.map((type) => `socket on${type}` as const),
  ...socketTypes.map((type) => `socket ${type} listener` as const),
  ...socketTypes.map((type) => `socket ${type} listener once` as const),
  ...socketTypes.map((type) => `socket ${type} handleEvent` as const),
  'socket dispatchEvent',
  'socket shouldReconnectOnClose',
  'socket debugLogger',
  'socket url',
  'socket protocols',
] as const

export const seams = [...connectionSeams, ...socketSeams] as const

export type Seam = (typeof seams)[number]

/** Replaces the function of one seam permanently. */
type Wrap = <F>(seam: Seam, work: F) => F

/** The outcome of a life: how often the seam was reached, and what the connection reported. */
export interface Outcome {
  readonly reached: number
  /** The codes of `error` events. */
  readonly errors: readonly string[]
  /** The codes of the errors of `close` events. */
  readonly failures: readonly (string | undefined)[]
  /** Errors thrown by the app's calls. */
  readonly thrown: readonly unknown[]
  readonly states: readonly string[]
}

/** `listened`: whether there is an `error` listener besides the faulty one. */
export async function live(seam: Seam, bite: () => unknown, { listened = false } = {}): Promise<Outcome> {
  let reached = 0
  const wrap: Wrap = (name, work) => {
    if (name !== seam) return work
    const bitten = (): unknown => {
      reached++
      return bite()
    }
    return bitten as typeof work
  }
  const outcome = seam.startsWith('socket ') ? await socketLife(wrap) : await connectionLife(wrap, listened)
  return { ...outcome, reached }
}

/** An environment that reacts: it accepts, sends, answers pings, loses the link, and repeats. */
async function drive(clock: TestClock, transport: FakeTransport, act: { send(): void; notify(): void }): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await clock.advance(1_000)
    const socket = transport.sockets.at(-1)
    socket?.accept()
    await settle()
    for (const frame of ['hello', 'server ping', 'bye']) socket?.message(frame)
    act.send()
    await clock.advance(21_000)
    socket?.message('pong')
    act.notify()
    await settle()
    if (socket !== undefined) {
      socket.bufferedAmount = 5_000
      act.send()
      act.send()
      await clock.advance(100)
      socket.bufferedAmount = 0
      await clock.advance(100)
      socket.end({ code: 1006 })
    }
    await clock.advance(40_000)
  }
}

async function connectionLife(wrap: Wrap, listened: boolean): Promise<Omit<Outcome, 'reached'>> {
  const clock = new TestClock()
  const transport = new FakeTransport()
  let notify: (signal: 'online' | 'visible') => void = () => {}
  const errors: string[] = []
  const failures: (string | undefined)[] = []
  const states: string[] = []
  const thrown: unknown[] = []
  const listen = (signal: AbortSignal, seam: Seam): void =>
    signal.addEventListener(
      'abort',
      wrap(seam, () => {}),
    )
  const options: ConnectionOptions = {
    autoOpen: false,
    transport,
    clock: {
      now: wrap('clock.now', () => clock.now()),
      wall: wrap('clock.wall', () => clock.wall()),
      setTimeout: wrap('clock.setTimeout', (callback: () => void, delay: number) => clock.setTimeout(callback, delay)),
      clearTimeout: wrap('clock.clearTimeout', (handle: unknown) => clock.clearTimeout(handle)),
    },
    environment: {
      online: wrap('environment.online', () => true),
      subscribe: wrap('environment.subscribe', (told: typeof notify) => {
        notify = told
        return wrap('environment.unsubscribe', () => {})
      }),
    },
    random: wrap('random', () => 0.5),
    prepare: (link, context) => {
      listen(context.signal, 'prepare signal')
      return wrap('prepare', () => {
        link.send('hi')
      })()
    },
    codec: {
      encode: wrap('codec.encode', (message: SendData) => message),
      decode: wrap('codec.decode', (frame: MessageData) => frame),
    },
    retry: wrap('retry', () => undefined),
    backoff: wrap('backoff', () => 500),
    heartbeat: {
      interval: 20_000,
      timeout: 10_000,
      when: 'always',
      proof: 'any',
      ping: wrap('heartbeat.ping', () => 'ping'),
      classify: wrap('heartbeat.classify', (frame: MessageData) =>
        frame === 'pong' ? 'pong' : frame === 'server ping' ? 'ping' : undefined,
      ),
      answer: wrap('heartbeat.answer', () => 'answer'),
    },
    queue: { messages: 1, overflow: 'drop-oldest' },
    highWaterMark: 1_000,
    inspect: { next: wrap('inspect option', () => {}) },
  }
  const connection = createConnection((context) => {
    listen(context.signal, 'url signal')
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a handler as well
    context.signal.onabort = wrap('url signal onabort', () => {})
    context.signal.addEventListener('abort', { handleEvent: wrap('url signal handleEvent', () => {}) })
    return wrap('url', () => 'ws://server.test/')()
  }, options)
  if (listened) connection.on('error', ({ code }) => void errors.push(code))
  const bitesErrors = wrap('on error', listen) !== listen
  // Without an error listener, reports go to the console.
  for (const type of types.filter((each) => each !== 'error' || bitesErrors)) {
    connection.on(
      type,
      wrap(`on ${type}`, () => {}),
    )
  }
  // Provokes reports for an error listener.
  if (bitesErrors) connection.on('open', bites.throws)
  connection.on('state', ({ state }) => void states.push(state))
  connection.on('close', ({ error }) => void failures.push(error?.code))
  connection.subscribe(wrap('subscribe', () => {}))
  connection['@@observable']().subscribe({ next: wrap('observable', () => {}) })
  connection.inspect(wrap('inspect', () => {}))
  connection.open()
  await drive(clock, transport, {
    send: () => {
      try {
        connection.send('message')
      } catch (error) {
        thrown.push(error)
      }
    },
    notify: () => notify('visible'),
  })
  void connection.close()
  await clock.advance(10_000)
  return { errors, failures, states, thrown }
}

async function socketLife(wrap: Wrap): Promise<Omit<Outcome, 'reached'>> {
  const clock = new TestClock()
  const transport = new FakeTransport()
  const url = wrap('socket url', (): string => 'ws://server.test/')
  const protocols = wrap('socket protocols', (): string[] => [])
  const socket = new ReconnectingWebSocket(
    () => url(),
    () => protocols(),
    {
      clock,
      transport,
      environment: { online: () => true, subscribe: () => () => {} },
      random: () => 0.5,
      debug: true,
      debugLogger: wrap('socket debugLogger', () => {}),
      shouldReconnectOnClose: wrap('socket shouldReconnectOnClose', () => true),
    },
  )
  for (const type of socketTypes) {
    socket[`on${type}`] = wrap(`socket on${type}`, () => {})
    // A separate function, because the same one counts once.
    const fresh = (seam: Seam): (() => unknown) => {
      const work = wrap(seam, () => {})
      return () => work()
    }
    socket.addEventListener(type, fresh(`socket ${type} listener`))
    socket.addEventListener(type, fresh(`socket ${type} listener once`), { once: true })
    socket.addEventListener(type, { handleEvent: fresh(`socket ${type} handleEvent`) })
  }
  socket.addEventListener(
    'own',
    wrap('socket dispatchEvent', () => {}),
  )
  const states: string[] = []
  const errors: string[] = []
  const failures: (string | undefined)[] = []
  socket.connection.on('state', ({ state }) => void states.push(state))
  socket.connection.on('close', ({ error }) => void failures.push(error?.code))
  socket.dispatchEvent(new Event('own'))
  await drive(clock, transport, { send: () => socket.send('message'), notify: () => {} })
  // A failed handshake is an `error` event.
  transport.sockets.at(-1)?.refuse()
  socket.close()
  await clock.advance(10_000)
  return { errors, failures, states, thrown: [] }
}

import { vi } from 'vitest'
import { createConnection } from '../../../src/create-connection.js'
import type { CloseEvent, Connection } from '../../../src/core/connection.types.js'
import type { Clock } from '../../../src/core/time/timers.js'
import type { Environment } from '../../../src/core/environment/environment.js'
import type { ConnectionState } from '../../../src/core/status.types.js'
import { defaultEngine } from '../../../src/core/engine/default.js'
import type { MakeEngine } from '../../../src/core/engine/engine.types.js'
import type { ConnectionError, ErrorCode } from '../../../src/core/errors.js'
import { settle, TestClock } from '../../../src/tools/testing/clock.js'
import { FakeTransport, type FakeSocket } from '../../../src/tools/testing/transport.js'
import type { SendData, MessageData, Socket, SocketSink, Target, Transport } from '../../../src/core/transport.js'
import { FakeEnvironment, types } from '../../support/setup.js'

/** The places where the connection calls code of the app or the runtime. */
export const seams = [
  ...types.map((type) => `on ${type}` as const),
  'subscribe',
  'inspect option',
  'inspect',
  'url',
  'prepare',
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
  'transport.connect',
  'socket.abandon',
] as const

export type Seam = (typeof seams)[number]

/** What a trap does in place of the function. */
export type Bite = 'throw' | 'reject'

/** The call of a seam that fails. */
export interface Trap {
  readonly seam: Seam
  /** 1 is the first. */
  readonly call: number
  /** A function: what a call without the fault would do instead. */
  readonly bite: Bite | (() => unknown)
}

/** Whether the engine processes an event right now. */
const turns = { depth: 0 }

function inTurn(work: () => void): void {
  turns.depth++
  try {
    work()
  } finally {
    turns.depth--
  }
}

/** The default engine, with a record of when it processes an event, whether sent or from a timer. */
const watchedEngine: MakeEngine = (port, timers) => {
  const engine = defaultEngine(port, {
    setTimeout: (callback, delay) => timers.setTimeout(() => inTurn(callback), delay),
    clearTimeout: (handle) => timers.clearTimeout(handle),
  })
  const send = engine.send.bind(engine)
  engine.send = (event) => inTurn(() => send(event))
  return engine
}

/** The result of a run. */
export interface Run {
  /** The reported states, without repeats. */
  readonly states: readonly ConnectionState[]
  readonly errors: readonly ConnectionError[]
  readonly closes: readonly CloseEvent[]
  /** What `send` threw. */
  readonly thrown: readonly unknown[]
  /** How often each seam was called. */
  readonly calls: ReadonlyMap<Seam, number>
  /** In which states each seam was called. */
  readonly where: ReadonlyMap<Seam, ReadonlySet<ConnectionState>>
  /** The seams that were called inside a turn of the chart. */
  readonly insideTurns: ReadonlySet<Seam>
  /** The number of attempts when the trap fired; 0 if it did not. */
  readonly bitAt: number
  /** What is left after the end. */
  readonly left: { readonly sockets: number; readonly timers: number; readonly subscriptions: number }
}

/** A connection with counted seams, one of which may be trapped, and the environment it runs in. */
class Living {
  readonly clock = new TestClock()
  readonly environment = new FakeEnvironment()
  readonly transport: FakeTransport
  readonly connection: Connection
  readonly states: ConnectionState[] = []
  readonly errors: ConnectionError[] = []
  readonly closes: CloseEvent[] = []
  readonly thrown: unknown[] = []
  readonly calls = new Map<Seam, number>()
  readonly where = new Map<Seam, Set<ConnectionState>>()
  readonly insideTurns = new Set<Seam>()
  bitAt = 0
  dials = 0
  readonly #trap: Trap | undefined
  readonly #refused: ReadonlySet<number>

  constructor(trap: Trap | undefined, refused: readonly number[]) {
    this.#trap = trap
    this.#refused = new Set(refused)
    this.transport = new FakeTransport({ onSocket: (socket) => this.#serve(socket) })
    const { clock, environment, transport } = this
    const seam = <A extends unknown[], R>(name: Seam, call: (...parts: A) => R): ((...parts: A) => R) =>
      this.#seam(name, call)
    const seamedClock: Clock = {
      now: seam('clock.now', () => clock.now()),
      wall: seam('clock.wall', () => clock.wall()),
      setTimeout: seam('clock.setTimeout', (callback: () => void, delay: number) => clock.setTimeout(callback, delay)),
      clearTimeout: seam('clock.clearTimeout', (handle: unknown) => clock.clearTimeout(handle)),
    }
    const seamedEnvironment: Environment = {
      online: seam('environment.online', () => environment.online()),
      subscribe: seam('environment.subscribe', (notify: Parameters<Environment['subscribe']>[0]) =>
        seam('environment.unsubscribe', environment.subscribe(notify)),
      ),
    }
    const seamedTransport: Transport = {
      connect: seam('transport.connect', (target: Target, sink: SocketSink): Socket => {
        const socket = transport.connect(target, sink) as FakeSocket
        socket.abandon = seam('socket.abandon', socket.abandon.bind(socket))
        return socket
      }),
    }
    this.connection = createConnection(
      // An attempt begins here.
      (context) => (this.dials++, this.#urlOf(context)),
      {
        engine: watchedEngine,
        autoOpen: false,
        clock: seamedClock,
        environment: seamedEnvironment,
        transport: seamedTransport,
        random: seam('random', () => 0.5),
        prepare: seam('prepare', () => undefined),
        codec: {
          encode: seam('codec.encode', (message: SendData) => message),
          decode: seam('codec.decode', (frame: MessageData) => {
            if (frame === 'garbage') throw new SyntaxError('garbage')
            return frame
          }),
        },
        retry: seam('retry', () => undefined),
        backoff: seam('backoff', ({ attempt }: { attempt: number }) => attempt * 100),
        heartbeat: {
          interval: 20_000,
          timeout: 10_000,
          when: 'idle',
          proof: 'any',
          ping: seam('heartbeat.ping', () => 'ping'),
          classify: seam('heartbeat.classify', (frame: MessageData) =>
            frame === 'pong' ? 'pong' : frame === 'server ping' ? 'ping' : undefined,
          ),
          answer: seam('heartbeat.answer', () => 'answer'),
        },
        queue: { messages: 2, overflow: 'drop-oldest' },
        highWaterMark: 1_000,
        inspect: { next: seam('inspect option', () => undefined) },
      },
    )
    this.#listen(seam)
  }

  readonly #urlOf = this.#seam('url', (_context: unknown) => 'ws://server.test/')

  #listen(seam: (name: Seam, call: () => undefined) => () => undefined): void {
    const { connection } = this
    for (const type of types)
      connection.on(
        type,
        seam(`on ${type}`, () => undefined),
      )
    connection.on('error', (error) => this.errors.push(error))
    connection.inspect(seam('inspect', () => undefined))
    // Listeners after one that throws are still called.
    connection.on('state', ({ state }) => {
      if (this.states.at(-1) !== state) this.states.push(state)
    })
    connection.on('close', (event) => this.closes.push(event))
    connection.subscribe(seam('subscribe', () => undefined))
  }

  #seam<A extends unknown[], R>(name: Seam, call: (...parts: A) => R): (...parts: A) => R {
    return (...parts) => {
      const count = (this.calls.get(name) ?? 0) + 1
      this.calls.set(name, count)
      if (turns.depth > 0) this.insideTurns.add(name)
      // Not while the connection is being created.
      const state = this.connection?.state ?? 'idle'
      this.where.set(name, (this.where.get(name) ?? new Set()).add(state))
      const trap = this.#trap
      if (trap?.seam !== name || trap.call !== count) return call(...parts)
      this.bitAt = this.dials
      if (typeof trap.bite === 'function') return trap.bite() as R
      const bitten = new Error(`${name} bites`)
      if (trap.bite === 'reject') return Promise.reject(bitten) as R
      throw bitten
    }
  }

  #serve(socket: FakeSocket): void {
    if (this.#refused.has(this.dials)) {
      socket.refuse()
      return
    }
    const { send } = socket
    socket.send = (data) => {
      send.call(socket, data)
      if (data === 'ping') queueMicrotask(() => socket.message('pong'))
    }
    socket.accept()
  }

  /** Time passes on both clocks: the injected one, and the system's, which takes over if the injected one throws. */
  async pass(by: number): Promise<void> {
    for (let passed = 0; passed < by; passed += 250) {
      const step = Math.min(250, by - passed)
      await this.clock.advance(step)
      vi.advanceTimersByTime(step)
      await settle()
    }
  }

  async until(state: ConnectionState): Promise<void> {
    for (let step = 0; step < 400 && this.connection.state !== state; step++) await this.pass(250)
    if (this.connection.state !== state) throw new Error(`${this.connection.state}, and never ${state}`)
  }

  send(message: string, ttl?: number): void {
    try {
      this.connection.send(message, ttl === undefined ? {} : { ttl })
    } catch (thrown) {
      this.thrown.push(thrown)
    }
  }

  /** Opens, talks, drops messages, probes, loses, is refused, suspended, replaced and closed; then again. */
  async run(): Promise<void> {
    const { connection, transport, environment } = this
    this.send('early')
    connection.open()
    await this.until('open')
    for (const frame of ['hello', 'server ping', 'garbage', 'bye']) transport.last.message(frame)
    this.send('now')
    await this.#drop()
    // The heartbeat pings, and a probe does.
    await this.pass(25_000)
    for (const signal of ['offline', 'visible', 'online'] as const) {
      environment.emit(signal)
      await settle()
    }
    connection.markHealthy()
    await settle()
    await this.#lose()
    environment.emit('online')
    await this.until('open')
    environment.isOnline = false
    connection.reconnect()
    await settle()
    environment.emit('online')
    await this.until('open')
    await this.#lose()
    environment.emit('offline')
    await settle()
    environment.emit('online')
    await this.until('open')
    await this.pass(11_000)
    const closed = connection.close()
    await settle()
    transport.last.end({ code: 1000 })
    await closed
    connection.open()
    await this.until('open')
    void connection.close()
    await this.until('ended')
  }

  async #drop(): Promise<void> {
    const { last } = this.transport
    last.bufferedAmount = 5_000
    this.send('waits')
    this.send('expires', 1)
    this.send('expires too', 1)
    await this.pass(250)
    last.bufferedAmount = 0
    await this.pass(250)
  }

  async #lose(): Promise<void> {
    this.transport.last.end({ code: 1006 })
    await settle()
  }
}

/**
 * Runs a connection through a sequence in which every seam is called. `refused`: the attempts that the server refuses.
 * Real timers must be faked, since they take over if the clock throws.
 */
export async function run(trap?: Trap, refused: readonly number[] = []): Promise<Run> {
  const living = new Living(trap, refused)
  await living.run()
  const { states, errors, closes, thrown, calls, where, insideTurns, bitAt, transport, clock, environment } = living
  // A timer that could not be cleared may still fire; it must have no effect.
  if (trap?.seam === 'clock.clearTimeout') await living.pass(60_000)
  const left = {
    sockets: transport.alive,
    timers: clock.pending + vi.getTimerCount(),
    subscriptions: environment.listeners.size,
  }
  return { states, errors, closes, thrown, calls, where, insideTurns, bitAt, left }
}

/** Collects errors that no one handled and that would end a process or show up in a page's error log. */
export function watchEscapes(): { readonly escaped: unknown[]; stop: () => Promise<void> } {
  const escaped: unknown[] = []
  const note = (thrown: unknown): void => void escaped.push(thrown)
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
  return {
    escaped,
    stop: async () => {
      // Node reports a rejection at the end of the event loop turn.
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
      process.off('unhandledRejection', note)
      process.off('uncaughtException', note)
    },
  }
}

export const codesOf = (errors: readonly ConnectionError[]): ErrorCode[] => errors.map(({ code }) => code)

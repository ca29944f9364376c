import { afterEach, expect, vi } from 'vitest'
import {
  createConnection,
  fixedBackoff,
  protocolPing,
  textHeartbeat,
  webSocketTransport,
  type CloseEvent,
  type Connection,
  type ConnectionError,
  type ConnectionEventMap,
  type ConnectionOptions,
  type SendData,
  type DroppedEvent,
  type MessageData,
  type Heartbeat,
  type Socket,
  type Transport,
  type UrlProvider,
} from '../../../src/index.js'
import { createFaultServer, type FaultServer, type FaultServerOptions } from '../../../src/tools/testing/index.js'
import { wsTransport } from '../../../src/transports/ws.js'

/** The minimum time between two automatic dials of a connection of this room. Milliseconds. */
const wait = 50

/** A runtime's sockets, and a matching heartbeat. */
export interface Over {
  readonly name: 'ws' | 'the global WebSocket'
  readonly transport: () => Transport
  readonly heartbeat: (interval: number, timeout: number) => Heartbeat
}

export const overWs: Over = {
  name: 'ws',
  transport: () => wsTransport(),
  heartbeat: (interval, timeout) => protocolPing({ interval, timeout }),
}

export const overGlobal: Over = {
  name: 'the global WebSocket',
  transport: () => webSocketTransport(),
  // The servers of this room echo.
  heartbeat: (interval, timeout) => textHeartbeat({ interval, timeout, ping: 'ping', pong: 'ping' }),
}

/** Both, if the runtime has its own WebSocket. */
export const overs = globalThis.WebSocket === undefined ? [overWs] : [overWs, overGlobal]

/** Counts a transport's sockets that are neither closed nor abandoned. */
export class Watched implements Transport {
  dials = 0
  alive = 0
  most = 0
  onPing: (() => void) | undefined
  readonly #inner: Transport

  constructor(inner: Transport) {
    this.#inner = inner
  }

  connect: Transport['connect'] = (target, sink) => {
    this.dials += 1
    this.alive += 1
    this.most = Math.max(this.most, this.alive)
    let counted = true
    const over = (): void => {
      if (counted) this.alive -= 1
      counted = false
    }
    const socket: Socket = this.#inner.connect(target, {
      opened: (info) => sink.opened(info),
      message: (data) => sink.message(data),
      alive: (frame) => sink.alive(frame),
      failed: (detail) => sink.failed(detail),
      closed: (close, answered) => {
        over()
        sink.closed(close, answered)
      },
    })
    const abandon = socket.abandon.bind(socket)
    socket.abandon = (code, reason) => {
      over()
      abandon(code, reason)
    }
    const ping = socket.ping?.bind(socket)
    if (ping !== undefined) {
      socket.ping = () => {
        ping()
        this.onPing?.()
      }
    }
    return socket
  }
}

/** A connection and everything it reported. */
export interface Life<In = MessageData, Out = SendData> {
  readonly connection: Connection<In, Out>
  readonly watched: Watched
  readonly states: string[]
  readonly closes: CloseEvent[]
  readonly delays: { readonly delay: number; readonly hinted: boolean }[]
  readonly heard: In[]
  readonly dropped: DroppedEvent<In, Out>[]
  readonly errors: ConnectionError[]
  readonly beats: number[]
}

export interface LifeOptions<In, Out> extends ConnectionOptions<In, Out> {
  /** Error codes the test provokes; any other one fails it. */
  readonly expectedErrors?: readonly string[]
  /** How many additional dials the app makes itself, by `reconnect` and `open`. */
  readonly ownDials?: number
}

// Real sockets, processes and delays, perhaps on a busy machine.
vi.setConfig({ testTimeout: 40_000, hookTimeout: 20_000 })

const cleanup: (() => unknown)[] = []
const checks: (() => void)[] = []
const escaped: unknown[] = []
const escape = (error: unknown): void => void escaped.push(error)
process.on('unhandledRejection', escape)
process.on('uncaughtExceptionMonitor', escape)

afterEach(async () => {
  try {
    for (const check of checks.splice(0)) check()
  } finally {
    // Stops everything that was started, even if a check or another step fails.
    checks.splice(0)
    const steps = cleanup.splice(0).reverse()
    const failures: unknown[] = []
    for (const step of steps)
      await Promise.resolve()
        .then(step)
        .catch((error: unknown) => failures.push(error))
    expect([...failures, ...escaped.splice(0)]).toEqual([])
  }
})

/** Runs `step` when the test is over, in reverse order. */
export function afterwards(step: () => unknown): void {
  cleanup.push(step)
}

/** A fault server for this test. */
export async function serve(options: FaultServerOptions = {}): Promise<FaultServer> {
  const server = await createFaultServer(options)
  afterwards(() => server.close())
  return server
}

/** A connection for this test, not dialed yet. Its invariants are checked when the test is over. */
export function connect<In = MessageData, Out = SendData>(
  over: Over,
  url: string | UrlProvider,
  { expectedErrors = [], ownDials = 0, ...options }: LifeOptions<In, Out> = {},
): Life<In, Out> {
  const watched = new Watched(options.transport ?? over.transport())
  const connection = createConnection<In, Out>(url, {
    backoff: fixedBackoff(wait),
    autoOpen: false,
    ...options,
    transport: watched,
  })
  const life: Life<In, Out> = {
    connection,
    watched,
    states: [],
    closes: [],
    delays: [],
    heard: [],
    dropped: [],
    errors: [],
    beats: [],
  }
  connection.on('state', ({ state }) => life.states.at(-1) !== state && life.states.push(state))
  connection.on('close', (event) => life.closes.push(event))
  connection.on('backoff', ({ delay, hinted }) => life.delays.push({ delay, hinted }))
  connection.on('message', (message) => life.heard.push(message))
  connection.on('dropped', (event) => life.dropped.push(event))
  connection.on('error', (error) => life.errors.push(error))
  connection.on('heartbeat', ({ rtt }) => life.beats.push(rtt))
  const start = performance.now()
  checks.push(() => {
    expect(watched.most, 'sockets at a time').toBeLessThanOrEqual(1)
    const most = 2 + ownDials + (performance.now() - start) / (0.8 * wait)
    expect(watched.dials, 'a hot loop').toBeLessThanOrEqual(most)
    expect(life.errors.filter(({ code }) => !expectedErrors.includes(code))).toEqual([])
  })
  afterwards(() => connection.close())
  return life
}

/** Asserts that no two links of this server were open at a time. Only `ws` drops TCP immediately. */
export function oneLinkAtATime(over: Over, server: FaultServer): void {
  if (over.name === 'ws') expect(server.counts.maxOpen).toBeLessThanOrEqual(1)
}

/** How long a wait may take before the test fails. Generous: the machine may be busy. */
const patience = 10_000

/** Waits until `assertion` no longer throws. */
export async function until(assertion: () => unknown): Promise<void> {
  const deadline = performance.now() + patience
  for (;;) {
    try {
      await assertion()
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
    await pause(5)
  }
}

/** Dials, and waits until open. */
export async function opened({
  connection,
}: {
  readonly connection: Pick<Connection, 'open' | 'opened'>
}): Promise<void> {
  connection.open()
  await connection.opened({ signal: AbortSignal.timeout(patience) })
}

export async function ended({ connection }: { readonly connection: Pick<Connection, 'ended'> }): Promise<void> {
  await connection.ended({ signal: AbortSignal.timeout(patience) })
}

export function next<K extends keyof ConnectionEventMap<MessageData, SendData>>(
  connection: Connection,
  type: K,
): Promise<ConnectionEventMap<MessageData, SendData>[K]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no '${type}' within ${patience} ms`)), patience)
    connection.on(
      type,
      (event) => {
        clearTimeout(timer)
        resolve(event)
      },
      { once: true },
    )
  })
}

/** Only to show that nothing happens. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Blocks the event loop until `done`, and for at least this long. */
export function block(ms: number, done: () => boolean = () => true): void {
  const start = performance.now()
  while (performance.now() - start < ms || !done()) {
    if (performance.now() - start > patience) throw new Error('blocked for too long')
  }
}

import { createConnection } from '../../../src/create-connection.js'
import type { CloseEvent, Connection, DropReason } from '../../../src/core/connection.types.js'
import type { UrlContext } from '../../../src/core/target/provider.types.js'
import type { Link } from '../../../src/core/feature.js'
import type { ReaderOverflow } from '../../../src/core/features/reader.js'
import type { SendOptions } from '../../../src/index.js'
import type { QueueBounds } from '../../../src/core/features/send-queue.js'
import { ConnectionError } from '../../../src/core/errors.js'
import type { ConnectionStatus } from '../../../src/core/status.types.js'
import type { Backoff } from '../../../src/core/policies/backoff.js'
import type { Heartbeat } from '../../../src/core/policies/profile.js'
import { TestClock } from '../../../src/tools/testing/clock.js'
import { FakeTransport, type FakeSocket } from '../../../src/tools/testing/transport.js'
import type { SendData, MessageData, Socket, SocketSink, Target } from '../../../src/core/transport.js'
import { FakeEnvironment } from '../../support/setup.js'

/** The kind of connection and environment that a schedule runs against. */
export interface Scene {
  readonly heartbeat: Heartbeat
  readonly ping: boolean
  readonly pause: boolean
  /** The URL is a function whose results the schedule provides. */
  readonly provider: boolean
  /** There is a `prepare` hook whose outcomes the schedule provides. */
  readonly prepare: boolean
  readonly queue: QueueBounds
  readonly backoff: Backoff | undefined
  /** The `retry` policy declines from this attempt on. */
  readonly attempts: number
  readonly connectTimeout: number | undefined
  readonly closeTimeout: number
  readonly stableAfter: number
  /** The server answers pings. */
  readonly lively: boolean
  /** Promises hardly settle between steps. */
  readonly hurried: boolean
  readonly seed: number
}

const readyStates = { idle: 3, connecting: 0, open: 1, closing: 2, backoff: 3, suspended: 3, ended: 3 } as const
const isLive = ({ state }: ConnectionStatus): boolean => readyStates[state] !== 3

/** Milliseconds; far above every delay in the schedules, so each wait ends within it. */
const longEnough = 120_000
const highWaterMark = 1_000
const hintCap = 300_000

interface Message {
  readonly id: number
  /** On the clock. */
  readonly expires: number
  readonly key: string | undefined
  /** `refused`: the overflow policy discarded it in `send` itself. */
  fate: 'queued' | 'sent' | DropReason
}

/** A socket and its recorded facts. */
interface Line {
  readonly socket: FakeSocket
  dead: boolean
  prepared: boolean
  /** A ping was sent, and no proof of liveness has arrived since. */
  pinged: boolean
  /** The number of pings without a reply. */
  outstanding: number
  /** Reading is paused, so no reply is visible. */
  paused: boolean
}

interface Reader {
  readonly iterator: AsyncIterableIterator<MessageData>
  readonly from: number
  last: number
  received: number
  left: boolean
}

/** A promise that the schedule settles. */
class Question<T> {
  readonly promise: Promise<T>
  readonly signal: AbortSignal
  answered = false
  #resolve!: (value: T) => void
  #reject!: (reason: unknown) => void

  constructor(signal: AbortSignal) {
    this.signal = signal
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  resolve(value: T): void {
    this.answered = true
    this.#resolve(value)
  }

  reject(reason: unknown): void {
    this.answered = true
    this.#reject(reason)
  }
}

class WatchedTransport extends FakeTransport {
  onConnect!: (socket: FakeSocket) => void

  override connect(target: Target, sink: SocketSink): Socket {
    const socket = super.connect(target, sink) as FakeSocket
    this.onConnect(socket)
    return socket
  }
}

/** mulberry32: the same numbers for the same seed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

async function microtasks(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve()
}

/**
 * A connection under observation. Everything it does is checked against what is allowed; violations are collected, not
 * thrown, since a throw in a listener would only become an `error` event.
 */
export class Watched {
  readonly clock = new TestClock()
  readonly environment = new FakeEnvironment()
  readonly transport: WatchedTransport
  readonly connection: Connection
  readonly breaches: string[] = []
  readonly #scene: Scene
  readonly #lines: Line[] = []
  readonly #questions: Question<string>[] = []
  readonly #hooks: Question<void>[] = []
  readonly #messages: Message[] = []
  readonly #readers: Reader[] = []
  /** Unsettled promises of `drained`, `opened` and `close`. */
  readonly #waiting = { drained: new Set<object>(), opened: new Set<object>(), close: new Set<object>() }
  /** A server that accepts, answers and pongs. */
  #kind = false
  #status: ConnectionStatus
  #dials = 0
  /** The app has opened the connection, so attempts are allowed. */
  #wanted = false
  /** No attempt may come before this time, at the server's request. */
  #notBefore = -Infinity
  #asked = 0
  /** When the current wait ends; on the clock. */
  #due = Infinity
  /** Timers may be late: the event loop was blocked during the wait. */
  #late = false
  #closes = 0
  #lastClose: CloseEvent | undefined
  #openedAt = 0
  #vouched = false
  #lastSent = -1
  #fates = { sent: 0, dropped: 0 }
  #said = 0
  #heard: number[] = []
  #unread = 0

  constructor(scene: Scene) {
    this.#scene = scene
    const { clock, environment } = this
    const { ping, pause, provider, prepare, attempts, backoff, connectTimeout } = scene
    this.transport = new WatchedTransport({
      capabilities: { ping, pause },
      onSocket: (socket) => this.#kind && socket.accept(),
    })
    this.transport.onConnect = (socket) => this.#connected(socket)
    this.connection = createConnection(provider ? (context) => this.#provide(context) : 'ws://server.test/', {
      autoOpen: false,
      transport: this.transport,
      clock,
      environment,
      random: seeded(scene.seed),
      heartbeat: scene.heartbeat,
      queue: scene.queue,
      retry: ({ attempt }) => (attempt >= attempts ? false : undefined),
      closeTimeout: scene.closeTimeout,
      stableAfter: scene.stableAfter,
      highWaterMark,
      ...(prepare ? { prepare: (link, { signal }) => this.#prepare(link, signal) } : {}),
      ...(backoff ? { backoff } : {}),
      ...(connectTimeout ? { connectTimeout } : {}),
    })
    this.#status = this.connection.status
    this.#listen()
  }

  // The moves of a schedule.

  open(): void {
    this.#command()
    this.connection.open()
  }

  reconnect(code?: number): void {
    this.#command()
    this.connection.reconnect(code)
  }

  close(code?: number): void {
    this.#wanted = false
    this.#track('close', this.connection.close(code))
  }

  markHealthy(): void {
    if (this.connection.state === 'open') this.#vouched = true
    this.connection.markHealthy()
  }

  send(size: number, options: SendOptions): void {
    const id = this.#messages.length
    const { ttl = Infinity, key } = options
    const message: Message = { id, expires: this.clock.now() + ttl, key, fate: 'queued' }
    this.#messages.push(message)
    try {
      const result = this.connection.send(`m${id}`.padEnd(size, '.'), options)
      const expected = message.fate === 'queued' || message.fate === 'sent' ? message.fate : 'dropped'
      // An expired or replaced message was accepted first.
      if (result !== expected && !(result === 'queued' && expected === 'dropped')) {
        this.#breach(`send() said ${result} of a message that was ${message.fate}`)
      }
    } catch (thrown) {
      this.#messages.pop()
      const code = thrown instanceof ConnectionError ? thrown.code : undefined
      const over = this.connection.state === 'ended' || this.connection.state === 'closing'
      if (over ? code !== 'ERR_ENDED' : code !== 'ERR_QUEUE_FULL') this.#breach(`send() threw ${String(thrown)}`)
    }
  }

  iterate(limit: number, overflow: ReaderOverflow): void {
    const iterator = this.connection.messages({ limit, overflow })
    this.#readers.push({ iterator, from: this.#heard.length, last: -1, received: 0, left: false })
  }

  read(which: number): void {
    const reader = this.#readers[which % this.#readers.length]
    if (reader !== undefined && !reader.left) void this.#take(reader)
  }

  leave(which: number): void {
    const reader = this.#readers[which % this.#readers.length]
    if (reader === undefined) return
    reader.left = true
    void reader.iterator.return!()
  }

  awaitDrained(): void {
    const drained = this.connection.drained()
    this.#track('drained', drained)
    // In a hurry the next send may come before its event.
    if (this.#scene.hurried) return
    const look = (): void => {
      const { queued } = this.connection.counters
      if (queued > 0) this.#breach(`drained() resolved although ${queued} messages wait`)
    }
    drained.then(look, () => {})
  }

  awaitOpened(): void {
    this.#track('opened', this.connection.opened())
  }

  accept(): void {
    const line = this.#line
    if (line === undefined || line.dead || line.socket.open || line.socket.count('close') > 0) return
    line.socket.accept()
  }

  say(): void {
    const line = this.#line
    if (line === undefined || line.dead || !line.socket.open) return
    if (this.#scene.heartbeat.proof === 'any') line.pinged = false
    const { state } = this.connection
    const id = this.#said++
    line.socket.message(`i${id}`)
    if (state === 'open' && this.#heard.at(-1) !== id) this.#breach(`message ${id} came while open and was not heard`)
  }

  pong(): void {
    const line = this.#line
    if (line === undefined || line.dead || !line.socket.open) return
    const { classify, proof } = this.#scene.heartbeat
    const isText = classify?.('pong') === 'pong'
    // Without a ping it would be a message for the app.
    if (isText && line.outstanding === 0) return
    if (proof === 'any' || line.outstanding > 0) line.pinged = false
    line.outstanding = isText ? line.outstanding - 1 : 0
    if (isText) line.socket.message('pong')
    else line.socket.pong()
  }

  serverPing(): void {
    const line = this.#line
    if (line === undefined || line.dead || !line.socket.open) return
    if (this.#scene.heartbeat.proof === 'any') line.pinged = false
    if (this.#scene.heartbeat.answer) line.socket.message('ping')
    else line.socket.serverPing()
  }

  end(code: number, reason: string): void {
    const line = this.#line
    if (line === undefined || line.dead) return
    const hint = /retry-after=(\d+)/.exec(reason)
    this.#asked = Math.min(hintCap, Math.max(code === 1013 ? 2_000 : 0, Number(hint?.[1] ?? 0) * 1_000))
    line.socket.end({ code, reason })
    this.#asked = 0
  }

  refuse(status: number | undefined, retryAfter: number | undefined): void {
    const line = this.#line
    if (line === undefined || line.dead || line.socket.open) return
    this.#asked = Math.min(hintCap, retryAfter ?? 0)
    line.socket.refuse({
      ...(status === undefined ? {} : { status }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    })
    this.#asked = 0
  }

  /** From now on the link carries nothing in either direction. */
  die(): void {
    if (this.#line !== undefined) this.#line.dead = true
  }

  buffer(bytes: number): void {
    if (this.#line !== undefined) this.#line.socket.bufferedAmount = bytes
  }

  /** A runtime that does not pause on request. */
  late(which: number, what: 'opened' | 'message' | 'alive' | 'failed' | 'closed'): void {
    const over = this.#lines.filter(({ socket }) => socket.over)
    const sink = over[which % over.length]?.socket.lateSink
    if (sink === undefined) return
    const { status } = this.connection
    if (what === 'opened') sink.opened({ protocol: 'late', extensions: '' })
    else if (what === 'message') sink.message('late')
    else if (what === 'alive') sink.alive('pong')
    else if (what === 'failed') sink.failed({ error: new Error('late'), fatal: true })
    else sink.closed({ code: 1000, reason: 'late', wasClean: true })
    if (this.connection.status !== status) this.#breach(`a late ${what} of an old socket changed the status`)
  }

  provide(answer: 'good' | 'reject' | 'nonsense'): void {
    const question = this.#questions.find(({ answered }) => !answered)
    if (answer === 'reject') question?.reject(new Error('no ticket'))
    else question?.resolve(answer === 'good' ? 'ws://server.test/' : (17 as never))
  }

  finishPreparing(answer: 'good' | 'reject'): void {
    const hook = this.#hooks.find(({ answered }) => !answered)
    if (answer === 'reject') hook?.reject(new Error('not you'))
    else hook?.resolve()
  }

  /** The server does everything that leads to an open connection, as far as it is asked. */
  async serve(): Promise<void> {
    const step = async (act: () => void): Promise<void> => {
      await microtasks(12)
      act()
    }
    await step(() => this.provide('good'))
    await step(() => this.accept())
    await step(() => this.finishPreparing('good'))
    await microtasks(12)
  }

  async pass(by: number): Promise<void> {
    await this.clock.advance(by)
  }

  passAtOnce(by: number): void {
    this.#late = true
    this.clock.advanceSync(by)
  }

  block(by: number): void {
    this.#late = true
    this.clock.block(by)
  }

  sleep(by: number): void {
    this.clock.sleep(by)
  }

  // Invariants.

  /** Lets a step take effect and checks all invariants. */
  async check(): Promise<void> {
    this.#look()
    await microtasks(this.#scene.hurried ? 1 : 12)
    this.#look()
  }

  /** From any end of the schedule, `open()` leads to a link, and `close()` to the end. */
  async finish(): Promise<void> {
    this.#kind = true
    await this.#finishOpening()
    await this.#finishDraining()
    await this.#finishClosing()
    await this.#finishReading()
  }

  async #finishOpening(): Promise<void> {
    for (let tries = 0; tries < 2; tries++) {
      const { state } = this.connection
      if (state === 'open') return
      const dials = this.#dials
      this.open()
      await microtasks(12)
      if (state !== 'connecting' && this.#dials === dials) this.#breach(`open() in ${state} led to no dial`)
      // Operations started before the server became cooperative may run into their deadline, and a policy may then
      // decline.
      await this.#passKindly(longEnough, () => this.connection.state === 'open')
    }
    if (this.connection.state !== 'open') this.#breach(`open() led to ${this.connection.state}`)
  }

  async #finishDraining(): Promise<void> {
    this.buffer(0)
    if (this.#line !== undefined) this.#line.dead = false
    await this.#passKindly(1_000)
    const { queued } = this.connection.counters
    if (queued > 0) this.#breach(`${queued} messages wait although the link is open and free`)
    for (const what of ['drained', 'opened'] as const) {
      const { size } = this.#waiting[what]
      if (size > 0) this.#breach(`${size} promises of ${what}() are pending although it is`)
    }
  }

  async #finishClosing(): Promise<void> {
    this.close(4_999)
    this.#look()
    // The server does not answer.
    await this.clock.advance(this.#scene.closeTimeout)
    this.#look()
    if (this.connection.state !== 'ended') this.#breach(`close() led to ${this.connection.state}`)
    if (this.#waiting.close.size > 0) this.#breach('a promise of close() is pending although it has ended')
    const dials = this.#dials
    await this.clock.advance(longEnough)
    if (this.#dials !== dials) this.#breach('dialed after close() had settled')
    this.#look()
  }

  /** Time passes, and a server that pings does so. */
  async #passKindly(by: number, enough = (): boolean => false): Promise<void> {
    const { ping, interval } = this.#scene.heartbeat
    const step = Math.min(by, 5_000, ping === 'none' ? interval / 2 : Infinity)
    for (let passed = 0; passed < by && !enough(); passed += step) {
      this.serverPing()
      await this.clock.advance(step)
      this.#look()
    }
  }

  async #finishReading(): Promise<void> {
    let expected = 0
    let received = 0
    for (const reader of this.#readers) {
      for (let reads = 0; reads <= this.#heard.length && !reader.left; reads++) {
        if (await this.#take(reader)) break
        if (reads === this.#heard.length) this.#breach('an iterator does not end although the connection has')
      }
      expected += this.#heard.length - reader.from
      received += reader.received
    }
    const someLeft = this.#readers.some(({ left }) => left)
    if (!someLeft && received + this.#unread !== expected) {
      this.#breach(`${expected} messages for iterators: ${received} read, ${this.#unread} reported as unread`)
    }
  }

  #look(): void {
    const { connection, transport, clock, environment } = this
    const { status, state, counters } = connection
    if (status !== this.#status) this.#breach(`the status changed to ${state} without an event`)
    if (connection.getSnapshot() !== status || status.state !== state) this.#breach('two statuses at once')
    if (connection.readyState !== readyStates[state] || status.readyState !== readyStates[state]) {
      this.#breach(`readyState is ${connection.readyState} in ${state}`)
    }
    const alive = transport.alive
    if (alive > 1) this.#breach(`${alive} sockets at once`)
    if (alive > 0 && !isLive(status)) this.#breach(`a socket in ${state}`)
    if (state === 'open' && alive !== 1) this.#breach('open without a socket')
    const rests = state === 'idle' || state === 'ended'
    if (rests && clock.pending > 0) this.#breach(`${clock.pending} timers in ${state}`)
    if (rests && environment.listeners.size > 0) this.#breach(`listens to the environment in ${state}`)
    if (!rests && environment.listeners.size !== 1) {
      this.#breach(`${environment.listeners.size} subscriptions to the environment in ${state}`)
    }
    const unaborted = this.#questions.filter(({ signal }) => !signal.aborted).length
    if (unaborted > (isLive(status) ? 1 : 0)) this.#breach(`${unaborted} signals not aborted in ${state}`)
    this.#lookAtQueue(counters)
    if (this.breaches.length > 0) throw new Error(this.breaches.join('\n'))
  }

  #lookAtQueue({ queued, sent }: { queued: number; sent: number }): void {
    const waiting = this.#messages.length - this.#fates.sent - this.#fates.dropped
    if (queued !== waiting) this.#breach(`counters.queued is ${queued}, and ${waiting} messages are unsettled`)
    if (sent !== this.#fates.sent) this.#breach(`counters.sent is ${sent} of ${this.#fates.sent}`)
    const { messages } = this.#scene.queue
    if (queued > messages) this.#breach(`${queued} messages in a queue for ${messages}`)
    if (this.connection.state === 'ended' && queued > 0) this.#breach(`${queued} messages queued in ended`)
  }

  // Actions of the connection.

  #listen(): void {
    const { connection } = this
    connection.on('state', (status) => this.#changed(status))
    connection.on('close', (event) => this.#closed(event))
    connection.on('backoff', ({ delay, retryAt, hinted, attempt }) => {
      const { status } = connection
      const agrees = status.state === 'backoff' && status.delay === delay && status.retryAt === retryAt
      if (!agrees || status.hinted !== hinted || status.attempt !== attempt) this.#breach('backoff contradicts status')
    })
    connection.on('open', ({ attempt }) => {
      if (connection.state !== 'open' || attempt !== connection.status.attempt) this.#breach('open contradicts status')
    })
    connection.on('message', (data) => this.#hear(data as string))
    connection.on('dropped', ({ data, reason }) => {
      if (reason === 'unread') this.#unread++
      else this.#dropped(data as string, reason)
    })
    connection.on('error', (error) => this.#breach(`an error: ${error.code}: ${String(error.cause)}`))
  }

  #changed(next: ConnectionStatus): void {
    const before = this.#status
    this.#status = next
    if (!Object.isFrozen(next)) this.#breach('a status that can be changed')
    const starts = next.state === 'connecting' && next.phase === 'resolving'
    // A new attempt is reported even if it looks like the previous one.
    if (!starts && sameFields(before, next)) this.#breach(`a change of status that changes nothing: ${next.state}`)
    this.#checkAttempt(before, next)
    if (starts || !isLive(next)) this.#checkCloses(before, next)
    if (starts && next.why === 'retry') this.#checkDue()
    if (next.state === 'backoff' || next.state === 'suspended') {
      this.#due = this.clock.now() + next.delay
      this.#late = false
    }
    if (next.state === 'open' && before.state !== 'open') {
      this.#openedAt = this.clock.now()
      this.#vouched = false
    }
    if (next.state === 'ended') this.#wanted = false
  }

  #checkAttempt(before: ConnectionStatus, next: ConnectionStatus): void {
    if (next.attempt > before.attempt) {
      if (next.attempt !== before.attempt + 1 || next.loss === before.loss) {
        this.#breach(`attempt ${before.attempt} became ${next.attempt} without a loss`)
      }
    } else if (next.attempt < before.attempt) {
      const stable = this.#vouched || this.clock.now() - this.#openedAt >= this.#scene.stableAfter
      const settled = next.state === 'open' && next.stable && stable
      const anew = next.state === 'connecting' && (next.why === 'open' || before.state === 'ended')
      if (next.attempt !== 1 || !(settled || anew)) {
        this.#breach(`attempt ${before.attempt} became ${next.attempt} in ${next.state} (${next.why})`)
      }
    }
  }

  #checkCloses(before: ConnectionStatus, next: ConnectionStatus): void {
    const expected = isLive(before) ? 1 : 0
    if (this.#closes !== expected) {
      this.#breach(`${this.#closes} close events from ${before.state} to ${next.state}`)
    }
    const event = this.#lastClose
    if (event !== undefined && this.#closes > 0) {
      if (event.willRetry !== next.willRetry) this.#breach(`willRetry ${event.willRetry} before ${next.state}`)
      const waits = next.state === 'backoff' || next.state === 'suspended'
      const delay = waits ? next.delay : next.willRetry ? 0 : undefined
      if (event.delay !== delay) this.#breach(`close said delay ${event.delay} before ${next.state} of ${delay}`)
    }
    this.#closes = 0
  }

  /** A dial after a wait comes at the time in the status. */
  #checkDue(): void {
    const early = this.#due - this.clock.now()
    // A runtime rounds up to a millisecond and may be early by a fraction of one.
    if (early > 1 || (early < -1 && !this.#late)) this.#breach(`dialed ${early} ms before the announced time`)
  }

  #closed(event: CloseEvent): void {
    this.#closes++
    this.#lastClose = event
    if (!isLive(this.#status)) this.#breach(`a close event in ${this.#status.state}`)
    // Once the app has decided, the server's earlier request no longer applies to the next attempt.
    if (event.willRetry && this.#asked > 0) this.#notBefore = this.clock.now() + this.#asked
  }

  #command(): void {
    this.#wanted = true
    this.#notBefore = -Infinity
  }

  #dial(what: string): void {
    this.#dials++
    if (!this.#wanted) this.#breach(`${what} although the connection is closed`)
    const early = this.#notBefore - this.clock.now()
    if (early > 1) this.#breach(`${what} ${early} ms before the server allows it`)
  }

  #provide({ signal, attempt }: UrlContext): string | Promise<string> {
    this.#dial('the provider is called')
    if (attempt !== this.connection.status.attempt) this.#breach('the provider receives another attempt')
    if (this.#kind) return 'ws://server.test/'
    const question = new Question<string>(signal)
    this.#questions.push(question)
    return question.promise
  }

  #prepare(link: Link, signal: AbortSignal): Promise<void> | undefined {
    const line = this.#line!
    link.send('auth')
    if (this.#kind) {
      line.prepared = true
      return undefined
    }
    const hook = new Question<void>(signal)
    this.#hooks.push(hook)
    return hook.promise.then(() => void (line.prepared = true))
  }

  #connected(socket: FakeSocket): void {
    this.#dial('a socket is made')
    if (this.transport.alive > 1) this.#breach('a second socket is made')
    const line: Line = {
      socket,
      dead: false,
      prepared: !this.#scene.prepare,
      pinged: false,
      outstanding: 0,
      paused: false,
    }
    this.#lines.push(line)
    const { send, ping, pause, resume } = socket
    socket.send = (data) => {
      send.call(socket, data)
      this.#sent(line, data)
    }
    if (ping) {
      socket.ping = () => {
        ping()
        this.#pinged(line)
      }
    }
    const reads = (does: boolean, act: () => void) => (): void => {
      line.pinged = false
      line.paused = !does
      act()
    }
    if (pause) socket.pause = reads(false, pause)
    if (resume) socket.resume = reads(true, resume)
  }

  #sent(line: Line, data: SendData): void {
    if (data === 'ping') this.#pinged(line)
    if (typeof data !== 'string' || !data.startsWith('m')) return
    const message = this.#settle(data, 'sent')
    if (message === undefined) return
    const { id, expires } = message
    if (id <= this.#lastSent) this.#breach(`message ${id} went out after ${this.#lastSent}`)
    this.#lastSent = id
    if (!line.prepared) this.#breach(`message ${id} went out before the link was prepared`)
    if (expires <= this.clock.now() && expires !== this.#sentAt(message)) this.#breach(`message ${id} had expired`)
    const { state } = this.connection
    if (state !== 'open' && state !== 'closing') this.#breach(`message ${id} went out in ${state}`)
  }

  /** A message sent directly is never checked for its age, even with a TTL of 0. */
  #sentAt(message: Message): number | undefined {
    return message.id === this.#messages.length - 1 ? message.expires : undefined
  }

  #dropped(data: string, reason: DropReason): void {
    const message = this.#settle(data, reason)
    if (message === undefined) return
    const { id, key } = message
    if (reason === 'expired' && message.expires > this.clock.now()) this.#breach(`message ${id} expired too early`)
    if (reason === 'replaced' && key === undefined) this.#breach(`message ${id} was replaced and has no key`)
    if (reason === 'overflow' && this.#scene.queue.overflow === 'reject') this.#breach(`message ${id} was let go`)
  }

  #settle(data: string, fate: 'sent' | DropReason): Message | undefined {
    const message = this.#messages[Number.parseInt(data.slice(1), 10)]
    if (message === undefined || message.fate !== 'queued') {
      this.#breach(`message ${data} was ${message?.fate}, and then ${fate}`)
      return undefined
    }
    message.fate = fate
    if (fate === 'sent') this.#fates.sent++
    else this.#fates.dropped++
    return message
  }

  #pinged(line: Line): void {
    if (line.pinged && !line.paused) this.#breach('a second ping although the first was not answered')
    line.pinged = true
    line.outstanding++
    if (!this.#scene.lively && !this.#kind) return
    queueMicrotask(() => {
      if (line === this.#line && !line.dead) this.pong()
    })
  }

  #hear(data: string): void {
    const id = data.startsWith('i') ? Number(data.slice(1)) : -1
    if (id <= (this.#heard.at(-1) ?? -1)) this.#breach(`heard ${data} after i${this.#heard.at(-1)}`)
    this.#heard.push(id)
  }

  async #take(reader: Reader): Promise<boolean> {
    // After a refusal it rejects, which ends it as well.
    const { done, value } = await reader.iterator.next().catch((thrown: unknown) => {
      const isRefusal = thrown instanceof ConnectionError && thrown.code === 'ERR_ENDED'
      if (!isRefusal) this.#breach(`an iterator rejected with ${String(thrown)}`)
      return { done: true, value: undefined } as const
    })
    if (done) return true
    const id = Number((value as string).slice(1))
    if (!(id > reader.last)) this.#breach(`an iterator read ${String(value)} after i${reader.last}`)
    reader.last = id
    reader.received++
    return false
  }

  #track(what: 'drained' | 'opened' | 'close', promise: Promise<unknown>): void {
    const entry = {}
    this.#waiting[what].add(entry)
    const settled = (): boolean => this.#waiting[what].delete(entry)
    promise.then(settled, (reason: unknown) => {
      settled()
      if (!(reason instanceof ConnectionError) || reason.code !== 'ERR_ENDED' || what === 'close') {
        this.#breach(`${what}() rejected with ${String(reason)}`)
      }
    })
  }

  /** The socket that is neither closed nor abandoned. */
  get #line(): Line | undefined {
    const line = this.#lines.at(-1)
    return line?.socket.over === false ? line : undefined
  }

  #breach(what: string): void {
    this.breaches.push(what)
  }
}

function sameFields(one: object, other: object): boolean {
  const entries = Object.entries(one)
  if (entries.length !== Object.keys(other).length) return false
  return entries.every(([key, value]) => Object.is(value, (other as Record<string, unknown>)[key]))
}

import type { Command, ConnectionEvent, Effect } from '../../machines/connection.types.js'
import { checkData } from './bytes.js'
import { explain, makeError, type ConnectionError } from './errors.js'
import { ignore, onRejection, silence, soon } from './guards.js'
import { plainPing, type Heartbeat } from './policies/profile.js'
import type { Loss } from './policies/retry.js'
import type { UrlSource } from './target/provider.types.js'
import type { BinaryType, SendData, MessageData } from './transport.js'
import { append } from './lists.js'
import { Attempt, type Failure } from './attempt.js'
import { CoreChartHost } from './chart-host.js'
import type { CoreOptions } from './connected.js'
import { abandonCode, describeEnd, endedError, type CloseArguments } from './ending.js'
import { defaultEngine } from './engine/default.js'
import type { ConnectionSnapshot, Engine } from './engine/engine.types.js'
import { Events, remember } from './events.js'
import { faceOf, type Face } from './face.js'
import type { Framing } from './feature.js'
import { Retrying } from './retrying.js'
import { Outgoing, type Flushed } from './outgoing.js'
import { CountedQueue } from './queue.js'
import { brokenStatus, isSame, statusOf } from './status.js'
import type { ConnectionStatus } from './status.types.js'
import { Featured } from './featured.js'
import { Timers } from './time/timers.js'

/** A link or an attempt that ended, as reported to listeners. */
interface Ended extends Loss {
  /** Fields that features add to the `close` event. */
  readonly extra: object
}

const none: readonly never[] = []

/** How one link works. Each link starts with what the features and options of the connection say. */
export interface LinkProfile {
  readonly heartbeat: Heartbeat
  readonly framing: Framing | undefined
}

/**
 * One connection, to which features attach. It sends events to the chart, runs the chart's effects at the end of each turn, and emits
 * events. The app uses its `face`.
 */
export class Core extends Featured {
  readonly url: UrlSource
  readonly options: CoreOptions
  readonly timers: Timers
  readonly events: Events
  readonly outgoing: Outgoing
  readonly engine: Engine
  readonly face: Face
  // Copied from the heartbeat for fast access per message.
  classify: Heartbeat['classify']
  anyProves!: boolean
  withholds!: boolean
  /** The current attempt or link. */
  attempt: Attempt | undefined
  /** Stays the same object until something changes. */
  status: ConnectionStatus
  /** Totals: messages and control frames received; those that belong to the heartbeat; ping replies. */
  received = 0
  beats = 0
  pongs = 0
  /** Reading is paused, so silence proves nothing. */
  paused = false
  binaryType: BinaryType
  /** The URL of the current or last attempt; '' before the first. */
  lastUrl: string
  /** No attempt before this time: the server asked for a delay. */
  notBefore = -Infinity
  /** When the current wait ends, on the monotonic clock. */
  waitEnds = 0
  /** The defect of the chart that ended the connection. */
  broken: ConnectionError | undefined
  #snapshot: ConnectionSnapshot
  /** The chart's effects in this turn. */
  #effects: readonly Effect[] = none
  /** The attempt that was dropped in this turn. */
  #left: Attempt | undefined
  /** Ended but not reported yet: until the retry decision, its `close` event can't say what follows. */
  #ended: Ended | undefined
  #loss: Loss | undefined
  #failure: Failure | undefined
  #extra: object | undefined
  #closeArguments: CloseArguments | undefined
  readonly #profile: LinkProfile
  readonly #retrying = new Retrying(this)

  constructor(url: UrlSource, options: CoreOptions) {
    super()
    this.url = url
    this.options = options
    this.lastUrl = typeof url === 'string' ? url : ''
    this.binaryType = options.binaryType ?? 'arraybuffer'
    this.events = new Events(this)
    this.outgoing = new Outgoing(this)
    this.timers = new Timers(options.clock, options.unref === true, this)
    this.engine = (options.engine ?? defaultEngine)(new CoreChartHost(this), this.timers)
    this.#snapshot = this.engine.snapshot
    this.status = Object.freeze(statusOf(this.#snapshot, undefined, this.timers))
    this.engine.start(this)
    const { features = none } = options
    this.attachAll(features, this)
    this.face = faceOf(features, this)
    this.queue ??= new CountedQueue(this, options.queue ?? 1_000)
    const { heartbeat = plainPing } = options
    if (heartbeat !== plainPing || this.heartbeat === undefined) this.heartbeat = heartbeat
    this.#profile = { heartbeat: this.heartbeat, framing: this.framing }
    this.adopt(this.#profile)
    for (const part of this.parts) part.onReady?.()
    if (options.autoOpen !== false && this.status.state === 'idle') this.command('OPEN')
  }

  // Commands of the app and events of the socket.

  command(type: Command['type'], close?: CloseArguments): void {
    if (this.broken && (type === 'OPEN' || type === 'RECONNECT')) throw this.broken
    this.run(() => {
      if (close !== undefined) this.#closeArguments = close
      this.chart({ type })
    })
  }

  /** A command of the app. A second `close` changes nothing, not even the code. */
  ask(type: Command['type'], code?: number, reason?: string): void {
    for (const part of this.parts) part.onCommand?.(type, code, reason)
    if (type !== 'CLOSE' || this.status.state !== 'closing')
      this.command(type, type === 'OPEN' ? undefined : { code, reason })
  }

  setBinaryType(type: BinaryType): void {
    this.binaryType = type
    const socket = this.attempt?.socket
    if (socket !== undefined) socket.binaryType = this.socketBinaryType
  }

  /** A framing needs the bytes, and converts them to the app's `binaryType` itself. */
  get socketBinaryType(): BinaryType {
    return this.framing === undefined ? this.binaryType : 'arraybuffer'
  }

  /** Changes how the current link works, at the latest while it is being prepared. The next attempt starts anew. */
  adopt(profile: Partial<LinkProfile>): void {
    const { heartbeat = this.heartbeat, framing } = profile
    this.heartbeat = heartbeat
    if ('framing' in profile) this.framing = framing
    const { classify, proof, withhold } = heartbeat
    this.classify = classify
    this.anyProves = proof === 'any'
    this.withholds = withhold !== false
    this.setBinaryType(this.binaryType)
  }

  /** Sends an event to the chart. */
  chart(event: ConnectionEvent): void {
    if (this.broken !== undefined) return
    const outermost = this.begin()
    try {
      this.engine.send(event)
    } finally {
      this.end(outermost)
    }
  }

  /** How long a ping reply may take on this link. Milliseconds. */
  get timeout(): number {
    return this.heartbeat.timeout * (this.patience?.factor ?? 1)
  }

  get gen(): number {
    return this.#snapshot.context.gen
  }

  /** Throws `ERR_ENDED` if the connection is closing or has ended. */
  mustAccept(call: string): void {
    const { state } = this.status
    if (state === 'ended' || state === 'closing') throw this.over(call)
  }

  /** Throws `ERR_DATA` for what no WebSocket can carry. */
  check(data: unknown): SendData {
    try {
      return checkData(data)
    } catch (thrown) {
      // If the invalid data is a promise, its rejection must be handled.
      silence(data)
      throw thrown
    }
  }

  isFull({ socket }: Attempt): boolean {
    const { fullness } = this
    return this.pressure?.isOver(socket!) === true || (fullness !== undefined && this.any('isFull', fullness, 0))
  }

  /** How many of so many messages the features let through now. */
  roomFor(messages: number): number {
    const { fullness } = this
    if (fullness === undefined) return messages
    let room = 0
    while (room < messages && !this.any('isFull', fullness, room)) room++
    return room
  }

  // Receiving.

  /** Passes a message through framing and codec to interceptors and listeners. */
  deliver(data: MessageData): void {
    const { framing, codec } = this
    let payload: MessageData | undefined = data
    let message: unknown = data
    if (framing !== undefined || codec !== undefined) {
      try {
        if (framing !== undefined && (payload = framing.incoming(data)) === undefined) return
        message = codec === undefined ? payload : codec.decode(payload)
      } catch (thrown) {
        this.fail('ERR_DECODE', 'codec.decode', thrown)
        return
      }
    }
    const { interceptors } = this
    if (interceptors !== undefined && this.any('onMessage', interceptors, message)) return
    this.events.messages.emit(message)
    const { recipients } = this
    if (recipients !== undefined) this.any('onDelivered', recipients, message, payload)
  }

  // Called by the engine.

  /** Records an effect, which runs at the end of the turn. */
  effect(name: Effect): void {
    this.#effects = append(this.#effects, name)
  }

  /** Drops the socket immediately, inside the turn, because a socket lives exactly as long as the state `live`. */
  dispose(gen: number): void {
    const { attempt } = this
    if (attempt?.gen !== gen) return
    this.attempt = undefined
    this.#left = attempt
    attempt.abandon(this.#closeArguments?.code ?? abandonCode, this.#closeArguments?.reason ?? '')
    this.pressure?.stop()
  }

  /** The chart processed an event. Only internal work runs here; calls of app code are enqueued. */
  next(snapshot: ConnectionSnapshot): void {
    const last = this.#snapshot
    this.#snapshot = snapshot
    const { state } = snapshot
    this.#noteEnd(snapshot, state === 'deciding')
    const before = this.status
    if (state !== 'deciding') this.#refreshStatus(snapshot, last)
    const { status } = this
    const effects = this.#effects
    this.#effects = none
    const ended = this.#ended
    // Immediately: the current listener may reopen, and only promises from before may be settled.
    if (effects.includes('settle')) this.#settle()
    if (ended !== undefined && state !== 'deciding') {
      this.#ended = undefined
      this.enqueue(() => this.#emitClose(ended))
    }
    if (status !== before) this.enqueue(() => this.#emitState(status))
    const { gen } = snapshot.context
    for (const effect of effects) if (effect !== 'settle') this.enqueue(() => this.#perform(effect, gen))
  }

  #refreshStatus(snapshot: ConnectionSnapshot, last: ConnectionSnapshot): void {
    const { context, state } = snapshot
    if (state === 'connecting' && context.why === 'open') this.#loss = undefined
    const status = statusOf(snapshot, this.#loss, this.timers)
    // Suspended again: the status looks the same, but the wait ends later.
    const waitsLonger = state === 'suspended' && context !== last.context && status.retryAt !== this.status.retryAt
    if (!waitsLonger && context.gen === last.context.gen && isSame(status, this.status)) return
    this.status = Object.freeze(status)
    this.waitEnds = this.timers.now() + context.wait
  }

  /** Records why the attempt dropped in this turn ended; the reason is known only now. */
  #noteEnd({ context: { why, failures } }: ConnectionSnapshot, deciding: boolean): void {
    const attempt = this.#left
    if (attempt === undefined) return
    this.#left = undefined
    const { close, error: cause } = describeEnd(attempt, why, this.#closeArguments)
    // The peer answered this side's close frame, which followed all messages. A crossing close frame would prove nothing.
    const end = { attempt, why, close, answered: why === 'close' && attempt.answered }
    const extra: { error?: ConnectionError; serverDelay?: number } = {}
    this.each('onEnd', (part) => {
      const added = part.onEnd!(end)
      Object.assign(extra, added)
      return added
    })
    const { error = cause, serverDelay, ...rest } = extra
    const loss: Loss = {
      close,
      error,
      status: attempt.failure?.status,
      serverDelay,
      attempt: deciding ? failures : this.status.attempt,
    }
    this.#ended = { ...loss, extra: rest }
    this.#extra = rest
    if (deciding) {
      this.#loss = loss
      this.#failure = attempt.failure
    }
    this.enqueue(() => attempt.release())
  }

  #settle(): void {
    this.queue.clear('ended')
    this.each('onSettled', (part) => part.onSettled!())
  }

  /** Runs an effect, unless its generation or state is over. */
  #perform(effect: Effect, gen: number): void {
    if (this.gen !== gen) return
    const { attempt } = this
    const state = this.#snapshot.state
    const isOpen = state === 'open'
    if (effect === 'dial') {
      if (!this.#snapshot.hasTag('CLOSED')) this.#dial(gen)
    } else if (effect === 'decideRetry') {
      if (state === 'deciding') this.#decide(gen)
    } else if (attempt === undefined) {
      // The attempt ended before its effect ran.
    } else if (effect === 'prepare') {
      if (state === 'connecting') attempt.prepare()
    } else if (effect === 'announceOpen') {
      if (isOpen) this.#open(attempt)
      // Closed by a `state` listener: the link is ready all the same, so queued messages can be sent.
      else if (state === 'closing') this.#deliverUnread(attempt, this.#link(attempt))
    } else if (effect === 'ping') {
      attempt.pinged = true
      if (isOpen) attempt.ping()
    } else if (effect === 'watch') {
      if (isOpen) this.patience?.watch()
    } else if (state === 'closing') this.#startClosing(attempt)
  }

  #dial(gen: number): void {
    this.#closeArguments = undefined
    this.adopt(this.#profile)
    const attempt = (this.attempt = new Attempt(gen, this))
    // In a microtask, so opening, closing and reopening in one tick makes one socket.
    const start = (): void =>
      soon(() => {
        if (this.attempt === attempt) void attempt.start()
      })
    if (this.zone === undefined) start()
    else this.zone.outside(start)
  }

  /**
   * Sends the messages of `onLinked`, then the queue, before `open` listeners can send: order of acceptance. Returns the messages that
   * `prepare` left unread.
   */
  #link(attempt: Attempt): readonly MessageData[] {
    const unread = attempt.preparation?.end() ?? none
    const { outgoing } = this
    const send = (message: unknown): void => {
      const written = outgoing.write(attempt, message, outgoing.encode(message), undefined)
      // False: the socket has closed; these messages are not queued for another.
      if (typeof written === 'object') throw written
    }
    this.each('onLinked', (part) => part.onLinked!({ send }))
    attempt.ready = true
    outgoing.flush()
    return unread
  }

  #open(attempt: Attempt): void {
    const waited = this.queue.size > 0
    const unread = this.#link(attempt)
    const { url, protocol, extensions, prepared } = attempt
    this.events.emit('open', { url, protocol, extensions, attempt: this.status.attempt, prepared })
    // A listener may have ended the attempt.
    if (this.attempt !== attempt) return
    this.pressure?.opened(waited)
    this.#deliverUnread(attempt, unread)
  }

  #deliverUnread(attempt: Attempt, unread: readonly MessageData[]): void {
    attempt.preparation = undefined
    for (const frame of unread) if (this.attempt === attempt) this.deliver(frame)
  }

  /**
   * Sends queued messages, and while closing then starts the closing handshake. Features call it once they have room or may close.
   */
  flush(): Flushed {
    const { attempt } = this
    // The next socket flushes when it opens.
    if (attempt === undefined) return 'done'
    return this.#snapshot.state === 'closing' ? this.#startClosing(attempt) : this.outgoing.flush()
  }

  /** Sends accepted messages first, if there is a link. The chart's deadline covers both. */
  #startClosing(attempt: Attempt): Flushed {
    // Already started.
    if (!attempt.wanted) return 'done'
    const flushed = this.outgoing.flush()
    if (attempt.ready && (flushed !== 'done' || !this.#mayClose)) {
      this.pressure?.start()
      return flushed
    }
    this.pressure?.stop()
    attempt.startClosing(this.#closeArguments?.code, this.#closeArguments?.reason)
    return 'done'
  }

  get #mayClose(): boolean {
    let may = true
    this.each('mayClose', (part) => {
      const answer: unknown = part.mayClose!()
      may &&= answer !== false
      return answer
    })
    return may
  }

  // Whether and when to retry.

  #decide(gen: number): void {
    if (this.#loss === undefined) return
    const decision = this.#retrying.decide(this.#loss, this.#failure)
    if (decision === undefined) return this.chart({ type: 'policy.stop', gen })
    this.chart({ type: 'policy.retry', gen, ...decision })
    const { status } = this
    if (status.state === 'backoff') this.enqueue(() => this.#emitBackoff(status))
  }

  /** A random number in [0, 1). */
  random(): number {
    const { random = Math.random } = this.options
    try {
      const number = random()
      if (typeof number === 'number' && number >= 0 && number < 1) return number
      onRejection(number, ignore)
      throw new RangeError(explain('ERR_ENVIRONMENT', 'not-random', [String(number)]))
    } catch (thrown) {
      this.fail('ERR_ENVIRONMENT', 'random', thrown)
      return Math.random()
    }
  }

  // Events. A listener may close, open or reconnect, so fields about the future are computed from the status just before each
  // listener is called. While the status is the same, so is the event.

  #emitClose({ close, extra, ...loss }: Ended): void {
    const event = remember((now: ConnectionStatus) => {
      const delay = 'delay' in now ? now.delay : now.willRetry ? 0 : undefined
      return { ...close, ...loss, willRetry: now.willRetry, delay, ...extra }
    })
    this.events.emitCurrent('close', () => event(this.status))
  }

  #emitState(status: ConnectionStatus): void {
    this.each('onState', (part) => part.onState!(status.state))
    this.events.emitCurrent('state', () => (status === this.status ? status : undefined))
  }

  #emitBackoff({ loss }: ConnectionStatus): void {
    const extra = this.#extra
    const event = remember((now: ConnectionStatus) => {
      if (!('delay' in now) || now.loss === undefined || now.loss !== loss) return undefined
      const { attempt, delay, retryAt, hinted } = now
      const { close, error, serverDelay } = now.loss
      return { attempt, delay, retryAt, hinted, serverDelay, close, error, ...extra }
    })
    this.events.emitCurrent('backoff', () => event(this.status))
  }

  report(error: ConnectionError): void {
    this.events.report(error)
  }

  /** The `ERR_ENDED` of a call on a connection that is closing or has ended. */
  over(what: string): ConnectionError {
    return endedError(what, this.status, this.broken)
  }

  /** A defect in the chart. The engine doesn't drop the socket then, so it is dropped here. */
  error(thrown: unknown): void {
    if (this.broken !== undefined) return
    const error = (this.broken = makeError('ERR_INTERNAL', 'defect', [], { cause: thrown }))
    const { attempt } = this
    if (attempt !== undefined) {
      this.dispose(attempt.gen)
      const { close } = describeEnd(attempt, 'closed', undefined)
      this.each('onEnd', (part) => part.onEnd!({ attempt, why: 'internal', close, answered: false }))
    }
    this.#effects = none
    const status = (this.status = brokenStatus(this.status))
    this.schedule(() => {
      attempt?.release()
      this.engine.stop()
      this.timers.clear()
      this.report(error)
      this.#emitState(status)
      this.#settle()
    })
  }
}

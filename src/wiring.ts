import { onAbort } from './abort-signals.js'
import { complain, print } from './complain.js'
import type { BackoffEvent, CloseEvent, Connection, ConnectionEventMap } from './connection.types.js'
import { Attempt, type AttemptHost } from './control/attempt.js'
import { Control } from './control/control.js'
import type { ControlHost, Ended } from './control/control.types.js'
import type { ConnectionState, ConnectionStatus } from './control/status.types.js'
import { Answers } from './data/answers.js'
import { Brake, type BrakeHost } from './data/brake.js'
import { Inbound, type InboundHost } from './data/inbound.js'
import { Inboxes, type InboxSource } from './data/inbox.js'
import { Outbound, type OutboundHost } from './data/outbound.js'
import type { QueueDrop } from './data/queue.js'
import type { WritableHost, WritableView } from './data/streams.js'
import { ConnectionError, type ErrorCode } from './errors.js'
import { Events, type EventsHost } from './events.js'
import type { Settings } from './options.js'
import { LiveHeartbeat } from './policies/live-heartbeat.js'
import { resolveTarget } from './provider.js'
import type { BinaryType, CloseInfo, Data, Frame, Target } from './transports/transport.js'
import { remember } from './remember.js'
import { Waiters } from './waiters.js'

const unopened: CloseInfo = { code: 1005, reason: '', wasClean: false }
const nothing: Ended['uncertain'] = { messages: 0, bytes: 0 }

/** Where control, data and transport meet: each tells it what the others need to know. */
export class Wiring<In, Out>
  implements
    AttemptHost,
    BrakeHost,
    ControlHost,
    EventsHost,
    InboundHost,
    InboxSource<In>,
    OutboundHost<Out>,
    WritableHost<Out>
{
  readonly settings: Settings<In, Out>
  readonly events: Events<ConnectionEventMap<In, Out>>
  readonly inbound: Inbound<In>
  readonly outbound: Outbound<Out>
  readonly brake: Brake
  readonly inboxes: Inboxes<In>
  readonly control: Control
  readonly waiters = new Waiters<{ opened: void; drained: void; closed: CloseInfo; ended: CloseInfo }>()
  /** Messages that came in and found no room with a reader. */
  lost = 0
  writable: WritableView<Out> | undefined
  /** Made when asked for, and forgotten when over. */
  readable: ReadableStream<In> | undefined
  subscribe: Connection['subscribe'] | undefined
  getSnapshot: Connection['getSnapshot'] | undefined
  binaryType: BinaryType
  /** Of the present or last attempt; '' before the first. */
  url: string
  /** How the last socket or attempt ended. */
  lastClose: CloseInfo = unopened
  #unfollow: (() => void) | undefined
  /** Few servers want any. */
  #answers: Answers | undefined
  #lastUncertain: Ended['uncertain'] = nothing
  #neverOpen = true
  #complained = false

  constructor(settings: Settings<In, Out>) {
    this.settings = settings
    const { heartbeat } = settings
    if (heartbeat instanceof LiveHeartbeat) heartbeat.reporter = this
    this.binaryType = settings.binaryType
    this.url = typeof settings.url === 'string' ? settings.url : ''
    this.events = new Events(this)
    this.inbound = new Inbound<In>(settings.heartbeat, settings.codec, this)
    this.events.use('message', this.inbound.listeners)
    this.outbound = new Outbound<Out>(settings, this)
    this.brake = new Brake(this)
    this.inboxes = new Inboxes<In>(this)
    this.control = new Control(settings, this)
    if (settings.inspect !== undefined) this.control.inspect(settings.inspect)
    this.#followSignals('idle')
    if (settings.signal?.aborted) this.control.command('CLOSE')
    else if (settings.autoOpen) this.control.command('OPEN')
  }

  // What an attempt asks for.

  makeAttempt(gen: number, dialledOffline: boolean): Attempt {
    return new Attempt(gen, dialledOffline, this)
  }

  async resolve(attempt: Attempt): Promise<Target> {
    const target = await resolveTarget(this.settings, () => {
      const { attempt: number, loss: previous } = this.control.status
      return { attempt: number, signal: attempt.signal, previous }
    })
    if (attempt.wanted) this.url = target.url
    // Asked last: it can be set at any time.
    return { ...target, binaryType: this.binaryType }
  }

  /** Each message is a turn: what a listener's command leads to is told when all have heard the message. */
  take(frame: Frame): void {
    const outermost = this.control.outbox.begin()
    try {
      this.inbound.message(frame)
    } finally {
      this.control.outbox.end(outermost)
    }
  }

  // What the data plane has to say.

  alive(): void {
    this.control.alive()
  }

  pong(): boolean {
    return this.control.pulse.pong()
  }

  paused(held: boolean): void {
    this.control.paused(held)
  }

  blocked(): void {
    this.control.drain.start()
  }

  now(): number {
    return this.control.timers.now()
  }

  mustAccept(call: string): void {
    const { state } = this.control.status
    if (state === 'ended' || state === 'closing') throw this.over(call)
  }

  turn(work: () => void): void {
    this.control.outbox.turn(work)
  }

  fail(code: ErrorCode, what: string, thrown: unknown): void {
    this.control.outbox.fail(code, what, thrown)
  }

  dropped(data: Out, reason: QueueDrop): void {
    this.control.outbox.tell(() => this.events.emit('dropped', { data, reason }))
  }

  unread(data: In): void {
    this.lost++
    this.control.outbox.tell(() => this.events.emit('dropped', { data, reason: 'unread' }))
  }

  // What control has to tell.

  whenOpen(attempt: Attempt): void {
    this.#neverOpen = false
    const socket = attempt.socket!
    const unread = attempt.takeUnread()
    this.brake.attach(socket)
    this.inboxes.forgetPauses()
    // The queue first: acceptance order holds, also against what a listener of `open` sends.
    const waited = this.outbound.queue.size > 0
    this.outbound.attach(socket)
    const { url, protocol, extensions } = attempt
    this.waiters.resolve('opened', undefined)
    this.events.emit('open', { url, protocol, extensions, attempt: this.control.status.attempt })
    // A listener may have left it.
    if (this.control.attempt !== attempt) return
    if (!this.outbound.drained) this.control.drain.start()
    else if (waited) this.whenDrained()
    else this.waiters.resolve('drained', undefined)
    this.inbound.release()
    for (const frame of unread) if (this.control.attempt === attempt) this.inbound.deliver(frame)
  }

  // A listener may close, open or reconnect. What an event says of the future is therefore taken from the status at the
  // moment when a listener is called; as long as that is the same, so is the event.

  whenClosed({ close, attempt, error, status, serverDelay, uncertain }: Ended): void {
    this.lastClose = close
    this.#lastUncertain = uncertain
    const event = remember((now: ConnectionStatus): CloseEvent => {
      const delay = 'delay' in now ? now.delay : now.willRetry ? 0 : undefined
      return { ...close, attempt, error, status, serverDelay, willRetry: now.willRetry, delay, uncertain }
    })
    this.events.emitCurrent('close', () => event(this.control.status))
    const unheard = !this.events.has('close') && !this.events.has('error')
    if (this.#neverOpen && unheard) this.control.outbox.tell(() => this.#complainOfEnd(error))
  }

  /** A program that cannot work should not end without a word. */
  #complainOfEnd(error: ConnectionError | undefined): void {
    const refusal = this.failure('createConnection()')
    // A listener may have opened again.
    if (refusal === undefined || this.#complained || this.control.status.state !== 'ended') return
    this.#complained = true
    print(error ?? refusal)
  }

  whenChanged(status: ConnectionStatus): void {
    this.#followSignals(status.state)
    // Opened again before it was closed: there is nothing left to wait for.
    if (status.state === 'connecting') this.waiters.resolve('closed', this.lastClose)
    if (status.state === 'closing') this.inboxes.finish()
    this.events.emitCurrent('state', () => (status === this.control.status ? status : undefined))
  }

  whenWaiting({ loss }: ConnectionStatus): void {
    const event = remember((now: ConnectionStatus): BackoffEvent | undefined => {
      if (!('delay' in now) || now.loss === undefined || now.loss !== loss) return undefined
      const { attempt, delay, retryAt, hinted } = now
      const { close, error, serverDelay } = now.loss
      return { attempt, delay, retryAt, hinted, serverDelay, close, error, uncertain: this.#lastUncertain }
    })
    this.events.emitCurrent('backoff', () => event(this.control.status))
  }

  whenAnswered(rtt: number): void {
    this.events.emit('heartbeat', { rtt })
  }

  whenDrained(): void {
    this.waiters.resolve('drained', undefined)
    this.events.emit('drain', undefined)
  }

  whenSettled(close: CloseInfo | undefined): void {
    if (close !== undefined) this.lastClose = close
    this.outbound.queue.clear('ended')
    this.inboxes.end(() => this.failure('messages()'))
    this.waiters.reject('opened', this.over('opened()'))
    this.waiters.reject('drained', this.over('drained()'))
    this.writable?.controller.error(this.over('writable'))
    this.writable = undefined
    this.waiters.resolve('closed', this.lastClose)
    this.waiters.resolve('ended', this.lastClose)
  }

  /** A signal that outlives the connection keeps nothing of it. */
  #followSignals(state: ConnectionState): void {
    const hasEnded = state === 'ended'
    this.events.rest(hasEnded)
    const { signal } = this.settings
    if (hasEnded) {
      this.#unfollow?.()
      this.#unfollow = undefined
    } else if (signal !== undefined) this.#unfollow ??= onAbort(signal, () => this.control.command('CLOSE', {}))
  }

  checkSignal(what: string): void {
    if (!this.settings.signal?.aborted) return
    throw new ConnectionError(
      'ERR_ENDED',
      `${what} (on a connection whose signal was aborted) must not follow: make another connection`,
    )
  }

  answer(data: Data): void {
    const socket = this.control.attempt?.socket
    if (socket !== undefined) (this.#answers ??= new Answers(this.settings.highWaterMark)).send(socket, data)
  }

  /** The error of whoever asks too late, or of something that will not have it. */
  over(what: string): ConnectionError {
    const { state, why, loss } = this.control.status
    if (why === 'internal') {
      const message = `${what} (on a connection that a defect of statewire has ended) cannot go on: see the cause`
      return new ConnectionError('ERR_ENDED', message, { cause: this.control.broken })
    }
    if (why === 'refused' && loss !== undefined) {
      const message = `${what} (on a connection that was refused, and so has ended) must have something to connect to: see the cause`
      return new ConnectionError('ERR_ENDED', message, { cause: loss.error ?? loss.close, status: loss.status })
    }
    return new ConnectionError(
      'ERR_ENDED',
      `${what} (on a connection that is ${state}) must come before close(), or after open()`,
    )
  }

  /** What a reader is told at the end: nothing if the app asked for it or the server closed normally, else the reason. */
  failure(what: string): ConnectionError | undefined {
    const { why, loss } = this.control.status
    const { code, wasClean } = loss?.close ?? unopened
    const isNormal = wasClean && (code === 1000 || code === 1005)
    return why === 'internal' || (why === 'refused' && !isNormal) ? this.over(what) : undefined
  }

  listenerThrew(type: string, thrown: unknown): void {
    // A listener of `error` that throws would be told of its own throw for ever.
    if (type === 'error') complain(thrown)
    else this.fail('ERR_LISTENER', `a '${type}' listener`, thrown)
  }

  report(error: ConnectionError): void {
    if (this.events.has('error')) this.events.emit('error', error)
    else complain(error)
  }
}

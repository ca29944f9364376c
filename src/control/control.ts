import type { Command, ConnectionEvent, Effect, WorldSignal } from '../../machines/connection.types.js'
import type { ConnectionSnapshot, Engine, EngineObserver } from '../core/engine/engine.types.js'
import { attachInspector } from '../core/engine/inspection.js'
import type { InspectionObserver } from '../core/engine/inspection.types.js'
import type { Flushed, Uncertain } from '../data/outbound.js'
import { ConnectionError, type ErrorCode } from '../errors.js'
import { ignore, onRejection, soon } from '../guards.js'
import { serverDelay } from '../policies/hints.js'
import type { Loss } from '../policies/retry.js'
import type { Attempt, Failure } from './attempt.js'
import { Timers } from './timers.js'
import type { ControlHost, ControlOptions, DataPlane, Ended } from './control.types.js'
import { DrainWatch } from './drain.js'
import { abandonCode, describeEnd, type Farewell } from './ending.js'
import { IdleCuts } from './idle-cuts.js'
import { Judge, type JudgeHost } from './judge.js'
import { Outbox } from './outbox.js'
import { ControlPort, type PortHost } from './port.js'
import { Pulse, type PulseHost } from './pulse.js'
import { brokenStatus, isSame, statusOf } from './status.js'
import type { ConnectionStatus } from './status.types.js'
import { World, type WorldHost } from './world.js'
import { outsideAngular } from './zone.js'

/** Drives the chart: feeds it, does what it asks for when its turn is over, and tells what came of it. */
export class Control implements EngineObserver, JudgeHost, PortHost, PulseHost, WorldHost {
  readonly options: ControlOptions
  readonly data: DataPlane
  readonly outbox: Outbox
  readonly timers: Timers
  readonly pulse: Pulse
  readonly drain: DrainWatch
  readonly #host: ControlHost
  readonly #judge: Judge
  readonly #world: World
  readonly #engine: Engine
  #snapshot: ConnectionSnapshot
  #status: ConnectionStatus
  /** When the present wait is over, on the clock that is never set; `retryAt` is for people. */
  #waitEnds = 0
  /** What the chart asked for in this turn. */
  #effects: Effect[] = []
  #attempt: Attempt | undefined
  /** The attempt that was disposed of in this turn. */
  #left: { readonly attempt: Attempt; readonly uncertain: Uncertain; readonly blind: boolean } | undefined
  /** The one that is over and not yet told: while its loss is judged nobody knows what follows. */
  #ended: Ended | undefined
  #loss: Loss | undefined
  /** Most links end in other ways. */
  #idleCuts: IdleCuts | undefined
  #failure: Failure | undefined
  #farewell: Farewell | undefined
  /** What the chart died of. */
  #broken: ConnectionError | undefined

  constructor(options: ControlOptions, host: ControlHost) {
    this.options = options
    this.data = host
    this.#host = host
    this.outbox = new Outbox(host)
    this.timers = new Timers(options.clock, options.unref, this.outbox)
    this.drain = new DrainWatch(this.timers, () => this.#flush())
    this.#judge = new Judge(options, this)
    this.#world = new World(options, this)
    this.pulse = new Pulse(options.heartbeat, this)
    this.#engine = options.engine(new ControlPort(this), this.timers)
    this.#snapshot = this.#engine.snapshot
    this.#status = Object.freeze(statusOf(this.#snapshot, undefined, this.timers))
    this.#engine.start(this)
  }

  /** The same object until something changes. */
  get status(): ConnectionStatus {
    return this.#status
  }

  get attempt(): Attempt | undefined {
    return this.#attempt
  }

  /** A defect of the chart that has ended the connection. */
  get broken(): ConnectionError | undefined {
    return this.#broken
  }

  get hidden(): boolean {
    return this.#world.hidden
  }

  now(): number {
    return this.timers.now()
  }

  command(type: Command['type'], farewell?: Farewell): void {
    if (this.#broken && (type === 'OPEN' || type === 'RECONNECT')) throw this.#broken
    this.outbox.turn(() => {
      if (farewell !== undefined) this.#farewell = farewell
      this.send({ type })
    })
  }

  inspect(observer: InspectionObserver): () => void {
    let off = (): void => {}
    this.outbox.turn(() => (off = attachInspector(this.#engine, this.outbox, observer)))
    return () => off()
  }

  /** An event for the chart, from the socket or the app. */
  send(event: ConnectionEvent): void {
    if (this.#broken === undefined) this.outbox.turn(() => this.#engine.send(event))
  }

  /** The first sign of life since the ping. */
  alive(): void {
    this.send({ type: 'socket.alive', gen: this.#snapshot.context.gen })
  }

  /** A pong was timed. */
  answered(rtt: number): void {
    this.outbox.tell(() => this.#host.whenAnswered(rtt))
  }

  /** We read again after a pause so long that silence went unjudged. */
  resumed(): void {
    this.send({ type: 'socket.resumed', gen: this.#snapshot.context.gen })
  }

  /** Reading was stopped, or goes on. */
  paused(held: boolean): void {
    if (held || this.#attempt !== undefined) this.pulse.paused(held)
  }

  fail(code: ErrorCode, what: string, thrown: unknown): void {
    this.outbox.fail(code, what, thrown)
  }

  /** What the chart asks for, to be done when its turn is over. */
  effect(name: Effect): void {
    this.#effects.push(name)
  }

  /** The chart has taken an event. Everything here is ours; what is not goes to the outbox. */
  next(snapshot: ConnectionSnapshot): void {
    const last = this.#snapshot
    this.#snapshot = snapshot
    this.#noteEnd(snapshot)
    const before = this.#status
    this.#refreshStatus(snapshot, last)
    const status = this.#status
    const ended = this.#ended
    const effects = this.#effects.splice(0)
    // Not by way of the outbox: the listener whose turn this is may open anew before it is emptied, and what is settled
    // belongs to the life that is over.
    if (effects.includes('settle')) this.#host.whenSettled(ended?.close)
    if (ended !== undefined && snapshot.state !== 'deciding') {
      this.#ended = undefined
      this.outbox.push(() => this.#host.whenClosed(ended))
    }
    if (status !== before) this.outbox.push(() => this.#host.whenChanged(status))
    if (isActive(before) !== isActive(status)) {
      this.outbox.push(() => (isActive(this.#status) ? this.#world.start() : this.#world.stop()))
    }
    const { gen } = snapshot.context
    for (const effect of effects) this.outbox.push(() => this.#perform(effect, gen))
  }

  #refreshStatus(snapshot: ConnectionSnapshot, last: ConnectionSnapshot): void {
    const { context, state } = snapshot
    if (state === 'deciding') return
    if (state === 'connecting' && context.why === 'open') this.#loss = undefined
    const status = statusOf(snapshot, this.#loss, this.timers)
    // Stashed while it is stashed: all looks the same, but the wait ends later.
    const waitsAnew = state === 'suspended' && context !== last.context && status.retryAt !== this.#status.retryAt
    if (!waitsAnew && context.gen === last.context.gen && isSame(status, this.#status)) return
    this.#status = Object.freeze(status)
    this.#waitEnds = this.timers.now() + context.wait
  }

  /** Why the attempt that was disposed of in this turn is over: the chart says it only when the turn is done. */
  #noteEnd(snapshot: ConnectionSnapshot): void {
    const left = this.#left
    if (left === undefined) return
    this.#left = undefined
    const { why, failures } = snapshot.context
    const { close, error: cause } = describeEnd(left.attempt, why, this.#farewell)
    const error = this.#idleCut(left.attempt) ?? cause
    const deciding = snapshot.state === 'deciding'
    const attempt = deciding ? failures : this.#status.attempt
    const { status, retryAfter } = left.attempt.failure ?? {}
    const asked = serverDelay({ retryAfter, close })
    // The peer answered our Close, which came behind all that we had sent. Its own, crossing ours, would prove nothing.
    const answered = why === 'close' && left.attempt.answered
    const uncertain = answered ? { messages: 0, bytes: 0 } : left.uncertain
    this.#ended = { close, error, status, serverDelay: asked, attempt, uncertain }
    if (why === 'heartbeat-timeout') this.pulse.gaveUp({ unproved: uncertain.bytes, blind: left.blind })
    if (deciding) {
      this.#loss = { close, error, status, serverDelay: asked, attempt }
      this.#failure = left.attempt.failure
    }
    this.outbox.push(() => left.attempt.release())
  }

  /** Whether this link, which has ended by itself, shows that idle links are cut. */
  #idleCut({ close, openedAt, framesAtOpen, pinged }: Attempt): ConnectionError | undefined {
    if (close === undefined || openedAt === undefined) return undefined
    const lasted = this.timers.now() - openedAt
    const frames = this.data.inbound.frames - framesAtOpen
    return (this.#idleCuts ??= new IdleCuts()).ended({ close, lasted, frames, pinged }, this.options.heartbeat)
  }

  /** Inside a turn of the chart, and the one thing that is not put off: a socket lives exactly as long as a state. */
  dispose(gen: number): void {
    const attempt = this.#attempt
    if (attempt?.gen !== gen) return
    this.#attempt = undefined
    this.#left = { attempt, uncertain: this.data.outbound.uncertain, blind: this.pulse.blind }
    attempt.abandon(this.#farewell?.code ?? abandonCode, this.#farewell?.reason ?? '')
    this.data.inbound.reset()
    this.data.outbound.reset()
    this.data.brake.detach()
    this.pulse.reset()
    this.drain.stop()
  }

  /** An effect of a generation or a state that is gone by now is not wanted any more. */
  #perform(effect: Effect, gen: number): void {
    if (this.#snapshot.context.gen !== gen) return
    const attempt = this.#attempt
    const state = this.#snapshot.state
    const isOpen = state === 'open'
    const isClosing = state === 'closing'
    if (effect === 'dial') {
      if (!this.#snapshot.hasTag('CLOSED')) this.#dial(gen)
    } else if (effect === 'judge') {
      if (state === 'deciding') this.#decide(gen)
    } else if (attempt === undefined) {
      // Nor is there anything to do for `settle`: that was done before the end was told.
    } else if (effect === 'prepare') {
      if (state === 'connecting') attempt.prepare()
    } else if (effect === 'announceOpen') {
      if (isOpen) {
        attempt.openedAt = this.timers.now()
        attempt.framesAtOpen = this.data.inbound.frames
        this.#host.whenOpen(attempt)
      }
      // Closed by a listener that was told of the state first: the link is ready all the same, so what is queued can go.
      else if (isClosing) this.data.outbound.attach(attempt.socket!)
    } else if (effect === 'ping') {
      attempt.pinged = true
      if (isOpen) this.pulse.ping(attempt.socket!)
    } else if (effect === 'watch') {
      if (isOpen) this.pulse.watch(attempt.socket!)
    } else if (effect === 'sayGoodbye' && isClosing) this.#sayGoodbye(attempt)
  }

  #dial(gen: number): void {
    this.#farewell = undefined
    const attempt = this.#host.makeAttempt(gen, !this.#world.online)
    this.#attempt = attempt
    // Not in this tick: opening, closing and opening again makes one socket.
    outsideAngular(() =>
      soon(() => {
        if (this.#attempt === attempt) void attempt.start()
      }),
    )
  }

  /** What was accepted goes first, and the chart's deadline is over both; unless there is nowhere for it to go. */
  #sayGoodbye(attempt: Attempt): Flushed {
    const { outbound } = this.data
    const flushed = outbound.flush()
    if (flushed !== 'done' && outbound.attached) {
      this.drain.start()
      return flushed
    }
    this.drain.stop()
    attempt.sayGoodbye(this.#farewell?.code, this.#farewell?.reason)
    return 'done'
  }

  #decide(gen: number): void {
    const loss = this.#loss
    if (loss === undefined) return
    const verdict = this.#judge.judge(loss, this.#failure)
    if (!verdict.retry) {
      this.send({ type: 'policy.stop', gen })
      return
    }
    const { delay, hinted } = verdict
    this.send({ type: 'policy.retry', gen, delay, hinted })
    const status = this.#status
    if (status.state === 'backoff') this.outbox.push(() => this.#host.whenWaiting(status))
  }

  hear(signal: WorldSignal): void {
    const wait = this.#judge.waitAfter(signal)
    const status = this.#status
    // A hint may shorten a wait, never lengthen it.
    const left =
      status.state === 'backoff' && signal !== 'offline' && signal !== 'stashed'
        ? this.#waitEnds - this.timers.now()
        : wait
    this.send({ type: `world.${signal}`, wait: Math.max(0, Math.min(wait, left)) })
  }

  #flush(): Flushed {
    const attempt = this.#attempt
    // Without a socket there is nothing to ask again: the next one flushes when it opens.
    if (attempt === undefined) return 'done'
    if (this.#snapshot.state === 'closing') return this.#sayGoodbye(attempt)
    const flushed = this.data.outbound.flush()
    if (flushed !== 'done') return flushed
    if (!this.data.outbound.drained) return 'full'
    this.outbox.push(() => this.#host.whenDrained())
    return 'done'
  }

  random(): number {
    try {
      const number = this.options.random()
      if (typeof number === 'number' && number >= 0 && number < 1) return number
      onRejection(number, ignore)
      throw new RangeError(`random() returned ${String(number)}, not a number from 0 up to but not including 1`)
    } catch (thrown) {
      this.fail('ERR_ENVIRONMENT', 'random', thrown)
      return Math.random()
    }
  }

  /** The chart itself has failed, which should not be possible: the engine then leaves the socket alone, so it is ours to drop. */
  error(thrown: unknown): void {
    if (this.#broken !== undefined) return
    const message = 'a defect of statewire has ended the connection: please report it with its cause'
    const error = (this.#broken = new ConnectionError('ERR_INTERNAL', message, { cause: thrown }))
    const attempt = this.#attempt
    if (attempt !== undefined) this.dispose(attempt.gen)
    this.#effects = []
    const status = (this.#status = brokenStatus(this.#status))
    this.outbox.tell(() => {
      attempt?.release()
      this.#engine.stop()
      this.timers.clear()
      this.#world.stop()
      this.#host.report(error)
      this.#host.whenChanged(status)
      this.#host.whenSettled(undefined)
    })
  }
}

function isActive({ state }: ConnectionStatus): boolean {
  return state !== 'idle' && state !== 'ended'
}

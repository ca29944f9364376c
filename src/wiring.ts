import type { CloseEvent, ConnectionEventMap } from './connection.types.js'
import { Attempt } from './control/attempt.js'
import { Control } from './control/control.js'
import type { Ended } from './control/control.types.js'
import type { ConnectionState, ConnectionStatus } from './control/status.types.js'
import { Brake } from './data/brake.js'
import { Inbound } from './data/inbound.js'
import { Inboxes } from './data/inbox.js'
import { Outbound } from './data/outbound.js'
import { ConnectionError } from './errors.js'
import { Events } from './events.js'
import type { Settings } from './options.js'
import { isData } from './policies/heartbeat.js'
import { resolveTarget } from './provider.js'
import type { BinaryType, CloseInfo, Data, Frame } from './transports/transport.js'
import { Waiters } from './waiters.js'

/** Where control, data and transport meet. */
export class Wiring<In, Out> {
  readonly settings: Settings<In, Out>
  readonly events: Events<ConnectionEventMap<In, Out>>
  readonly inbound: Inbound<In>
  readonly outbound: Outbound<Out>
  readonly #brake: Brake
  readonly control: Control
  readonly inboxes: Inboxes<In>
  readonly opened = new Waiters<void>()
  readonly ended = new Waiters<CloseInfo>()
  readonly closed = new Waiters<CloseInfo>()
  readonly drained = new Waiters<void>()
  /** Messages that came in and found no room with a reader. */
  unread = 0
  binaryType: BinaryType
  /** Of the present or last attempt; '' before the first. */
  url: string
  /** How the last socket or attempt ended. */
  lastClose: CloseInfo = { code: 1005, reason: '', wasClean: false }
  #lastUncertain: Ended['uncertain'] = { messages: 0, bytes: 0 }

  constructor(settings: Settings<In, Out>) {
    this.settings = settings
    this.binaryType = settings.binaryType
    this.url = typeof settings.url === 'string' ? settings.url : ''
    this.events = new Events((type, thrown) => this.listenerThrew(type, thrown))
    this.inbound = new Inbound<In>(settings.heartbeat, settings.codec && ((frame) => settings.codec!.decode(frame)), {
      alive: () => this.control.alive(),
      pong: () => this.control.pong(),
      answer: (data) => this.#answer(data),
      failed: (code, what, thrown) => this.control.fail(code, what, thrown),
    })
    this.events.use('message', this.inbound.listeners)
    this.outbound = new Outbound<Out>(
      {
        queue: settings.queue,
        highWaterMark: settings.highWaterMark,
        encode: settings.codec && ((message) => settings.codec!.encode(message)),
        now: () => this.control.timers.now(),
      },
      this.inbound,
      {
        dropped: (data, reason) => this.control.tell(() => this.events.emit('dropped', { data, reason })),
        blocked: () => this.control.drain.start(),
        turn: (work) => this.control.turn(work),
      },
    )
    this.#brake = new Brake((held) => this.control.paused(held))
    this.inboxes = new Inboxes<In>({
      listen: (callback) => this.inbound.listeners.add(callback),
      size: () => this.inbound.size,
      pause: () => this.#brake.hold(),
      unread: (data) => {
        this.unread++
        this.control.tell(() => this.events.emit('dropped', { data, reason: 'unread' }))
      },
    })
    const data = { inbound: this.inbound, outbound: this.outbound, brake: this.#brake }
    this.control = new Control(settings, data, {
      attempt: (gen, dialledOffline) => this.#attempt(gen, dialledOffline),
      opened: (attempt) => this.#whenOpen(attempt),
      closed: (ended, next) => this.#whenClosed(ended, next),
      waiting: (status) => this.#whenWaiting(status),
      changed: (status) => this.#whenChanged(status),
      heartbeat: (rtt) => this.events.emit('heartbeat', { rtt }),
      drained: () => this.#whenDrained(),
      settled: (close) => this.#whenSettled(close),
      failed: (error) => this.#report(error),
    })
    if (settings.inspect !== undefined) this.control.inspect(settings.inspect)
    this.#followSignal('idle')
    if (settings.signal?.aborted) this.control.command('CLOSE')
    else if (settings.autoOpen) this.control.command('OPEN')
  }

  #attempt(gen: number, dialledOffline: boolean): Attempt {
    const { transport, prepare, url, protocols } = this.settings
    const take = (frame: Frame): void => this.inbound.message(frame)
    return new Attempt(gen, {
      transport,
      prepare,
      dialledOffline,
      inbound: {
        hold: (taker) => this.inbound.hold(taker),
        alive: (frame) => this.inbound.alive(frame),
        message: (frame) => this.control.during(take, frame),
      },
      send: (event) => this.control.send(event),
      resolve: async (signal) => {
        const { attempt, loss: previous } = this.control.status
        const context = { attempt, signal, previous }
        const target = await resolveTarget({ url, protocols, base: transport.base }, context)
        if (!signal.aborted) this.url = target.url
        // Asked last: it can be set at any time.
        return { ...target, binaryType: this.binaryType }
      },
    })
  }

  #whenOpen(attempt: Attempt): void {
    const socket = attempt.socket!
    const unread = attempt.takeUnread()
    this.#brake.attach(socket)
    this.inboxes.forgetPauses()
    // The queue first: acceptance order holds, also against what a listener of `open` sends.
    const waited = this.outbound.queue.size > 0
    this.outbound.attach(socket)
    const { url, protocol, extensions } = attempt
    this.opened.resolve()
    this.events.emit('open', { url, protocol, extensions, attempt: this.control.status.attempt })
    // A listener may have left it.
    if (this.control.attempt !== attempt) return
    if (!this.outbound.drained) this.control.drain.start()
    else if (waited) this.#whenDrained()
    else this.drained.resolve()
    this.inbound.release()
    for (const frame of unread) if (this.control.attempt === attempt) this.inbound.deliver(frame)
  }

  #whenClosed({ close, attempt, error, status, uncertain }: Ended, next: ConnectionStatus): void {
    this.lastClose = close
    this.#lastUncertain = uncertain
    const delay = next.state === 'backoff' || next.state === 'suspended' ? next.delay : next.willRetry ? 0 : undefined
    const event: CloseEvent = { ...close, attempt, error, status, willRetry: next.willRetry, delay, uncertain }
    this.events.emit('close', event)
  }

  #whenChanged(status: ConnectionStatus): void {
    this.#followSignal(status.state)
    // Opened again before it was closed: there is nothing left to wait for.
    if (status.state === 'connecting') this.closed.resolve(this.lastClose)
    this.events.emit('state', status)
  }

  #whenWaiting(status: ConnectionStatus): void {
    if (status.state !== 'backoff' || status.loss === undefined) return
    const { attempt, delay, retryAt, hinted, loss } = status
    const { close, error } = loss
    this.events.emit('backoff', { attempt, delay, retryAt, hinted, close, error, uncertain: this.#lastUncertain })
  }

  #whenDrained(): void {
    this.drained.resolve()
    this.events.emit('drain', undefined)
  }

  #whenSettled(close: CloseInfo | undefined): void {
    if (close !== undefined) this.lastClose = close
    this.outbound.queue.clear('ended')
    this.inboxes.end()
    this.opened.reject(this.over('opened()'))
    this.drained.reject(this.over('drained()'))
    this.closed.resolve(this.lastClose)
    this.ended.resolve(this.lastClose)
  }

  /** A signal that outlives the connection keeps nothing of it. */
  #followSignal(state: ConnectionState): void {
    const { signal } = this.settings
    if (state === 'ended') signal?.removeEventListener('abort', this.#abort)
    else signal?.addEventListener('abort', this.#abort)
  }

  readonly #abort = (): void => this.control.command('CLOSE', {})

  checkSignal(what: string): void {
    if (!this.settings.signal?.aborted) return
    throw new ConnectionError(
      'ERR_ENDED',
      `${what} (on a connection whose signal was aborted) must not follow: make another connection`,
    )
  }

  #answer(data: Data): void {
    if (!isData(data)) {
      this.control.fail('ERR_POLICY', 'heartbeat.answer', new TypeError(`it gave ${typeof data}, which cannot be sent`))
      return
    }
    try {
      this.control.attempt?.socket?.send(data)
    } catch {
      // It has closed and we have not heard of it yet.
    }
  }

  /** The error of whoever asks too late, or of something that will not have it. */
  over(what: string): ConnectionError {
    const { state, why, loss } = this.control.status
    if (why === 'refused' && loss !== undefined) {
      const message = `${what} (on a connection that was refused, and so has ended) must have something to connect to: see the cause`
      return new ConnectionError('ERR_ENDED', message, { cause: loss.error ?? loss.close, status: loss.status })
    }
    return new ConnectionError(
      'ERR_ENDED',
      `${what} (on a connection that is ${state}) must come before close(), or after open()`,
    )
  }

  listenerThrew(type: string, thrown: unknown): void {
    // A listener of `error` that throws would be told of its own throw for ever.
    if (type === 'error') complain(thrown)
    else this.control.fail('ERR_LISTENER', `a '${type}' listener`, thrown)
  }

  #report(error: ConnectionError): void {
    if (this.events.has('error')) this.events.emit('error', error)
    else complain(error)
  }
}

/** What nobody listens for is not swallowed; nor may it stop us. */
function complain(error: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error)
  // oxlint-disable-next-line no-console -- the one place: where a runtime has no reportError, silence would be worse
  else console.error(error)
}

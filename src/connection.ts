import type {
  CloseEvent,
  Connection,
  ConnectionEventMap,
  ConnectionOptions,
  Counters,
  MessagesOptions,
  UrlProvider,
} from './connection.types.js'
import { count, oneOf } from './checks.js'
import { Attempt } from './control/attempt.js'
import { Control } from './control/control.js'
import type { Ended } from './control/control.types.js'
import type { InspectionObserver } from './control/inspection.types.js'
import type { ConnectionState, ConnectionStatus, ReadyState } from './control/status.types.js'
import { Brake } from './data/brake.js'
import { Inbound } from './data/inbound.js'
import { Inboxes } from './data/inbox.js'
import { Outbound, type SendOptions, type SendResult } from './data/outbound.js'
import { ConnectionError, type ErrorCode } from './errors.js'
import { Events, type ListenOptions } from './events.js'
import { defaults, resolveOptions, type Settings } from './options.js'
import { checkCloseArguments } from './policies/close-codes.js'
import { resolveTarget } from './provider.js'
import type { BinaryType, CloseInfo, Data, Frame } from './transports/transport.js'
import { Waiters } from './waiters.js'

/**
 * A connection that stays alive until it is closed. Dials at once, like `new WebSocket`, unless `autoOpen` is false.
 *
 * Throws `ERR_URL` or `ERR_OPTION` for what could never work, before any socket is made. `url` may be a function that is asked
 * for each attempt; it may take its time, within `connectTimeout`, and a rejection is a failed attempt.
 */
export function createConnection<In = Frame, Out = Data>(
  url: string | URL | UrlProvider,
  options?: ConnectionOptions<In, Out>,
): Connection<In, Out> {
  return new LiveConnection(resolveOptions(url, options))
}

/** Where control, data and transport meet. */
class LiveConnection<In, Out> implements Connection<In, Out> {
  readonly #settings: Settings<In, Out>
  readonly #events: Events<ConnectionEventMap<In, Out>>
  readonly #inbound: Inbound<In>
  readonly #outbound: Outbound<Out>
  readonly #brake: Brake
  readonly #control: Control
  readonly #inboxes: Inboxes<In>
  readonly #opened = new Waiters<void>()
  readonly #endings = new Waiters<CloseInfo>()
  readonly #closings = new Waiters<CloseInfo>()
  readonly #drained = new Waiters<void>()
  #binaryType: BinaryType
  #url: string
  #lastClose: CloseInfo = { code: 1005, reason: '', wasClean: false }
  #lastUncertain: Ended['uncertain'] = { messages: 0, bytes: 0 }

  constructor(settings: Settings<In, Out>) {
    this.#settings = settings
    this.#binaryType = settings.binaryType
    this.#url = typeof settings.url === 'string' ? settings.url : ''
    this.#events = new Events((type, thrown) => this.#listenerThrew(type, thrown))
    this.#inbound = new Inbound<In>(settings.heartbeat, settings.codec && ((frame) => settings.codec!.decode(frame)), {
      alive: () => this.#control.alive(),
      pong: () => this.#control.pong(),
      answer: (data) => this.#answer(data),
      failed: (code, what, thrown) => this.#control.fail(code, what, thrown),
    })
    this.#events.use('message', this.#inbound.listeners)
    this.#outbound = new Outbound<Out>(
      {
        queue: settings.queue,
        highWaterMark: settings.highWaterMark,
        encode: settings.codec && ((message) => settings.codec!.encode(message)),
        now: () => this.#control.timers.now(),
      },
      this.#inbound,
      {
        dropped: (data, reason) => this.#control.tell(() => this.#events.emit('dropped', { data, reason })),
        blocked: () => this.#control.drain.start(),
        turn: (work) => this.#control.turn(work),
      },
    )
    this.#brake = new Brake((held) => this.#control.paused(held))
    this.#inboxes = new Inboxes<In>({
      listen: (callback) => this.#inbound.listeners.add(callback),
      pause: () => this.#brake.hold(),
      unread: (data) => this.#control.tell(() => this.#events.emit('dropped', { data, reason: 'unread' })),
    })
    const data = { inbound: this.#inbound, outbound: this.#outbound, brake: this.#brake }
    this.#control = new Control(settings, data, {
      attempt: (gen, dialledOffline) => this.#attempt(gen, dialledOffline),
      opened: (attempt) => this.#whenOpen(attempt),
      closed: (ended, next) => this.#whenClosed(ended, next),
      waiting: (status) => this.#whenWaiting(status),
      changed: (status) => this.#whenChanged(status),
      heartbeat: (rtt) => this.#events.emit('heartbeat', { rtt }),
      drained: () => this.#whenDrained(),
      settled: () => this.#whenSettled(),
      failed: (error) => this.#report(error),
    })
    if (settings.inspect !== undefined) this.inspect(settings.inspect)
    this.#followSignal('idle')
    if (settings.signal?.aborted) this.#control.command('CLOSE')
    else if (settings.autoOpen) this.open()
  }

  get state(): ConnectionState {
    return this.#control.status.state
  }

  get status(): ConnectionStatus {
    return this.#control.status
  }

  get readyState(): ReadyState {
    return this.#control.status.readyState
  }

  get url(): string {
    return this.#url
  }

  get protocol(): string {
    return this.#control.attempt?.protocol ?? ''
  }

  get extensions(): string {
    return this.#control.attempt?.extensions ?? ''
  }

  get bufferedAmount(): number {
    return this.#outbound.queue.bytes + (this.#control.attempt?.socket?.bufferedAmount ?? 0)
  }

  get binaryType(): BinaryType {
    return this.#binaryType
  }

  set binaryType(type: BinaryType) {
    this.#binaryType = oneOf('binaryType', type, ['arraybuffer', 'blob'])
    const socket = this.#control.attempt?.socket
    if (socket !== undefined) socket.binaryType = type
  }

  get counters(): Counters {
    const { size, bytes } = this.#outbound.queue
    return { received: this.#inbound.messages, sent: this.#outbound.sent, queued: size, queuedBytes: bytes }
  }

  open(): void {
    this.#checkSignal('open()')
    this.#control.command('OPEN')
  }

  async opened({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    signal?.throwIfAborted()
    if (this.state === 'open') return
    if (this.state === 'ended') throw this.#over('opened()')
    return this.#opened.wait(signal)
  }

  async ended({ signal }: { signal?: AbortSignal } = {}): Promise<CloseInfo> {
    signal?.throwIfAborted()
    return this.state === 'ended' ? this.#lastClose : this.#endings.wait(signal)
  }

  send(message: Out, options?: SendOptions): SendResult {
    const { state } = this.#control.status
    if (state === 'ended' || state === 'closing') throw this.#over('send()')
    return this.#outbound.send(message, options)
  }

  async drained(): Promise<void> {
    if (this.state === 'ended') throw this.#over('drained()')
    if (this.#outbound.drained) return
    if (this.state === 'open') this.#control.drain.start()
    return this.#drained.wait()
  }

  reconnect(code?: number, reason?: string): void {
    checkCloseArguments(code, reason)
    this.#checkSignal('reconnect()')
    this.#control.command('RECONNECT', { code, reason })
  }

  markHealthy(): void {
    this.#control.command('HEALTHY')
  }

  close(code?: number, reason?: string): Promise<CloseInfo> {
    checkCloseArguments(code, reason)
    if (this.state === 'ended') return Promise.resolve(this.#lastClose)
    const closed = this.#closings.wait()
    // A second close changes nothing, neither the code of the first.
    if (this.state !== 'closing') this.#control.command('CLOSE', { code, reason })
    return closed
  }

  inspect(observer: InspectionObserver): () => void {
    return this.#control.inspect(observer)
  }

  on<K extends keyof ConnectionEventMap<In, Out>>(
    type: K,
    listener: (event: ConnectionEventMap<In, Out>[K]) => unknown,
    options?: ListenOptions,
  ): () => void {
    return this.#events.on(type, listener, options)
  }

  readonly subscribe = (listener: (status: ConnectionStatus) => void): (() => void) => {
    const off = this.#events.on('state', listener)
    try {
      listener(this.status)
    } catch (thrown) {
      this.#listenerThrew('state', thrown)
    }
    return off
  }

  readonly getSnapshot = (): ConnectionStatus => this.status

  messages({
    limit = defaults.messages.limit,
    overflow = defaults.messages.overflow,
    signal,
  }: MessagesOptions = {}): AsyncIterableIterator<In> {
    const inbox = this.#inboxes.create(
      count('messages.limit', limit, 1),
      oneOf('messages.overflow', overflow, ['pause', 'drop-oldest', 'drop-newest']),
    )
    if (this.state === 'ended' || signal?.aborted) inbox.end()
    signal?.addEventListener('abort', () => inbox.end(), { once: true })
    return inbox
  }

  /** For RxJS's `from`, which looks for `Symbol.observable` under this name where nobody has defined it. */
  ['@@observable'](): { subscribe(observer: { next?(status: ConnectionStatus): void }): { unsubscribe(): void } } {
    return {
      subscribe: (observer) => ({ unsubscribe: this.subscribe((status) => observer.next?.(status)) }),
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<In> {
    return this.messages()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #attempt(gen: number, dialledOffline: boolean): Attempt {
    const { transport, prepare, url, protocols } = this.#settings
    return new Attempt(gen, {
      transport,
      prepare,
      dialledOffline,
      inbound: this.#inbound,
      send: (event) => this.#control.send(event),
      resolve: async (signal) => {
        const { attempt, loss: previous } = this.status
        const context = { attempt, signal, previous }
        const target = await resolveTarget({ url, protocols, base: transport.base }, context, this.#binaryType)
        if (!signal.aborted) this.#url = target.url
        return target
      },
    })
  }

  #whenOpen(attempt: Attempt): void {
    const socket = attempt.socket!
    const unread = attempt.takeUnread()
    this.#brake.attach(socket)
    this.#inboxes.forgetPauses()
    // The queue first: acceptance order holds, also against what a listener of `open` sends.
    const waited = this.#outbound.queue.size > 0
    this.#outbound.attach(socket)
    if (!this.#outbound.drained) this.#control.drain.start()
    else if (waited) this.#whenDrained()
    else this.#drained.resolve()
    const { url, protocol, extensions } = attempt
    this.#opened.resolve()
    this.#events.emit('open', { url, protocol, extensions, attempt: this.status.attempt })
    this.#inbound.release()
    for (const frame of unread) if (this.#control.attempt === attempt) this.#inbound.deliver(frame)
  }

  #whenClosed({ close, attempt, error, status, uncertain }: Ended, next: ConnectionStatus): void {
    this.#lastClose = close
    this.#lastUncertain = uncertain
    const delay = next.state === 'backoff' || next.state === 'suspended' ? next.delay : next.willRetry ? 0 : undefined
    const event: CloseEvent = { ...close, attempt, error, status, willRetry: next.willRetry, delay, uncertain }
    this.#events.emit('close', event)
  }

  #whenChanged(status: ConnectionStatus): void {
    this.#followSignal(status.state)
    // Opened again before it was closed: there is nothing left to wait for.
    if (status.state === 'connecting') this.#closings.resolve(this.#lastClose)
    this.#events.emit('state', status)
  }

  #whenWaiting(status: ConnectionStatus): void {
    if (status.state !== 'backoff' || status.loss === undefined) return
    const { attempt, delay, retryAt, hinted, loss } = status
    const { close, error } = loss
    this.#events.emit('backoff', { attempt, delay, retryAt, hinted, close, error, uncertain: this.#lastUncertain })
  }

  #whenDrained(): void {
    this.#drained.resolve()
    this.#events.emit('drain', undefined)
  }

  #whenSettled(): void {
    this.#outbound.queue.clear('ended')
    this.#inboxes.end()
    this.#opened.reject(this.#over('opened()'))
    this.#drained.reject(this.#over('drained()'))
    this.#closings.resolve(this.#lastClose)
    this.#endings.resolve(this.#lastClose)
  }

  /** A signal that outlives the connection keeps nothing of it. */
  #followSignal(state: ConnectionState): void {
    const { signal } = this.#settings
    if (state === 'ended') signal?.removeEventListener('abort', this.#abort)
    else signal?.addEventListener('abort', this.#abort)
  }

  readonly #abort = (): void => void this.close()

  #checkSignal(what: string): void {
    if (!this.#settings.signal?.aborted) return
    throw new ConnectionError(
      'ERR_ENDED',
      `${what} (on a connection whose signal was aborted) must not follow: make another connection`,
    )
  }

  #answer(data: Data): void {
    try {
      this.#control.attempt?.socket?.send(data)
    } catch {
      // It has closed and we have not heard of it yet.
    }
  }

  #over(what: string): ConnectionError {
    return new ConnectionError(
      'ERR_ENDED',
      `${what} (on a connection that is ${this.state}) must come before close(), or after open()`,
    )
  }

  #listenerThrew(type: string, thrown: unknown): void {
    // A listener of `error` that throws would be told of its own throw for ever.
    if (type === 'error') complain(thrown)
    else this.#control.fail('ERR_LISTENER' satisfies ErrorCode, `a '${type}' listener`, thrown)
  }

  #report(error: ConnectionError): void {
    if (this.#events.has('error')) this.#events.emit('error', error)
    else complain(error)
  }
}

/** What nobody listens for is not swallowed; nor may it stop us. */
function complain(error: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error)
  // oxlint-disable-next-line no-console -- the one place: where a runtime has no reportError, silence would be worse
  else console.error(error)
}

import { count, oneOf } from './checks.js'
import type {
  Connection,
  ConnectionEventMap,
  ConnectionOptions,
  Counters,
  MessagesOptions,
  UrlProvider,
} from './connection.types.js'
import type { InspectionObserver } from './control/inspection.types.js'
import type { ConnectionState, ConnectionStatus, ReadyState } from './control/status.types.js'
import type { SendCounts, SendOptions, SendResult } from './data/outbound.js'
import type { Inbox, InboxBounds } from './data/inbox.js'
import { Listeners } from './data/listeners.js'
import { readableOf, writableOf } from './data/streams.js'
import type { ListenOptions } from './events.js'
import { checkBatch, checkBinaryType, checkListener, checkSendOptions, defaults, resolveOptions } from './options.js'
import { checkCloseArguments } from './policies/close-arguments.js'
import type { BinaryType, CloseInfo, Data, Frame } from './transports/transport.js'
import { Wiring } from './wiring.js'

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
  return new LiveConnection(new Wiring(resolveOptions(url, options)))
}

/** What the app holds: each method is a word to one of the planes. */
class LiveConnection<In, Out> implements Connection<In, Out> {
  readonly #wiring: Wiring<In, Out>
  /** Made when asked for, and forgotten when over. */
  #readable: ReadableStream<In> | undefined
  #subscribe: Connection['subscribe'] | undefined
  #getSnapshot: Connection['getSnapshot'] | undefined

  constructor(wiring: Wiring<In, Out>) {
    this.#wiring = wiring
    const { observable } = Symbol as { observable?: symbol }
    if (observable !== undefined) Object.defineProperty(this, observable, { value: () => this['@@observable']() })
  }

  get state(): ConnectionState {
    return this.#wiring.control.status.state
  }

  get status(): ConnectionStatus {
    return this.#wiring.control.status
  }

  get readyState(): ReadyState {
    return this.#wiring.control.status.readyState
  }

  get url(): string {
    return this.#wiring.url
  }

  get protocol(): string {
    return this.#wiring.control.attempt?.protocol ?? ''
  }

  get extensions(): string {
    return this.#wiring.control.attempt?.extensions ?? ''
  }

  get bufferedAmount(): number {
    return this.#wiring.outbound.queue.bytes + (this.#wiring.control.attempt?.socket?.bufferedAmount ?? 0)
  }

  get binaryType(): BinaryType {
    return this.#wiring.binaryType
  }

  set binaryType(type: BinaryType) {
    this.#wiring.binaryType = checkBinaryType('binaryType', type)
    const socket = this.#wiring.control.attempt?.socket
    if (socket !== undefined) socket.binaryType = type
  }

  get counters(): Counters {
    const { size, bytes } = this.#wiring.outbound.queue
    return {
      received: this.#wiring.inbound.messages,
      sent: this.#wiring.outbound.sent,
      queued: size,
      queuedBytes: bytes,
      unread: this.#wiring.lost,
    }
  }

  open(): void {
    this.#wiring.checkSignal('open()')
    this.#wiring.control.command('OPEN')
  }

  async opened({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    signal?.throwIfAborted()
    if (this.state === 'open') return
    if (this.state === 'ended') throw this.#wiring.over('opened()')
    return this.#wiring.waiters.wait('opened', signal)
  }

  async ended({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<CloseInfo> {
    signal?.throwIfAborted()
    return this.state === 'ended' ? this.#wiring.lastClose : this.#wiring.waiters.wait('ended', signal)
  }

  send(message: Out, options?: SendOptions): SendResult {
    const { state } = this.#wiring.control.status
    if (state === 'ended' || state === 'closing') throw this.#wiring.over('send()')
    if (options !== undefined) checkSendOptions(options)
    return this.#wiring.outbound.send(message, options)
  }

  sendMany(messages: Iterable<Out>, options?: Pick<SendOptions, 'ttl'>): SendCounts {
    const { state } = this.#wiring.control.status
    if (state === 'ended' || state === 'closing') throw this.#wiring.over('sendMany()')
    if (options !== undefined) checkSendOptions(options, ['ttl'])
    return this.#wiring.outbound.sendMany(checkBatch(messages), options)
  }

  withdraw(): Out[] {
    return this.#wiring.outbound.withdraw()
  }

  async drained({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    signal?.throwIfAborted()
    if (this.state === 'ended') throw this.#wiring.over('drained()')
    if (this.#wiring.outbound.drained) return
    if (this.state === 'open') this.#wiring.control.drain.start()
    return this.#wiring.waiters.wait('drained', signal)
  }

  reconnect(code?: number, reason?: string): void {
    checkCloseArguments(code, reason)
    this.#wiring.checkSignal('reconnect()')
    this.#wiring.control.command('RECONNECT', { code, reason })
  }

  markHealthy(): void {
    this.#wiring.control.command('HEALTHY')
  }

  close(code?: number, reason?: string): Promise<CloseInfo> {
    checkCloseArguments(code, reason)
    if (this.state === 'ended') return Promise.resolve(this.#wiring.lastClose)
    const closed = this.#wiring.waiters.wait('closed')
    // A second close changes nothing, neither the code of the first.
    if (this.state !== 'closing') this.#wiring.control.command('CLOSE', { code, reason })
    return closed
  }

  inspect(observer: InspectionObserver): () => void {
    return this.#wiring.control.inspect(observer)
  }

  on<K extends keyof ConnectionEventMap<In, Out>>(
    type: K,
    listener: (event: ConnectionEventMap<In, Out>[K]) => unknown,
    options?: ListenOptions,
  ): () => void {
    checkListener(type, listener)
    return this.#wiring.events.on(type, listener, options)
  }

  /** Made when it is asked for, and then the same: few use both the methods and the store. */
  get subscribe(): Connection['subscribe'] {
    return (this.#subscribe ??= (listener) => this.#watch(listener))
  }

  get getSnapshot(): Connection['getSnapshot'] {
    return (this.#getSnapshot ??= () => this.status)
  }

  #watch(listener: (status: ConnectionStatus) => void): () => void {
    const off = this.#wiring.events.on('state', listener)
    const first = new Listeners<ConnectionStatus>((thrown) => this.#wiring.listenerThrew('state', thrown))
    first.add(listener)
    first.emit(this.status)
    return off
  }

  messages({
    limit = defaults.messages.limit,
    bytes = defaults.messages.bytes,
    overflow = defaults.messages.overflow,
    signal,
  }: MessagesOptions = {}): AsyncIterableIterator<In> {
    const bounds = {
      limit: count('messages.limit', limit, 1),
      bytes: count('messages.bytes', bytes, 1),
      overflow: oneOf('messages.overflow', overflow, ['pause', 'drop-oldest', 'drop-newest']),
    }
    return this.#inbox(bounds, signal === undefined ? {} : { signal })
  }

  get readable(): ReadableStream<In> {
    if (this.#readable !== undefined) return this.#readable
    const inbox = this.#inbox(defaults.messages, { ended: () => (this.#readable = undefined) })
    const readable = readableOf(inbox)
    // One that was over at once is not kept: the next life gets its own.
    if (this.state !== 'ended') this.#readable = readable
    return readable
  }

  get writable(): WritableStream<Out> {
    const wiring = this.#wiring
    const view = wiring.writable ?? writableOf(this, wiring)
    if (this.state === 'ended') view.controller.error(wiring.over('writable'))
    else wiring.writable = view
    return view.stream
  }

  #inbox(bounds: InboxBounds, until: { signal?: AbortSignal; ended?: () => void }): Inbox<In> {
    const inbox = this.#wiring.inboxes.create(bounds, until)
    if (this.state === 'closing') inbox.finish()
    if (this.state === 'ended') inbox.end(this.#wiring.failure('messages()'))
    return inbox
  }

  /** For RxJS's `from`, which looks for `Symbol.observable` under this name where nobody has defined it. */
  ['@@observable'](): {
    subscribe(observer: { next?: ((status: ConnectionStatus) => void) | undefined }): { unsubscribe(): void }
  } {
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
}

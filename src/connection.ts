import { throwIfAborted } from './abort-signals.js'
import { bag, count, oneOf } from './checks.js'
import type {
  Connection,
  ConnectionEventMap,
  ConnectionOptions,
  Counters,
  MessagesOptions,
} from './connection.types.js'
import type { UrlProvider } from './provider.types.js'
import type { InspectionObserver } from './core/engine/inspection.types.js'
import type { ConnectionState, ConnectionStatus, ReadyState } from './control/status.types.js'
import type { SendCounts, SendOptions, SendResult } from './data/outbound.js'
import type { Inbox, InboxBounds } from './data/inbox.js'
import { Listeners } from './data/listeners.js'
import { checkStreams, readableOf, writableOf } from './data/streams.js'
import { asyncDispose, asyncIterator } from './data/symbols.js'
import type { ListenOptions } from './events.js'
import {
  checkBatch,
  checkBinaryType,
  checkListener,
  checkListenOptions,
  checkSendOptions,
  checkSignal,
  defaults,
  resolveOptions,
  signalOf,
} from './options.js'
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

/**
 * Leads from what the app holds to what it is made of. Not a private name, which a `Proxy` does not pass on, and a function,
 * which deep proxies do not wrap: a connection works inside the reactive state of any framework.
 */
const inside = Symbol('inside')

/** What the app holds: each method is a word to one of the planes. */
class LiveConnection<In, Out> implements Connection<In, Out> {
  declare readonly [inside]: () => Wiring<In, Out>

  constructor(wiring: Wiring<In, Out>) {
    Object.defineProperty(this, inside, { value: () => wiring })
    const { observable } = Symbol as { observable?: symbol }
    if (observable !== undefined) Object.defineProperty(this, observable, { value: () => this['@@observable']() })
  }

  get state(): ConnectionState {
    return this[inside]().control.status.state
  }

  get status(): ConnectionStatus {
    return this[inside]().control.status
  }

  get readyState(): ReadyState {
    return this[inside]().control.status.readyState
  }

  get url(): string {
    return this[inside]().url
  }

  get protocol(): string {
    return this[inside]().control.attempt?.protocol ?? ''
  }

  get extensions(): string {
    return this[inside]().control.attempt?.extensions ?? ''
  }

  get bufferedAmount(): number {
    return this[inside]().outbound.queue.bytes + (this[inside]().control.attempt?.socket?.bufferedAmount ?? 0)
  }

  get binaryType(): BinaryType {
    return this[inside]().binaryType
  }

  set binaryType(type: BinaryType) {
    this[inside]().binaryType = checkBinaryType('binaryType', type)
    const socket = this[inside]().control.attempt?.socket
    if (socket !== undefined) socket.binaryType = type
  }

  get counters(): Counters {
    const { size, bytes } = this[inside]().outbound.queue
    return {
      received: this[inside]().inbound.messages,
      sent: this[inside]().outbound.sent,
      queued: size,
      queuedBytes: bytes,
      unread: this[inside]().lost,
    }
  }

  open(): void {
    this[inside]().checkSignal('open()')
    this[inside]().control.command('OPEN')
  }

  async opened(options?: { signal?: AbortSignal | undefined }): Promise<void> {
    const signal = signalOf('opened', options)
    throwIfAborted(signal)
    if (this.state === 'open') return
    if (this.state === 'ended') throw this[inside]().over('opened()')
    return this[inside]().waiters.wait('opened', signal)
  }

  async ended(options?: { signal?: AbortSignal | undefined }): Promise<CloseInfo> {
    const signal = signalOf('ended', options)
    throwIfAborted(signal)
    return this.state === 'ended' ? this[inside]().lastClose : this[inside]().waiters.wait('ended', signal)
  }

  send(message: Out, options?: SendOptions): SendResult {
    this[inside]().mustAccept('send()')
    if (options !== undefined) checkSendOptions(options)
    return this[inside]().outbound.send(message, options)
  }

  sendMany(messages: Iterable<Out>, options?: Pick<SendOptions, 'ttl'>): SendCounts {
    this[inside]().mustAccept('sendMany()')
    if (options !== undefined) checkSendOptions(options, ['ttl'])
    return this[inside]().outbound.sendMany(checkBatch(messages), options)
  }

  withdraw(): Out[] {
    return this[inside]().outbound.withdraw()
  }

  async drained(options?: { signal?: AbortSignal | undefined }): Promise<void> {
    const signal = signalOf('drained', options)
    throwIfAborted(signal)
    if (this.state === 'ended') throw this[inside]().over('drained()')
    if (this[inside]().outbound.drained) return
    if (this.state === 'open') this[inside]().control.drain.start()
    return this[inside]().waiters.wait('drained', signal)
  }

  reconnect(code?: number, reason?: string): void {
    checkCloseArguments(code, reason)
    this[inside]().checkSignal('reconnect()')
    this[inside]().control.command('RECONNECT', { code, reason })
  }

  markHealthy(): void {
    this[inside]().control.command('HEALTHY')
  }

  close(code?: number, reason?: string): Promise<CloseInfo> {
    checkCloseArguments(code, reason)
    if (this.state === 'ended') return Promise.resolve(this[inside]().lastClose)
    const closed = this[inside]().waiters.wait('closed')
    // A second close changes nothing, neither the code of the first.
    if (this.state !== 'closing') this[inside]().control.command('CLOSE', { code, reason })
    return closed
  }

  inspect(observer: InspectionObserver): () => void {
    return this[inside]().control.inspect(observer)
  }

  on<K extends keyof ConnectionEventMap<In, Out>>(
    type: K,
    listener: (event: ConnectionEventMap<In, Out>[K]) => unknown,
    options?: ListenOptions,
  ): () => void {
    checkListener(type, listener)
    return this[inside]().events.on(type, listener, options === undefined ? undefined : checkListenOptions(options))
  }

  /** Made when it is asked for, and then the same: few use both the methods and the store. */
  get subscribe(): Connection['subscribe'] {
    const wiring = this[inside]()
    return (wiring.subscribe ??= (listener) => watch(wiring, listener))
  }

  get getSnapshot(): Connection['getSnapshot'] {
    const wiring = this[inside]()
    return (wiring.getSnapshot ??= () => wiring.control.status)
  }

  messages(options: MessagesOptions = {}): AsyncIterableIterator<In> {
    const {
      limit = defaults.messages.limit,
      bytes = defaults.messages.bytes,
      overflow = defaults.messages.overflow,
      signal,
    } = bag<MessagesOptions>('messages', options, ['limit', 'bytes', 'overflow', 'signal'])
    const bounds = {
      limit: count('messages.limit', limit, 1),
      bytes: count('messages.bytes', bytes, 1),
      overflow: oneOf('messages.overflow', overflow, ['pause', 'drop-oldest', 'drop-newest']),
    }
    const until = signal === undefined ? {} : { signal: checkSignal('messages.signal', signal) }
    return openInbox(this[inside](), bounds, until)
  }

  get readable(): ReadableStream<In> {
    const wiring = this[inside]()
    if (wiring.readable !== undefined) return wiring.readable
    checkStreams('ReadableStream')
    const readable = readableOf(openInbox(wiring, defaults.messages, { ended: () => (wiring.readable = undefined) }))
    // One that was over at once is not kept: the next life gets its own.
    if (this.state !== 'ended') wiring.readable = readable
    return readable
  }

  get writable(): WritableStream<Out> {
    checkStreams('WritableStream')
    const wiring = this[inside]()
    const view = wiring.writable ?? writableOf(this, wiring)
    if (this.state === 'ended') view.controller.error(wiring.over('writable'))
    else wiring.writable = view
    return view.stream
  }

  /** For RxJS's `from`, which looks for `Symbol.observable` under this name where nobody has defined it. */
  ['@@observable'](): {
    subscribe(observer: { next?: ((status: ConnectionStatus) => void) | undefined }): { unsubscribe(): void }
  } {
    return {
      subscribe: (observer) => ({ unsubscribe: this.subscribe((status) => observer.next?.(status)) }),
    }
  }

  [asyncIterator](): AsyncIterator<In> {
    return this.messages()
  }

  async [asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Vue takes it for an object of the platform, and leaves it as it is: `ref(connection).value === connection`. */
  get [Symbol.toStringTag](): string {
    return 'Connection'
  }
}

function watch<In, Out>(wiring: Wiring<In, Out>, listener: (status: ConnectionStatus) => void): () => void {
  const off = wiring.events.on('state', listener)
  const first = new Listeners<ConnectionStatus>((thrown) => wiring.listenerThrew('state', thrown))
  first.add(listener)
  first.emit(wiring.control.status)
  return off
}

function openInbox<In, Out>(
  wiring: Wiring<In, Out>,
  bounds: InboxBounds,
  until: { signal?: AbortSignal; ended?: () => void },
): Inbox<In> {
  const inbox = wiring.inboxes.create(bounds, until)
  const { state } = wiring.control.status
  if (state === 'closing') inbox.finish()
  if (state === 'ended') inbox.end(wiring.failure('messages()'))
  return inbox
}

import {
  ConnectionError,
  createConnection,
  type BinaryType,
  type CloseEvent,
  type Connection,
  type Data,
  type DroppedEvent,
  type Frame,
  type OpenEvent,
  type ReadyState,
  type UrlProvider,
} from '../index.js'
import { Audience, type AddOptions, type Callback } from './audience.js'
import { byteLength, toCloseArguments, toData, toProtocols, toText } from './convert.js'
import {
  closeEvent,
  errorEvent,
  messageEvent,
  type ReconnectingCloseEvent,
  type ReconnectingErrorEvent,
} from './events.js'
import { Handlers } from './handlers.js'
import { logTo } from './log.js'
import { overflow, readOptions, rehearse, type Behaviour, type ReconnectingWebSocketOptions } from './options.js'
import { withProtocols, type ProtocolsProvider } from './protocols.js'

export interface ReconnectingWebSocketEventMap {
  open: Event
  message: MessageEvent
  error: ReconnectingErrorEvent
  close: ReconnectingCloseEvent
}

/** Written as a method, so that a handler of the standard's own events fits. */
type Handler<E> = { handle(event: E): unknown }['handle'] | null

/** As `typeof WebSocket` is used: `new (url, protocols)` and the four constants. */
export interface ReconnectingWebSocketClass {
  new (
    url: string | URL | UrlProvider,
    protocols?: string | readonly string[] | ProtocolsProvider | null,
    options?: ReconnectingWebSocketOptions,
  ): ReconnectingWebSocket
  readonly prototype: ReconnectingWebSocket
  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSING: 2
  readonly CLOSED: 3
  with(options: ReconnectingWebSocketOptions): ReconnectingWebSocketClass
}

/**
 * A `WebSocket` that happens not to die: the interface of the standard, over a statewire connection.
 *
 * Throws `SyntaxError` (`DOMException`) for a URL or subprotocol that the standard refuses, `ConnectionError` `ERR_OPTION`
 * for an option that is wrong. Two deviations, both to be switched: messages sent before it is open are queued (`queue`),
 * and a `close` event may be followed by another `open` (`maxRetries: 0`); its `willReconnect` tells.
 *
 * Trap: browsers cannot send a protocol ping, so there a silent link is found only with a `heartbeat`.
 * Source: WHATWG WebSockets §3.
 */
export class ReconnectingWebSocket extends EventTarget {
  declare static readonly CONNECTING: 0
  declare static readonly OPEN: 1
  declare static readonly CLOSING: 2
  declare static readonly CLOSED: 3
  declare readonly CONNECTING: 0
  declare readonly OPEN: 1
  declare readonly CLOSING: 2
  declare readonly CLOSED: 3

  readonly #connection: Connection
  readonly #behaviour: Behaviour
  readonly #handlers = new Handlers(this)
  readonly #audience = new Audience((anybody) => this.#listen(anybody))
  #deaf: (() => void) | undefined
  #protocol = ''
  #extensions = ''
  #origin = ''
  /** Whether the present or last attempt has come to an `open` event. */
  #opened = false
  /** As long as a provider has not given one. */
  readonly #firstUrl: string
  /** What still waited when it ended: its sender may reconnect, or take it back. */
  #unsent: Data[] = []
  #unsentBytes = 0
  /** Bytes of what was sent after the end: the standard counts them for ever, which here is until the next life. */
  #discardedBytes = 0

  /** `url` and `protocols` may be functions that are asked for each attempt; they may take their time. */
  constructor(
    url: string | URL | UrlProvider,
    protocols: string | readonly string[] | ProtocolsProvider | null = [],
    options: ReconnectingWebSocketOptions = {},
  ) {
    super()
    if (arguments.length === 0) throw new TypeError('a WebSocket needs a url')
    const { behaviour, connection } = readOptions(options)
    this.#behaviour = behaviour
    // To the standard null is text. Who gives options knows of the other libraries, to which it means none.
    const offered = protocols === null && arguments.length > 2 ? [] : protocols
    const asked = typeof offered === 'function' ? [] : toProtocols(offered)
    try {
      const fixed = typeof url === 'function' ? url : toText(url)
      // Handed to a provider it would be looked at only when it is dialled.
      const target = typeof offered === 'function' && typeof fixed === 'string' ? rehearse(fixed, connection) : fixed
      this.#firstUrl = typeof target === 'string' ? target : ''
      this.#connection = createConnection(typeof offered === 'function' ? withProtocols(target, offered) : target, {
        ...connection,
        protocols: asked,
      })
    } catch (error) {
      if (!(error instanceof ConnectionError) || error.code !== 'ERR_URL') throw error
      throw new DOMException(error.message, 'SyntaxError')
    }
    if (behaviour.log !== undefined) logTo(behaviour.log, this.#connection)
    this.#connection.on('open', (event) => this.#whenOpen(event))
    this.#connection.on('close', (event) => this.#whenClosed(event))
    this.#connection.on('dropped', (event) => this.#whenDropped(event))
  }

  /**
   * The class with these options bound, for clients that make their sockets themselves from a class they are given.
   * Options given to its constructor win.
   */
  static with(this: ReconnectingWebSocketClass, options: ReconnectingWebSocketOptions): ReconnectingWebSocketClass {
    const Bound = class extends this {
      constructor(
        url: string | URL | UrlProvider,
        protocols: string | readonly string[] | ProtocolsProvider | null = [],
        more: ReconnectingWebSocketOptions = {},
      ) {
        super(url, protocols ?? [], { ...options, ...more })
      }
    }
    // A wrong option is to be heard of here, not where somebody else's client dials.
    rehearse('wss://server.invalid/', readOptions(options).connection)
    return Object.defineProperty(Bound, 'name', { value: 'ReconnectingWebSocket' })
  }

  get url(): string {
    return this.#connection.url || this.#firstUrl
  }

  get readyState(): ReadyState {
    return this.#connection.readyState
  }

  /** Bytes that were accepted and not handed to the network, those that never will be included. */
  get bufferedAmount(): number {
    return this.#connection.bufferedAmount + this.#unsentBytes + this.#discardedBytes
  }

  get extensions(): string {
    return this.#extensions
  }

  get protocol(): string {
    return this.#protocol
  }

  get binaryType(): BinaryType {
    return this.#connection.binaryType
  }

  set binaryType(type: BinaryType) {
    // An enumeration of Web IDL ignores what it does not know.
    if (type === 'blob' || type === 'arraybuffer') this.#connection.binaryType = type
  }

  get onopen(): Handler<Event> {
    return this.#handlers.get('open')
  }

  set onopen(handler: Handler<Event>) {
    this.#handlers.set('open', handler)
  }

  get onerror(): Handler<ReconnectingErrorEvent> {
    return this.#handlers.get('error')
  }

  set onerror(handler: Handler<ReconnectingErrorEvent>) {
    this.#handlers.set('error', handler)
  }

  get onclose(): Handler<ReconnectingCloseEvent> {
    return this.#handlers.get('close')
  }

  set onclose(handler: Handler<ReconnectingCloseEvent>) {
    this.#handlers.set('close', handler)
  }

  get onmessage(): Handler<MessageEvent> {
    return this.#handlers.get('message')
  }

  set onmessage(handler: Handler<MessageEvent>) {
    this.#handlers.set('message', handler)
  }

  /** What it stands on: its `status` says why it is in its state, `inspect` shows the chart. */
  get connection(): Connection {
    return this.#connection
  }

  /** How many attempts have followed the first, or the last link that lasted `minUptime`; one that is waited for is counted. */
  get retryCount(): number {
    const { attempt, state, why } = this.#connection.status
    // The one that was refused will not be made.
    const retries = state === 'ended' && why === 'refused' ? attempt - 2 : attempt - 1
    return Math.max(0, retries)
  }

  /** Whether it keeps itself connected: it was started, and neither closed nor given up. */
  get shouldReconnect(): boolean {
    return !['idle', 'closing', 'ended'].includes(this.#connection.state)
  }

  /** Throws `InvalidStateError` while connecting, if `queue` is false; what is sent when it is over is counted and discarded. */
  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (arguments.length === 0) throw new TypeError('send needs data')
    const message = toData(data)
    const { state, readyState } = this.#connection
    if (readyState !== 1 && !this.#behaviour.queue) {
      if (readyState === 0) throw new DOMException('it is still connecting', 'InvalidStateError')
      this.#discardedBytes += byteLength(message)
    } else if (state === 'closing' || state === 'ended') this.#discardedBytes += byteLength(message)
    else {
      // A listener may send before `reconnect`, in which it was told, has returned.
      this.#resend()
      this.#pass(message)
    }
  }

  /**
   * Closes for good, until `reconnect()`. Throws `InvalidAccessError` for a code other than 1000 and 3000 to 4999,
   * `SyntaxError` for a reason of more than 123 bytes.
   */
  close(...[code, reason]: [code?: number, reason?: string]): void {
    const farewell = toCloseArguments(code, reason)
    // Where no socket is open none will be: what waits is its sender's again at once, whoever asks for it next.
    if (this.readyState !== 1) for (const data of this.#connection.withdraw()) this.#keep(data)
    void this.#connection.close(...farewell)
  }

  /** Dials now, whatever it is doing: drops the present socket, cuts a wait short, starts again after its end. Retries count from 0. */
  reconnect(...[code = 1000, reason]: [code?: number, reason?: string]): void {
    const farewell = toCloseArguments(code, reason)
    const { state } = this.#connection
    if (state === 'connecting' || state === 'open') void this.#connection.close(...farewell)
    this.#discardedBytes = 0
    this.#connection.open()
    this.#resend()
  }

  /** Takes back what waits for a socket, oldest first: it will not be sent by this one. */
  drainQueuedMessages(): Data[] {
    return [...this.#takeUnsent(), ...this.#connection.withdraw()]
  }

  override addEventListener<K extends keyof ReconnectingWebSocketEventMap>(
    type: K,
    listener:
      Handler<ReconnectingWebSocketEventMap[K]> | { handleEvent(event: ReconnectingWebSocketEventMap[K]): unknown },
    options?: boolean | AddOptions,
  ): void
  override addEventListener(
    type: string,
    listener: Handler<Event> | { handleEvent(event: Event): unknown },
    options?: boolean | AddOptions,
  ): void
  override addEventListener(type: string, listener: Callback, options: boolean | AddOptions = {}): void {
    if (type === 'message') {
      const given = typeof options === 'boolean' ? { capture: options } : (options ?? {})
      this.#audience.add(listener, given, (leave) => {
        super.addEventListener(type, leave, given)
        return () => super.removeEventListener(type, leave, given)
      })
    }
    super.addEventListener(type, listener as EventListener | null, options)
  }

  override removeEventListener<K extends keyof ReconnectingWebSocketEventMap>(
    type: K,
    listener:
      Handler<ReconnectingWebSocketEventMap[K]> | { handleEvent(event: ReconnectingWebSocketEventMap[K]): unknown },
    options?: boolean | { readonly capture?: boolean },
  ): void
  override removeEventListener(
    type: string,
    listener: Handler<Event> | { handleEvent(event: Event): unknown },
    options?: boolean | { readonly capture?: boolean },
  ): void
  override removeEventListener(type: string, listener: Callback, options: boolean | { capture?: boolean } = {}): void {
    if (type === 'message') {
      this.#audience.remove(listener, Boolean(typeof options === 'boolean' ? options : options?.capture))
    }
    super.removeEventListener(type, listener as EventListener | null, options)
  }

  #takeUnsent(): Data[] {
    this.#unsentBytes = 0
    return this.#unsent.splice(0)
  }

  /** Once there is a next life, and no listener has ended it: what was left of the one before comes first. */
  #resend(): void {
    if (!this.shouldReconnect) return
    for (const data of this.#takeUnsent()) this.#pass(data)
  }

  #pass(message: Data): void {
    try {
      this.#connection.send(message)
    } catch (error) {
      // Too many wait already, or the socket will not have it. `send` of the standard does not throw for that.
      const known = error as ConnectionError
      const told = known.code === 'ERR_QUEUE_FULL' ? overflow(this.#behaviour.maxEnqueuedMessages, known) : known
      queueMicrotask(() => this.dispatchEvent(errorEvent(told)))
    }
  }

  #keep(data: Data): void {
    this.#unsent.push(data)
    this.#unsentBytes += byteLength(data)
  }

  #listen(anybody: boolean): void {
    this.#deaf?.()
    this.#deaf = anybody ? this.#connection.on('message', this.#whenMessage) : undefined
  }

  readonly #whenMessage = (data: Frame): void => {
    // The standard delivers nothing once closing has begun.
    if (this.#connection.readyState === 1) this.dispatchEvent(messageEvent(data, this.#origin))
  }

  #whenOpen({ url, protocol, extensions }: OpenEvent): void {
    this.#protocol = protocol
    this.#extensions = extensions
    this.#origin = new URL(url).origin
    this.#opened = true
    this.dispatchEvent(new Event('open'))
  }

  #whenClosed({ willRetry: willReconnect, delay: retryDelay, error, ...close }: CloseEvent): void {
    const failed = error !== undefined || !this.#opened
    this.#opened = false
    if (failed) this.dispatchEvent(errorEvent(error))
    this.dispatchEvent(closeEvent(close, { willReconnect, retryDelay }))
  }

  #whenDropped({ data, reason }: DroppedEvent<Frame, Data>): void {
    if (reason === 'ended') {
      // A listener that was told before may have opened anew.
      if (this.#connection.status.willRetry) this.#pass(data)
      else this.#keep(data)
    } else this.dispatchEvent(errorEvent(new Error(`a message that waited was dropped (${reason})`)))
  }

  static {
    const constants = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 }
    for (const [name, value] of Object.entries(constants)) {
      for (const where of [this, this.prototype]) Object.defineProperty(where, name, { value, enumerable: true })
    }
    // As Web IDL has it; those of a class are not.
    for (const name of Object.getOwnPropertyNames(this.prototype)) {
      if (name !== 'constructor') Object.defineProperty(this.prototype, name, { enumerable: true })
    }
    Object.defineProperty(this.prototype, Symbol.toStringTag, { value: 'WebSocket', configurable: true })
    // What is given as a class of WHATWG shape is to look like one.
    Object.defineProperty(this, 'prototype', { writable: false })
  }
}

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
import { insideClient } from './bound-heartbeat.js'
import { SignalRegistrations } from '../abort-signals.js'
import { print } from '../complain.js'
import { Audience, type AddOptions, type Callback } from './audience.js'
import { originOf, toAddOptions, toCloseArguments, toData, toProtocols, toText } from './convert.js'
import { currentDom, domException, type Dom } from './dom.js'
import {
  closeEvent,
  errorEvent,
  lateErrorEvent,
  messageEvents,
  type AnyHandler,
  type Handler,
  type Listener,
  type MakeMessageEvent,
  type Outlook,
  type ReconnectingCloseEvent,
  type ReconnectingErrorEvent,
  type ReconnectingWebSocketEventMap,
} from './events.js'
import { Handlers } from './handlers.js'
import { Leftovers } from './leftovers.js'
import { logTo } from './log.js'
import { overflow, readOptions, rehearse, type Behaviour, type ReconnectingWebSocketOptions } from './options.js'
import { markAsOurs } from './platform.js'
import { withProtocols, type ProtocolsProvider } from './protocols.js'
import { inheritFrom, makeInterface } from './shape.js'
import { Target } from './target.js'

/** What was left out by being `undefined` is not there. */
function definedOf(options: unknown): object {
  if (typeof options !== 'object' || options === null) return {}
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

/** Under `exactOptionalPropertyTypes`, `undefined` is as good as left out. */
type OrUndefined<T> = { [K in keyof T]: T[K] | undefined }

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
export class ReconnectingWebSocket implements EventTarget {
  declare static readonly CONNECTING: 0
  declare static readonly OPEN: 1
  declare static readonly CLOSING: 2
  declare static readonly CLOSED: 3
  declare readonly CONNECTING: 0
  declare readonly OPEN: 1
  declare readonly CLOSING: 2
  declare readonly CLOSED: 3

  readonly #dom: Dom
  readonly #target: Target
  readonly #messageEvent: MakeMessageEvent
  readonly #connection: Connection
  readonly #behaviour: Behaviour
  readonly #handlers = new Handlers(
    this,
    (type, listener) => this.#add(type, listener, {}),
    (type, listener) => this.#remove(type, listener, {}),
  )
  /** By type of event. */
  readonly #audiences = new Map<string, Audience>()
  /** Few listeners have a signal. */
  #signals: SignalRegistrations | undefined
  #deaf: (() => void) | undefined
  #protocol = ''
  #extensions = ''
  #origin = ''
  /** Whether the present or last attempt has come to an `open` event. */
  #opened = false
  /** It was never open, and nothing was printed of that. */
  #neverOpen = true
  /** Messages beyond `maxEnqueuedMessages` that no event has told of. */
  #refused = 0
  #isTelling = false
  /** As long as a provider has not given one. */
  readonly #firstUrl: string
  readonly #leftovers = new Leftovers()

  /** `url` and `protocols` may be functions that are asked for each attempt; they may take their time. */
  constructor(
    url: string | URL | UrlProvider,
    protocols: string | readonly string[] | ProtocolsProvider | null = [],
    options: ReconnectingWebSocketOptions = {},
  ) {
    if (arguments.length === 0) throw new TypeError('a WebSocket needs a url')
    this.#dom = currentDom()
    inheritFrom(ReconnectingWebSocket, this.#dom)
    this.#target = new Target(this, this.#dom)
    this.#messageEvent = messageEvents(this.#dom)
    // The standard ignores a third argument. Options are an object.
    const { behaviour, connection } = readOptions(typeof options === 'object' && options !== null ? options : {})
    this.#behaviour = behaviour
    // In the order of the standard, whose callers may hear themselves being converted.
    const address = typeof url === 'function' ? url : toText(url)
    // To the standard null is text. Who gives options knows of the other libraries, to which it means none.
    const offered = protocols === null && arguments.length > 2 ? [] : protocols
    const asked = typeof offered === 'function' ? [] : toProtocols(offered)
    try {
      // Handed to a provider it would be looked at only when it is dialled.
      const target =
        typeof offered === 'function' && typeof address === 'string' ? rehearse(address, connection) : address
      this.#firstUrl = typeof target === 'string' ? target : ''
      this.#connection = createConnection(typeof offered === 'function' ? withProtocols(target, offered) : target, {
        ...connection,
        protocols: asked,
      })
    } catch (error) {
      if (!(error instanceof ConnectionError) || error.code !== 'ERR_URL') throw error
      throw domException(error.message, 'SyntaxError')
    }
    if (behaviour.log !== undefined) logTo(behaviour.log, this.#connection)
    this.#connection.on('open', (event) => this.#whenOpen(event))
    this.#connection.on('close', (event) => this.#whenClosed(event))
    this.#connection.on('dropped', (event) => this.#whenDropped(event))
  }

  /**
   * The class with these options bound, for clients that make their sockets themselves from a class they are given.
   * Options given to its constructor win.
   *
   * A `heartbeat` bound here withholds no message and answers no ping of the server, because the client that makes the socket
   * does both. With `withhold: true` in its profile, it does what one given to the constructor does.
   */
  static with<C extends typeof ReconnectingWebSocket>(this: C, options: ReconnectingWebSocketOptions): C {
    // A wrong option is to be heard of here, not where somebody else's client dials.
    rehearse('wss://server.invalid/', readOptions(options).connection)
    const { heartbeat } = options
    const ours = heartbeat === undefined ? options : { ...options, heartbeat: insideClient(heartbeat) }
    // Not a subclass: whoever looks at it sees the interface itself.
    return new Proxy(this, {
      construct: (target, given: unknown[], newTarget) => {
        const [url, protocols, more] = given
        const bound = { ...ours, ...definedOf(more) }
        return Reflect.construct(target, given.length === 0 ? [] : [url, protocols, bound], newTarget) as object
      },
    })
  }

  get url(): string {
    return this.#connection.url || this.#firstUrl
  }

  get readyState(): ReadyState {
    return this.#connection.readyState
  }

  /** Bytes that were accepted and not handed to the network, those that never will be included. */
  get bufferedAmount(): number {
    return this.#connection.bufferedAmount + this.#leftovers.bytes
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
    const connection = this.#connection
    const text = toText(type)
    // An enumeration of Web IDL ignores what it does not know.
    if (text === 'blob' || text === 'arraybuffer') connection.binaryType = text
  }

  get onopen(): AnyHandler {
    return this.#handlers.get('open')
  }

  set onopen(handler: Handler<Event>) {
    this.#handlers.set('open', handler)
  }

  get onerror(): AnyHandler {
    return this.#handlers.get('error')
  }

  set onerror(handler: Handler<ReconnectingErrorEvent>) {
    this.#handlers.set('error', handler)
  }

  get onclose(): AnyHandler {
    return this.#handlers.get('close')
  }

  set onclose(handler: Handler<ReconnectingCloseEvent>) {
    this.#handlers.set('close', handler)
  }

  get onmessage(): AnyHandler {
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
    const connection = this.#connection
    if (arguments.length === 0) throw new TypeError('send needs data')
    const message = toData(data)
    const { state, readyState } = connection
    if (readyState !== 1 && !this.#behaviour.queue) {
      if (readyState === 0) throw domException('it is still connecting', 'InvalidStateError')
      this.#leftovers.discard(message)
    } else if (state === 'closing' || state === 'ended') this.#leftovers.discard(message)
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
    const connection = this.#connection
    const farewell = toCloseArguments(code, reason)
    // Where no socket is open none will be: what waits is its sender's again at once, whoever asks for it next.
    if (connection.readyState !== 1) for (const data of connection.withdraw()) this.#leftovers.keep(data)
    void connection.close(...farewell)
    this.#tellSoon()
  }

  /** Dials now, whatever it is doing: drops the present socket, cuts a wait short, starts again after its end. Retries count from 0. */
  reconnect(...[code = 1000, reason]: [code?: number, reason?: string]): void {
    const connection = this.#connection
    const farewell = toCloseArguments(code, reason)
    if (connection.state === 'connecting' || connection.state === 'open') void connection.close(...farewell)
    this.#leftovers.forgetDiscarded()
    connection.open()
    this.#resend()
  }

  /** Takes back what waits for a socket, oldest first: it will not be sent by this one. */
  drainQueuedMessages(): Data[] {
    return [...this.#leftovers.take(), ...this.#connection.withdraw()]
  }

  addEventListener<K extends keyof ReconnectingWebSocketEventMap>(
    type: K,
    listener: Listener<ReconnectingWebSocketEventMap[K]>,
    options?: boolean | OrUndefined<AddOptions>,
  ): void
  addEventListener(type: string, listener: Listener<Event>, options?: boolean | OrUndefined<AddOptions>): void
  addEventListener(type: string, listener: Callback, options: unknown = {}): void {
    if (arguments.length < 2) throw new TypeError('addEventListener needs a type and a listener')
    this.#add(toText(type), listener, options)
  }

  removeEventListener<K extends keyof ReconnectingWebSocketEventMap>(
    type: K,
    listener: Listener<ReconnectingWebSocketEventMap[K]>,
    options?: boolean | { readonly capture?: boolean | undefined },
  ): void
  removeEventListener(
    type: string,
    listener: Listener<Event>,
    options?: boolean | { readonly capture?: boolean | undefined },
  ): void
  removeEventListener(type: string, listener: Callback, options: unknown = {}): void {
    if (arguments.length < 2) throw new TypeError('removeEventListener needs a type and a listener')
    this.#remove(toText(type), listener, options)
  }

  dispatchEvent(event: Event): boolean {
    return this.#target.dispatch(event)
  }

  #add(type: string, listener: Callback | undefined, options: unknown): void {
    const given = toAddOptions(options)
    const audience = this.#audiences.get(type) ?? this.#audience(type)
    this.#audiences.set(type, audience)
    audience.add(listener ?? null, given)
  }

  #remove(type: string, listener: Callback | undefined, options: unknown): void {
    const { capture = false } = toAddOptions(options)
    const audience = this.#audiences.get(type)
    if (audience === undefined) this.#target.remove(type, listener ?? null, { capture })
    else audience.remove(listener ?? null, { capture })
  }

  #audience(type: string): Audience {
    return new Audience(
      {
        register: (ear, options) => this.#target.add(type, ear, options),
        unregister: (ear, options) => this.#target.remove(type, ear, options),
        ...(type === 'message' && { changed: (anybody: boolean) => this.#listen(anybody) }),
      },
      () => this.#followSignals(),
    )
  }

  /** A socket that is over is not held by the signals of its listeners; it may come back. */
  #followSignals(): SignalRegistrations {
    if (this.#signals !== undefined) return this.#signals
    const signals = (this.#signals = new SignalRegistrations())
    this.#connection.subscribe(({ state }) => (state === 'ended' ? signals.rest() : signals.resume()))
    return signals
  }

  /** Once there is a next life, and no listener has ended it: what was left of the one before comes first. */
  #resend(): void {
    if (!this.shouldReconnect) return
    for (const data of this.#leftovers.take()) this.#pass(data)
  }

  #pass(message: Data): void {
    try {
      this.#connection.send(message)
    } catch (error) {
      // The socket will not have it. `send` of the standard does not throw for that.
      queueMicrotask(() => this.#target.dispatch(errorEvent(this.#dom, error as ConnectionError)))
    }
  }

  /** One event for all that are refused in one go. Those that its own listeners send are counted in the next. */
  #refuse(): void {
    this.#refused++
    this.#tellSoon()
  }

  #tellSoon(): void {
    if (this.#isTelling || this.#refused === 0) return
    this.#isTelling = true
    queueMicrotask(() => {
      this.#tellRefused()
      this.#isTelling = false
    })
  }

  #tellRefused(): void {
    const refused = this.#refused
    this.#refused = 0
    if (refused === 0) return
    const { maxEnqueuedMessages } = this.#behaviour
    this.#target.dispatch(lateErrorEvent(this.#dom, () => overflow(refused, maxEnqueuedMessages)))
  }

  #listen(anybody: boolean): void {
    this.#deaf?.()
    this.#deaf = anybody ? this.#connection.on('message', this.#whenMessage) : undefined
  }

  readonly #whenMessage = (data: Frame): void => {
    // The standard delivers nothing once closing has begun.
    if (this.#connection.readyState === 1) this.#target.dispatch(this.#messageEvent(data, this.#origin))
  }

  #whenOpen({ url, protocol, extensions }: OpenEvent): void {
    this.#protocol = protocol
    this.#extensions = extensions
    this.#origin = originOf(url)
    this.#tellRefused()
    this.#opened = true
    this.#neverOpen = false
    this.#target.dispatch(new this.#dom.Event('open'))
  }

  get #outlook(): Outlook {
    const { status } = this.#connection
    const { willRetry: willReconnect } = status
    return { willReconnect, retryDelay: 'delay' in status ? status.delay : willReconnect ? 0 : undefined }
  }

  #whenClosed({ error, ...close }: CloseEvent): void {
    // A link that fell silent has not failed, as the standard has it; other people's clients take an error for a reason to stop.
    const failed = !this.#opened || (error !== undefined && error.code !== 'ERR_HEARTBEAT_TIMEOUT')
    this.#opened = false
    this.#tellRefused()
    const { calls } = this.#target
    if (failed) this.#target.dispatch(errorEvent(this.#dom, error))
    const told: { final?: Outlook } = {}
    this.#target.dispatch(closeEvent(this.#dom, close, () => told.final ?? this.#outlook))
    told.final = this.#outlook
    const isRefused = this.#connection.status.why === 'refused' && !told.final.willReconnect
    // As every browser prints it. Without a word, a program that cannot work would simply end.
    if (isRefused && this.#neverOpen && this.#target.calls === calls && error !== undefined) {
      this.#neverOpen = false
      print(error)
    }
  }

  #whenDropped({ data, reason }: DroppedEvent<Frame, Data>): void {
    if (reason === 'ended') {
      // A listener that was told before may have opened anew.
      if (this.#connection.status.willRetry) this.#pass(data)
      else this.#leftovers.keep(data)
    } else if (reason === 'overflow') this.#refuse()
    else this.#target.dispatch(errorEvent(this.#dom, new Error(`a message that waited was dropped (${reason})`)))
  }
}

makeInterface(ReconnectingWebSocket)
markAsOurs(ReconnectingWebSocket.prototype)

import type { BinaryType, Heartbeat, SendData, ReadyState, UrlProvider } from '../index.js'
import { explain } from '../core/errors.js'
import { connect, logTo, validate, type ProtocolsProvider, type SocketConnection } from './connect.js'
import { currentDom } from './dom.js'
import type {
  AnyHandler,
  Handler,
  Listener,
  ReconnectingCloseEvent,
  ReconnectingErrorEvent,
  ReconnectingWebSocketEventMap,
} from './events.js'
import { SocketImplementation } from './implementation.js'
import type { Callback } from './listener-registry.js'
import { readOptions, type ReconnectingWebSocketOptions } from './options.js'
import { markAsDropIn } from './platform.js'
import { inheritFrom, makeInterface, toCloseArguments, toData, toProtocols, toText, type AddOptions } from './webidl.js'

/** Removes the properties that are `undefined`. */
function definedOf(options: unknown): object {
  if (typeof options !== 'object' || options === null) return {}
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

/**
 * Key of the implementation. Not a private name, which a `Proxy` does not forward; a function, which deep proxies do
 * not wrap.
 */
const implementation = Symbol('implementation')

function need(given: IArguments, count: number, call: string, needs: string): void {
  if (given.length < count) throw new TypeError(explain('WebSocket', 'too-few-arguments', [call, needs]))
}

/** The fields read from the original profile, each time, because an app may change a field while connected. */
const heartbeatFields = [
  'interval',
  'timeout',
  'when',
  'proof',
  'ping',
  'classify',
] as const satisfies (keyof Heartbeat)[]

/**
 * Adapts a heartbeat for a socket inside another client, which reads its own pongs and answers server pings itself.
 * Every message is delivered, and server pings get no second answer, which some protocols treat as an error.
 */
function insideClient(heartbeat: Heartbeat): Heartbeat {
  if (heartbeat.withhold === true) return heartbeat
  const inside = { withhold: false }
  for (const field of heartbeatFields)
    Object.defineProperty(inside, field, { get: () => heartbeat[field], enumerable: true })
  return inside as Heartbeat
}

/** Allows explicit `undefined` under `exactOptionalPropertyTypes`. */
type OrUndefined<T> = { [K in keyof T]: T[K] | undefined }

/**
 * A drop-in `WebSocket` that reconnects: the standard interface (WHATWG WebSockets §3) over a statewire connection.
 *
 * It differs from the standard in two ways. Messages sent before the socket is open are queued (switch off with `queue:
 * false`). A `close` event may be followed by another `open`; its `willReconnect` tells (switch off with `maxRetries:
 * 0`).
 *
 * Browsers can't send protocol pings. There, a silent link is detected only with a `heartbeat`.
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

  declare readonly [implementation]: () => SocketImplementation

  /**
   * Starts connecting, unless `startClosed` is set.
   *
   * `url` and `protocols` may be functions, which are called for each attempt and may return promises.
   *
   * @throws DOMException `SyntaxError` for a URL or subprotocol that the standard rejects.
   * @throws ConnectionError `ERR_OPTION` for an unknown or invalid option.
   */
  constructor(
    url: string | URL | UrlProvider,
    protocols: string | readonly string[] | ProtocolsProvider | null = [],
    options: ReconnectingWebSocketOptions = {},
  ) {
    need(arguments, 1, 'a WebSocket', 'a url')
    const dom = currentDom()
    inheritFrom(ReconnectingWebSocket, dom)
    // The standard ignores a third argument, so non-objects are ignored.
    const { behaviour, connection: given } = readOptions(typeof options === 'object' && options !== null ? options : {})
    // In the order of the standard; the conversions are observable.
    const address = typeof url === 'function' ? url : toText(url)
    // In the standard, null is converted to text. With options, it means none, as in other libraries.
    const offered = protocols === null && arguments.length > 2 ? [] : protocols
    const protocolsOrProvider = typeof offered === 'function' ? offered : toProtocols(offered)
    const { connection, firstUrl } = connect(address, protocolsOrProvider, given, behaviour.maxEnqueuedMessages)
    if (behaviour.log !== undefined) logTo(behaviour.log, connection)
    const own = new SocketImplementation(this, dom, connection, firstUrl, behaviour)
    Object.defineProperty(this, implementation, { value: () => own })
  }

  /**
   * Returns the class with these options bound, for clients that create their own sockets from a class. Options passed
   * to its constructor override them.
   *
   * A `heartbeat` bound here delivers every message and does not answer server pings, because the outer client handles
   * both. Set `withhold: true` in its profile for the normal behavior.
   *
   * @throws ConnectionError `ERR_OPTION` for an unknown or invalid option.
   */
  static with<C extends typeof ReconnectingWebSocket>(this: C, options: ReconnectingWebSocketOptions): C {
    // Validate now, not when the other client dials.
    validate('wss://server.invalid/', readOptions(options).connection)
    inheritFrom(this, globalThis)
    const { heartbeat } = options
    const settings = heartbeat === undefined ? options : { ...options, heartbeat: insideClient(heartbeat) }
    // A proxy instead of a subclass, so that the class looks unchanged.
    return new Proxy(this, {
      construct: (target, given: unknown[], newTarget) => {
        const [url, protocols, more] = given
        const bound = { ...settings, ...definedOf(more) }
        return Reflect.construct(target, given.length === 0 ? [] : [url, protocols, bound], newTarget) as object
      },
    })
  }

  /** The URL of the current or last attempt. Until a URL provider has returned one, the empty string. */
  get url(): string {
    return this[implementation]().url
  }

  /** The state of the current socket (WHATWG WebSockets §3.1). `CLOSED` (3) while it waits to reconnect. */
  get readyState(): ReadyState {
    return this[implementation]().connection.readyState
  }

  /** Bytes accepted by `send` but not handed to the network, including those that will never be sent. */
  get bufferedAmount(): number {
    const { connection, unsent } = this[implementation]()
    return connection.bufferedAmount + unsent.bytes
  }

  /** The extensions negotiated for the current or last link. */
  get extensions(): string {
    return this[implementation]().extensions
  }

  /** The subprotocol negotiated for the current or last link. */
  get protocol(): string {
    return this[implementation]().protocol
  }

  /** How binary messages are delivered: `'blob'` unless set. Kept across reconnects. */
  get binaryType(): BinaryType {
    return this[implementation]().connection.binaryType
  }

  set binaryType(type: BinaryType) {
    const connection = this[implementation]().connection
    const text = toText(type)
    // Web IDL: assigning an unknown enumeration value has no effect.
    if (text === 'blob' || text === 'arraybuffer') connection.binaryType = text
  }

  get onopen(): AnyHandler {
    return this[implementation]().listeners.handler('open')
  }

  set onopen(handler: Handler<Event>) {
    this[implementation]().listeners.setHandler('open', handler)
  }

  get onerror(): AnyHandler {
    return this[implementation]().listeners.handler('error')
  }

  set onerror(handler: Handler<ReconnectingErrorEvent>) {
    this[implementation]().listeners.setHandler('error', handler)
  }

  get onclose(): AnyHandler {
    return this[implementation]().listeners.handler('close')
  }

  set onclose(handler: Handler<ReconnectingCloseEvent>) {
    this[implementation]().listeners.setHandler('close', handler)
  }

  get onmessage(): AnyHandler {
    return this[implementation]().listeners.handler('message')
  }

  set onmessage(handler: Handler<MessageEvent>) {
    this[implementation]().listeners.setHandler('message', handler)
  }

  /** The underlying connection. Its `status` gives the state and the reason; `inspect` shows the chart. */
  get connection(): SocketConnection {
    return this[implementation]().connection
  }

  /**
   * The number of retries since the first attempt, or since the last link that lasted `minUptime`. Includes a scheduled
   * retry.
   */
  get retryCount(): number {
    const { attempt, state, why } = this[implementation]().connection.status
    // The rejected retry is not made.
    const retries = state === 'ended' && why === 'refused' ? attempt - 2 : attempt - 1
    return Math.max(0, retries)
  }

  /** Whether the socket stays connected: it was started, and neither closed nor given up. */
  get shouldReconnect(): boolean {
    return this[implementation]().shouldReconnect
  }

  /**
   * Sends a message, or queues it until a socket is open. After the end, the message is discarded and counts in
   * `bufferedAmount`.
   *
   * @throws DOMException `InvalidStateError` while connecting, with `queue: false`.
   */
  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    const own = this[implementation]()
    need(arguments, 1, 'send', 'data')
    own.send(toData(data))
  }

  /**
   * Closes the socket and stops reconnecting, until `reconnect()`.
   *
   * @throws DOMException `InvalidAccessError` for a code other than 1000 and 3000 to 4999; `SyntaxError` for a reason
   * over 123 bytes.
   */
  close(...[code, reason]: [code?: number, reason?: string]): void {
    const own = this[implementation]()
    own.close(toCloseArguments(code, reason))
  }

  /**
   * Dials immediately: closes the current socket, skips a pending delay, or starts again after the end. Resets
   * `retryCount` to 0.
   *
   * @throws DOMException as `close` does.
   */
  reconnect(...[code = 1000, reason]: [code?: number, reason?: string]): void {
    const own = this[implementation]()
    own.reconnect(toCloseArguments(code, reason))
  }

  /** Removes and returns the queued messages, oldest first. This socket will not send them. */
  drainQueuedMessages(): SendData[] {
    const { connection, unsent } = this[implementation]()
    return [...unsent.take(), ...connection.withdraw()]
  }

  addEventListener<K extends keyof ReconnectingWebSocketEventMap>(
    type: K,
    listener: Listener<ReconnectingWebSocketEventMap[K]>,
    options?: boolean | OrUndefined<AddOptions>,
  ): void
  addEventListener(type: string, listener: Listener<Event>, options?: boolean | OrUndefined<AddOptions>): void
  addEventListener(type: string, listener: Callback, options: unknown = {}): void {
    need(arguments, 2, 'addEventListener', 'a type and a listener')
    this[implementation]().listeners.add(toText(type), listener, options)
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
    need(arguments, 2, 'removeEventListener', 'a type and a listener')
    this[implementation]().listeners.remove(toText(type), listener, options)
  }

  dispatchEvent(event: Event): boolean {
    return this[implementation]().dispatch(event)
  }
}

makeInterface(ReconnectingWebSocket)
markAsDropIn(ReconnectingWebSocket.prototype)

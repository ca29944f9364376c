import type { BinaryType, SendData, ReadyState, UrlProvider } from '../index.js'
import { explain } from '../core/errors.js'
import { insideClient } from './bound-heartbeat.js'
import { connect, rehearse, type SocketConnection } from './connect.js'
import { currentDom } from './dom.js'
import type {
  AnyHandler,
  Handler,
  Listener,
  ReconnectingCloseEvent,
  ReconnectingErrorEvent,
  ReconnectingWebSocketEventMap,
} from './events.js'
import { Life } from './life.js'
import type { Callback } from './listener-registry.js'
import { logTo } from './log.js'
import { readOptions, type ReconnectingWebSocketOptions } from './options.js'
import { markAsOurs } from './platform.js'
import type { ProtocolsProvider } from './protocols.js'
import { toCloseArguments, toData, toProtocols, toText, type AddOptions } from './webidl.js'
import { inheritFrom, makeInterface } from './webidl-interface.js'

/** What was left out by being `undefined` is not there. */
function definedOf(options: unknown): object {
  if (typeof options !== 'object' || options === null) return {}
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

/**
 * Leads from the socket to what it is made of. Not a private name, which a `Proxy` does not pass on, and a function, which
 * deep proxies do not wrap.
 */
const inside = Symbol('inside')

function need(given: IArguments, count: number, call: string, needs: string): void {
  if (given.length < count) throw new TypeError(explain('WebSocket', 'too-few-arguments', [call, needs]))
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

  declare readonly [inside]: () => Life

  /** `url` and `protocols` may be functions that are asked for each attempt; they may take their time. */
  constructor(
    url: string | URL | UrlProvider,
    protocols: string | readonly string[] | ProtocolsProvider | null = [],
    options: ReconnectingWebSocketOptions = {},
  ) {
    need(arguments, 1, 'a WebSocket', 'a url')
    const dom = currentDom()
    inheritFrom(ReconnectingWebSocket, dom)
    // The standard ignores a third argument. Options are an object.
    const { behaviour, connection: given } = readOptions(typeof options === 'object' && options !== null ? options : {})
    // In the order of the standard, whose callers may hear themselves being converted.
    const address = typeof url === 'function' ? url : toText(url)
    // To the standard null is text. Who gives options knows of the other libraries, to which it means none.
    const offered = protocols === null && arguments.length > 2 ? [] : protocols
    const asked = typeof offered === 'function' ? offered : toProtocols(offered)
    const { connection, firstUrl } = connect(address, asked, given, behaviour.maxEnqueuedMessages)
    if (behaviour.log !== undefined) logTo(behaviour.log, connection)
    const life = new Life(this, dom, connection, firstUrl, behaviour)
    Object.defineProperty(this, inside, { value: () => life })
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
    inheritFrom(this, globalThis)
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
    return this[inside]().url
  }

  get readyState(): ReadyState {
    return this[inside]().connection.readyState
  }

  /** Bytes that were accepted and not handed to the network, those that never will be included. */
  get bufferedAmount(): number {
    const { connection, unsent } = this[inside]()
    return connection.bufferedAmount + unsent.bytes
  }

  get extensions(): string {
    return this[inside]().extensions
  }

  get protocol(): string {
    return this[inside]().protocol
  }

  get binaryType(): BinaryType {
    return this[inside]().connection.binaryType
  }

  set binaryType(type: BinaryType) {
    const connection = this[inside]().connection
    const text = toText(type)
    // An enumeration of Web IDL ignores what it does not know.
    if (text === 'blob' || text === 'arraybuffer') connection.binaryType = text
  }

  get onopen(): AnyHandler {
    return this[inside]().listeners.handler('open')
  }

  set onopen(handler: Handler<Event>) {
    this[inside]().listeners.setHandler('open', handler)
  }

  get onerror(): AnyHandler {
    return this[inside]().listeners.handler('error')
  }

  set onerror(handler: Handler<ReconnectingErrorEvent>) {
    this[inside]().listeners.setHandler('error', handler)
  }

  get onclose(): AnyHandler {
    return this[inside]().listeners.handler('close')
  }

  set onclose(handler: Handler<ReconnectingCloseEvent>) {
    this[inside]().listeners.setHandler('close', handler)
  }

  get onmessage(): AnyHandler {
    return this[inside]().listeners.handler('message')
  }

  set onmessage(handler: Handler<MessageEvent>) {
    this[inside]().listeners.setHandler('message', handler)
  }

  /** What it stands on: its `status` says why it is in its state, `inspect` shows the chart. */
  get connection(): SocketConnection {
    return this[inside]().connection
  }

  /** How many attempts have followed the first, or the last link that lasted `minUptime`; one that is waited for is counted. */
  get retryCount(): number {
    const { attempt, state, why } = this[inside]().connection.status
    // The one that was refused will not be made.
    const retries = state === 'ended' && why === 'refused' ? attempt - 2 : attempt - 1
    return Math.max(0, retries)
  }

  /** Whether it keeps itself connected: it was started, and neither closed nor given up. */
  get shouldReconnect(): boolean {
    return this[inside]().goesOn
  }

  /** Throws `InvalidStateError` while connecting, if `queue` is false; what is sent when it is over is counted and discarded. */
  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    const life = this[inside]()
    need(arguments, 1, 'send', 'data')
    life.send(toData(data))
  }

  /**
   * Closes for good, until `reconnect()`. Throws `InvalidAccessError` for a code other than 1000 and 3000 to 4999,
   * `SyntaxError` for a reason of more than 123 bytes.
   */
  close(...[code, reason]: [code?: number, reason?: string]): void {
    const life = this[inside]()
    life.close(toCloseArguments(code, reason))
  }

  /** Dials now, whatever it is doing: drops the present socket, cuts a wait short, starts again after its end. Retries count from 0. */
  reconnect(...[code = 1000, reason]: [code?: number, reason?: string]): void {
    const life = this[inside]()
    life.reconnect(toCloseArguments(code, reason))
  }

  /** Takes back what waits for a socket, oldest first: it will not be sent by this one. */
  drainQueuedMessages(): SendData[] {
    const { connection, unsent } = this[inside]()
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
    this[inside]().listeners.add(toText(type), listener, options)
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
    this[inside]().listeners.remove(toText(type), listener, options)
  }

  dispatchEvent(event: Event): boolean {
    return this[inside]().dispatch(event)
  }
}

makeInterface(ReconnectingWebSocket)
markAsOurs(ReconnectingWebSocket.prototype)

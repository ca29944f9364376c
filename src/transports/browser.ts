import { canConstruct, isBlob } from '../core/checks.js'
import { snapshot } from '../core/bytes.js'
import { makeError } from '../core/errors.js'
import { bag, isConstructor } from '../core/factory-checks/checks.js'
import { explain } from '../core/sentences/explain.js'
import { abnormal, GuardedSocket, startClosing } from './guarded-socket.js'
import type { CloseInfo, SendData, MessageData, Socket, SocketSink, Target, Transport } from '../core/transport.js'
import type { UpgradeWatcher } from './undici/undici.js'
import { watcherFor } from './undici/watcher.js'

/**
 * The part of the WHATWG `WebSocket` interface that `webSocketTransport` uses: the common ground of browsers, undici,
 * Bun, Deno and `ws`.
 */
export interface WebSocketLike {
  readonly readyState: number
  readonly bufferedAmount: number
  readonly protocol: string
  readonly extensions: string
  binaryType: string
  /** Also called with views and Blobs; the DOM, Node and undici declare these in incompatible ways. */
  send(data: string | ArrayBuffer): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'message' | 'error' | 'close', listener: (event: { type: string }) => void): void
  removeEventListener(type: 'open' | 'message' | 'error' | 'close', listener: (event: { type: string }) => void): void
}

/** A class with the WHATWG interface, such as the global `WebSocket`. */
export type WebSocketClass = new (url: string, protocols?: string[]) => WebSocketLike

/** Options of `webSocketTransport`. */
export interface WebSocketTransportOptions {
  /**
   * The class to use if the runtime has none, or to replace the runtime's own.
   *
   * @default the global `WebSocket`, looked up at each dial, so a class installed later (a polyfill, a test double) is
   * found
   */
  readonly WebSocket?: WebSocketClass | undefined
}

/**
 * Creates sockets with the runtime's own `WebSocket`: browsers, workers, Deno, Bun, Node 22 and later.
 *
 * Limited to the standard: no headers, no protocol pings, no pause, no HTTP status of a refused upgrade. In Node,
 * `statewire/ws` supports all of these.
 *
 * @throws ConnectionError `ERR_OPTION` for an unknown option or a `WebSocket` that is not a class. `connect` reports
 * `ERR_MISSING_PEER` if there is no `WebSocket`, and `ERR_TRANSPORT` for headers or TLS options.
 */
export function webSocketTransport(options: WebSocketTransportOptions = {}): Transport {
  const { WebSocket: given } = bag<WebSocketTransportOptions>('webSocketTransport', options, ['WebSocket'])
  if (given !== undefined) isConstructor('webSocketTransport.WebSocket', given)
  return {
    get base() {
      // Read as properties: most runtimes have neither, and workers have only `location`.
      const { document, location } = globalThis as { document?: { baseURI: string }; location?: { href: string } }
      return document?.baseURI ?? location?.href
    },
    connect: (target, sink) =>
      new StandardSocket(given ?? (globalThis as { WebSocket?: WebSocketClass }).WebSocket, target, sink),
  }
}

/**
 * workerd's sockets have `accept`. Its class reads bytes after `send` has returned, and sends a Blob as the text
 * "[object Blob]".
 */
const isWorkerd = (socket: WebSocketLike): boolean => 'accept' in socket

/**
 * A class sends a Blob that it does not recognize as the text "[object Object]". Blobs of another window have the tag.
 */
function isTheirs(blob: Blob): boolean {
  const { Blob } = globalThis as { Blob?: new () => Blob }
  return Symbol.toStringTag in blob || (Blob !== undefined && blob instanceof Blob)
}

/**
 * Throws if the target cannot be dialed with this class. `webSocketTransport` has already checked a class passed to it.
 */
function check(WebSocket: WebSocketClass | undefined, { headers, tls }: Target): asserts WebSocket is WebSocketClass {
  if (WebSocket === undefined) throw makeError('ERR_MISSING_PEER', 'no-websocket', [])
  if (!canConstruct(WebSocket)) throw makeError('ERR_MISSING_PEER', 'websocket-not-a-class', [typeof WebSocket])
  if (Object.keys(headers).length > 0) throw makeError('ERR_TRANSPORT', 'no-headers', [])
  if (Object.keys(tls ?? {}).length > 0) throw makeError('ERR_TRANSPORT', 'no-tls', [])
}

class StandardSocket extends GuardedSocket<WebSocketLike> implements Socket {
  /** Set if the class is Node's own: gives access to the TCP socket. */
  #watcher: UpgradeWatcher | undefined
  /**
   * The code of the Close frame sent, if the peer had not sent one before. A reply echoes the code (RFC 6455 §5.5.1). A
   * peer that sends the same code at the same moment cannot be told apart from one that replies.
   */
  #sentCode: number | undefined
  /** Whether the runtime may read the bytes of a message after `send` has returned. */
  #readsLate = false
  #sentBlob = false

  constructor(WebSocket: WebSocketClass | undefined, target: Target, sink: SocketSink) {
    super(target, sink)
    this.dial(target, () => {
      check(WebSocket, target)
      const protocols = [...target.protocols]
      const dispatcher = (this.#watcher = watcherFor(WebSocket))
      const socket = (this.socket = new WebSocket(
        target.url,
        // undici's extension: https://undici.nodejs.org/#/docs/api/WebSocket
        dispatcher === undefined ? protocols : ({ protocols, dispatcher } as unknown as string[]),
      ))
      this.#readsLate = isWorkerd(socket)
      // Never removed: if the class is an EventEmitter (`ws`), an `error` without a listener ends the process, and
      // canceling a handshake emits one. Functions, not one object with `handleEvent`, which some mocks and polyfills
      // do not support.
      socket.addEventListener('error', (event) => this.#failed(event))
      socket.addEventListener('open', () => this.opened(socket))
      socket.addEventListener('message', (event) => {
        if (this.isOver) return
        let { data } = event as unknown as { data: MessageData }
        if (this.lacksBlobs && typeof data !== 'string') data = new Blob([data])
        if (this.busy === 0) this.sink!.message(data)
        else this.report((sink) => sink.message(data))
      })
      socket.addEventListener('close', (event) => this.#closed(event))
    })
  }

  #failed(event: object): void {
    const { error, message } = event as { error?: unknown; message?: unknown }
    const detail = { cause: error ?? event }
    this.fail({
      error:
        typeof message === 'string' && message !== ''
          ? makeError('ERR_SOCKET', 'socket-said', [message], detail)
          : makeError('ERR_SOCKET', 'socket-silent', [], detail),
    })
    // An `error` always ends the socket. The standard fires `close` in the same task; undici 6 (Node 20 and 22) never
    // does after a failed handshake, and `ws` waits up to 30 s for the peer. So wait one task, not a duration.
    setTimeout(() => {
      if (this.isOver) return
      this.end(abnormal)
      startClosing(this.socket)
    }, 0)
  }

  #closed(event: object): void {
    const { code, reason, wasClean } = event as Partial<CloseInfo>
    // Deno reports a broken link as code 0. Chromium and workerd pass on codes that no frame may carry; workerd also
    // reports 1006 with a reason.
    const isLegal = code !== undefined && code >= 1000 && code <= 4999 && code !== 1006 && code !== 1015
    if (!isLegal) this.end(abnormal)
    else this.end({ code, reason: reason ?? '', wasClean: wasClean ?? false }, wasClean && code === this.#sentCode)
  }

  protected override release(isAbandoned: boolean): void {
    this.#watcher?.destroy()
    if (!isAbandoned) return
    try {
      // Bun's class and `ws` have it. In other runtimes except Node, the socket finishes the closing handshake in the
      // background.
      ;(this.socket as { terminate?: () => void } | undefined)?.terminate?.()
    } catch {
      // Already dropped.
    }
  }

  protected override write(socket: WebSocketLike, data: SendData): void {
    const isABlob = isBlob(data)
    if (isABlob && isWorkerd(socket)) throw new TypeError(explain('ERR_TRANSPORT', 'no-blob', []))
    if (isABlob && !isTheirs(data)) throw new TypeError(explain('ERR_TRANSPORT', 'foreign-blob', []))
    socket.send((this.#readsLate ? snapshot(data) : data) as string)
    // Deno and `ws` queue later data by reference until they have read the Blob.
    if (isABlob) this.#readsLate = this.#sentBlob = true
  }

  close(code?: number, reason?: string): void {
    if (this.isOver) return
    // Node's WebSocket sends the close frame before a Blob that it is still reading, and discards everything queued
    // behind the Blob.
    if (this.#sentBlob && this.isOpen && this.bufferedAmount > 0) {
      setTimeout(() => this.close(code, reason), 1)
      return
    }
    // In CLOSING, the socket is replying to the peer's Close.
    if (this.isOpen) this.#sentCode = code ?? 1005
    this.during(() => startClosing(this.socket, code, reason))
  }
}

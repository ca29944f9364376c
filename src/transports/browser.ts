import { canConstruct, isBlob } from '../core/checks.js'
import { snapshot } from '../core/bytes.js'
import { makeError } from '../core/errors.js'
import { bag, isConstructor } from '../core/factory-checks/checks.js'
import { explain } from '../core/sentences/explain.js'
import { abnormal, GuardedSocket, startClosing } from './guarded-socket.js'
import type { CloseInfo, SendData, MessageData, Socket, SocketSink, Target, Transport } from '../core/transport.js'
import type { UpgradeWatcher } from './undici/undici.js'
import { watcherFor } from './undici/watcher.js'

/** What is used of a WebSocket: the part of the WHATWG interface that browsers, undici, Bun, Deno and `ws` share. */
export interface WebSocketLike {
  readonly readyState: number
  readonly bufferedAmount: number
  readonly protocol: string
  readonly extensions: string
  binaryType: string
  /** Views and Blobs are sent as well; the DOM, Node and undici declare these in ways that exclude each other. */
  send(data: string | ArrayBuffer): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'message' | 'error' | 'close', listener: (event: { type: string }) => void): void
  removeEventListener(type: 'open' | 'message' | 'error' | 'close', listener: (event: { type: string }) => void): void
}

/** A class of WHATWG shape, such as the global `WebSocket`. */
export type WebSocketClass = new (url: string, protocols?: string[]) => WebSocketLike

export interface WebSocketTransportOptions {
  /**
   * The class to use, where the runtime has none or another one is wanted.
   *
   * @default the global `WebSocket`, looked up at each dial, so that one installed later (by a polyfill, by a test) is found
   */
  readonly WebSocket?: WebSocketClass | undefined
}

/**
 * Sockets of the runtime's own `WebSocket`: browsers, workers, Deno, Bun, Node 22 and later.
 *
 * It can do what the standard can: no headers, no protocol ping, no pause, no HTTP status of a refused upgrade.
 * In Node, `statewire/ws` can do all of these.
 */
export function webSocketTransport(options: WebSocketTransportOptions = {}): Transport {
  const { WebSocket: given } = bag<WebSocketTransportOptions>('webSocketTransport', options, ['WebSocket'])
  if (given !== undefined) isConstructor('webSocketTransport.WebSocket', given)
  return {
    get base() {
      // Looked up by property: in most runtimes neither exists, and workers have only `location`.
      const { document, location } = globalThis as { document?: { baseURI: string }; location?: { href: string } }
      return document?.baseURI ?? location?.href
    },
    connect: (target, sink) =>
      new StandardSocket(given ?? (globalThis as { WebSocket?: WebSocketClass }).WebSocket, target, sink),
  }
}

/** Its class has a method more. It reads bytes after `send` has returned, and sends a Blob as the text "[object Blob]". */
const isWorkerd = (socket: WebSocketLike): boolean => 'accept' in socket

/** A class sends what it does not know for a Blob as the text "[object Object]". Those of other windows have the tag. */
function isTheirs(blob: Blob): boolean {
  const { Blob } = globalThis as { Blob?: new () => Blob }
  return Symbol.toStringTag in blob || (Blob !== undefined && blob instanceof Blob)
}

/** Throws unless it can be dialed with. A class that was given to `webSocketTransport` was checked there. */
function check(WebSocket: WebSocketClass | undefined, { headers, tls }: Target): asserts WebSocket is WebSocketClass {
  if (WebSocket === undefined) throw makeError('ERR_MISSING_PEER', 'no-websocket', [])
  if (!canConstruct(WebSocket)) throw makeError('ERR_MISSING_PEER', 'websocket-not-a-class', [typeof WebSocket])
  if (Object.keys(headers).length > 0) throw makeError('ERR_TRANSPORT', 'no-headers', [])
  if (Object.keys(tls ?? {}).length > 0) throw makeError('ERR_TRANSPORT', 'no-tls', [])
}

class StandardSocket extends GuardedSocket<WebSocketLike> implements Socket {
  /** Knows the TCP socket where the class is Node's own. */
  #watcher: UpgradeWatcher | undefined
  /**
   * The code of our Close, if the peer had not sent its own before. An answer has the same (RFC 6455 §5.5.1); so has the Close of a
   * peer that chose this very code at this very moment, which cannot be told apart here.
   */
  #asked: number | undefined
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
        // What undici takes besides: https://undici.nodejs.org/#/docs/api/WebSocket
        dispatcher === undefined ? protocols : ({ protocols, dispatcher } as unknown as string[]),
      ))
      this.#readsLate = isWorkerd(socket)
      // Never removed: where the class is an EventEmitter (`ws`), an `error` without a listener ends the process, and one
      // comes when a handshake is canceled. Functions, not one object with `handleEvent`, which mocks and polyfills don't know.
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
    // An `error` is always the end. The standard fires `close` in the same turn; undici 6 (Node 20 and 22) never does when
    // a handshake failed, and `ws` only after up to 30 s of waiting for the peer. So a turn is waited for, no duration.
    setTimeout(() => {
      if (this.isOver) return
      this.end(abnormal)
      startClosing(this.socket)
    }, 0)
  }

  #closed(event: object): void {
    const { code, reason, wasClean } = event as Partial<CloseInfo>
    // Deno's code for a link that broke is 0, and Chromium and workerd pass on codes that no frame may carry; workerd also
    // tells of 1006 in words, as if a frame had brought them.
    const isLegal = code !== undefined && code >= 1000 && code <= 4999 && code !== 1006 && code !== 1015
    if (!isLegal) this.end(abnormal)
    else this.end({ code, reason: reason ?? '', wasClean: wasClean ?? false }, wasClean && code === this.#asked)
  }

  protected override release(isAbandoned: boolean): void {
    this.#watcher?.destroy()
    if (!isAbandoned) return
    try {
      // Bun's class and `ws` have it; elsewhere, but for Node, the runtime waits out the closing handshake by itself, unheard.
      ;(this.socket as { terminate?: () => void } | undefined)?.terminate?.()
    } catch {
      // Dropped already.
    }
  }

  protected override write(socket: WebSocketLike, data: SendData): void {
    const isABlob = isBlob(data)
    if (isABlob && isWorkerd(socket)) throw new TypeError(explain('ERR_TRANSPORT', 'no-blob', []))
    if (isABlob && !isTheirs(data)) throw new TypeError(explain('ERR_TRANSPORT', 'foreign-blob', []))
    socket.send((this.#readsLate ? snapshot(data) : data) as string)
    // Deno and `ws` keep what follows a Blob, by reference, until they have read the Blob.
    if (isABlob) this.#readsLate = this.#sentBlob = true
  }

  close(code?: number, reason?: string): void {
    if (this.isOver) return
    // Node's own WebSocket lets the close frame overtake a Blob that it is still reading, and sends nothing of what follows it.
    if (this.#sentBlob && this.isOpen && this.bufferedAmount > 0) {
      setTimeout(() => this.close(code, reason), 1)
      return
    }
    // One that is closing already answers the peer's Close.
    if (this.isOpen) this.#asked = code ?? 1005
    this.during(() => startClosing(this.socket, code, reason))
  }
}

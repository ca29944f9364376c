import { bag, isBlob, canConstruct, isConstructor } from '../checks.js'
import { snapshot } from '../bytes.js'
import { ConnectionError } from '../errors.js'
import { ABNORMAL, absorb, farewell, notOpen, refusal, SinkGate } from './gate.js'
import type { BinaryType, CloseInfo, Data, Frame, Socket, SocketSink, Target, Transport } from './transport.js'
import { watcherFor, type UpgradeWatcher } from './undici.js'

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

class StandardSocket implements Socket {
  readonly #gate: SinkGate
  #socket: WebSocketLike | undefined
  /** Knows the TCP socket where the class is Node's own. */
  #watcher: UpgradeWatcher | undefined
  #binaryType: BinaryType
  /** The class cannot present binary messages as Blobs. */
  #makesBlobs = false
  /**
   * The code of our Close, if the peer had not sent its own before. An answer has the same (RFC 6455 §5.5.1); so has the Close of a
   * peer that chose this very code at this very moment, which cannot be told apart here.
   */
  #asked: number | undefined
  /** Whether the runtime may read the bytes of a message after `send` has returned. */
  #readsLate = false
  #sentBlob = false

  constructor(WebSocket: WebSocketClass | undefined, target: Target, sink: SocketSink) {
    this.#gate = new SinkGate(sink)
    this.#binaryType = target.binaryType
    this.#gate.enter()
    try {
      this.#dial(WebSocket, target)
    } catch (error) {
      this.#gate.fail(refusal(error, target))
      this.#end(ABNORMAL)
      farewell(this.#socket)
    } finally {
      this.#gate.leave()
    }
  }

  #dial(WebSocket: WebSocketClass | undefined, target: Target): void {
    if (WebSocket === undefined) {
      throw new ConnectionError(
        'ERR_MISSING_PEER',
        'this runtime has no global WebSocket: use wsTransport of statewire/ws, or Node 22 or later, or give a class to webSocketTransport({ WebSocket })',
      )
    }
    // One that was given was looked at when it was.
    if (!canConstruct(WebSocket)) {
      throw new ConnectionError(
        'ERR_MISSING_PEER',
        `the global WebSocket (${typeof WebSocket}) is not a constructor: look at what has replaced it, or give a class to webSocketTransport({ WebSocket })`,
      )
    }
    if (Object.keys(target.headers).length > 0) {
      throw new ConnectionError(
        'ERR_TRANSPORT',
        'a standard WebSocket cannot send headers: use wsTransport of statewire/ws, or put the token into the URL or a subprotocol',
      )
    }
    if (Object.keys(target.tls ?? {}).length > 0) {
      throw new ConnectionError(
        'ERR_TRANSPORT',
        'a standard WebSocket takes no TLS options: use wsTransport of statewire/ws, or the certificates of the system',
      )
    }
    const protocols = [...target.protocols]
    const dispatcher = (this.#watcher = watcherFor(WebSocket))
    const socket = new WebSocket(
      target.url,
      // What undici takes besides: https://undici.nodejs.org/#/docs/api/WebSocket
      dispatcher === undefined ? protocols : ({ protocols, dispatcher } as unknown as string[]),
    )
    this.#socket = socket
    this.#readsLate = isWorkerd(socket)
    // First and for good: where the class is an EventEmitter (`ws`), an `error` nobody hears ends the process, and one
    // comes when a handshake is cancelled, after everything else was detached.
    socket.addEventListener('error', absorb)
    this.#listen('addEventListener')
    // Always set: Bun's default is a Buffer, everyone else's a Blob.
    this.binaryType = target.binaryType
  }

  readonly #onOpen = (): void => {
    const { protocol, extensions } = this.#socket!
    this.#gate.opened({ protocol: protocol ?? '', extensions: extensions ?? '' })
  }

  readonly #onMessage = (event: object): void => {
    const { data } = event as { data: Frame }
    this.#gate.message(this.#makesBlobs && typeof data !== 'string' ? new Blob([data]) : data)
  }

  readonly #onError = (event: object): void => {
    const { error, message } = event as { error?: unknown; message?: unknown }
    const told = typeof message === 'string' && message !== '' ? message : 'the runtime does not say why'
    this.#gate.fail({
      error: new ConnectionError('ERR_SOCKET', `the WebSocket failed: ${told}`, { cause: error ?? event }),
    })
    // An `error` is always the end. The standard fires `close` in the same turn; undici 6 (Node 20 and 22) never does when
    // a handshake failed, and `ws` only after up to 30 s of waiting for the peer. So a turn is waited for, no duration.
    setTimeout(this.#onSilence, 0)
  }

  readonly #onSilence = (): void => {
    if (this.#gate.shut) return
    this.#end(ABNORMAL)
    farewell(this.#socket)
  }

  readonly #onClose = (event: object): void => {
    const { code, reason, wasClean } = event as Partial<CloseInfo>
    // Deno's code for a link that broke is 0, and Chromium and workerd pass on codes that no frame may carry; workerd also
    // tells of 1006 in words, as if a frame had brought them.
    const legal = code !== undefined && code >= 1000 && code <= 4999 && code !== 1006 && code !== 1015
    this.#end(legal ? { code, reason: reason ?? '', wasClean: wasClean ?? false } : ABNORMAL)
  }

  #end(close: CloseInfo): void {
    this.#detach()
    this.#watcher?.destroy()
    this.#gate.closed(close, close.wasClean && close.code === this.#asked)
  }

  #detach(): void {
    if (this.#socket !== undefined) this.#listen('removeEventListener')
  }

  #listen(how: 'addEventListener' | 'removeEventListener'): void {
    const ears = { open: this.#onOpen, message: this.#onMessage, error: this.#onError, close: this.#onClose }
    for (const [type, ear] of Object.entries(ears)) this.#socket![how](type as keyof typeof ears, ear)
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0
  }

  get binaryType(): BinaryType {
    return this.#binaryType
  }

  set binaryType(type: BinaryType) {
    this.#binaryType = type
    const socket = this.#socket
    if (socket === undefined) return
    socket.binaryType = type
    // ws 7 knows no Blobs, and keeps the type that it had.
    this.#makesBlobs = socket.binaryType !== type
    if (this.#makesBlobs) socket.binaryType = 'arraybuffer'
  }

  send(data: Data): void {
    const socket = this.#socket
    if (socket === undefined || socket.readyState !== 1 || this.#gate.shut) throw notOpen()
    const blob = isBlob(data)
    if (blob && isWorkerd(socket)) throw new TypeError('this runtime cannot send a Blob: send its bytes')
    if (blob && !isTheirs(data)) throw new TypeError('this Blob is not one of this runtime: send its bytes')
    this.#gate.enter()
    try {
      socket.send((this.#readsLate ? snapshot(data) : data) as string)
      // Deno and `ws` keep what follows a Blob, by reference, until they have read the Blob.
      if (blob) this.#readsLate = this.#sentBlob = true
    } finally {
      this.#gate.leave()
    }
  }

  close(code?: number, reason?: string): void {
    if (this.#gate.shut) return
    // Node's own WebSocket lets the close frame overtake a Blob that it is still reading, and sends nothing of what follows it.
    if (this.#sentBlob && this.#socket?.readyState === 1 && this.bufferedAmount > 0) {
      setTimeout(() => this.close(code, reason), 1)
      return
    }
    this.#gate.enter()
    // One that is closing already answers the peer's Close.
    if (this.#socket?.readyState === 1) this.#asked = code ?? 1005
    farewell(this.#socket, code, reason)
    this.#gate.leave()
  }

  abandon(code?: number, reason?: string): void {
    this.#gate.drop()
    this.#detach()
    farewell(this.#socket, code, reason)
    // Bun's class and `ws` have it; elsewhere, but for Node, the runtime waits out the closing handshake by itself, unheard.
    const { terminate } = (this.#socket ?? {}) as { terminate?: () => void }
    try {
      terminate?.call(this.#socket)
    } catch {
      // Dropped already.
    }
    this.#watcher?.destroy()
  }
}

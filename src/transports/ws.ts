import type { ClientRequest, IncomingMessage } from 'node:http'
import { connect, type Socket as Stream } from 'node:net'
import type { ClientOptions, WebSocket } from 'ws'
import { snapshot } from '../bytes.js'
import { isBlob } from '../checks.js'
import { ConnectionError } from '../errors.js'
import { Cork, isCorkable } from './cork.js'
import { ABNORMAL, absorb, farewell, notOpen, refusal, SinkGate } from './gate.js'
import type { BinaryType, CloseInfo, Data, Socket, SocketSink, Target, Throughput, Transport } from './transport.js'
import { certificateAtFault } from './ws/certificates.js'
import { checkClass, loadClass } from './ws/class.js'
import { DialTracker, type Dial } from './ws/dial.js'
import { checkOptions, type WsClientOptions, type WsTransportOptions } from './ws/options.js'
import { Pings } from './ws/pings.js'
import { proxyRefusal, Refusal } from './ws/refusal.js'
import { throughputOf } from './ws/throughput.js'

export type { WsTransportOptions } from './ws/options.js'

/**
 * Sockets of the `ws` package: headers, TLS options, proxies (`agent`), protocol ping, pause, and the HTTP status and
 * `Retry-After` of a refused upgrade.
 *
 * @throws ConnectionError `ERR_MISSING_PEER` when `ws` is not installed: it is an optional peer.
 * @throws ConnectionError `ERR_OPTION` for an option that `ws` would ignore.
 */
export function wsTransport(options: WsTransportOptions = {}): Transport {
  const { client, own: given } = checkOptions(options)
  const WebSocketClass = options.WebSocket === undefined ? loadClass() : checkClass(options.WebSocket)
  const own = {
    coalesce: given.coalesce,
    maxPayload: client.maxPayload,
    certificatesAreFatal: given.certificateErrors === 'fatal',
    // Without an agent, `ws` has the socket from the start.
    tracker: client.agent || client.createConnection ? new DialTracker() : undefined,
  }
  return {
    schemes: ['ws+unix:'],
    connect: (target, sink) => new WsSocket(WebSocketClass, client, own, target, sink),
  }
}

/** `ws` takes the path of the socket file as it stands in the URL, where a space is `%20` and a colon `%3A`. */
const toFile = {
  createConnection: (({ socketPath }: { socketPath: string }) => {
    let path = socketPath
    try {
      path = decodeURIComponent(socketPath)
    } catch {
      // A percent sign that encodes nothing is one of the name.
    }
    return connect({ path })
  }) as unknown as typeof connect,
}

interface OwnOptions {
  readonly coalesce: boolean
  readonly maxPayload: number | undefined
  readonly certificatesAreFatal: boolean
  readonly tracker: DialTracker | undefined
}

/** As bytes, `ws` makes one chunk of header and payload; as text, two. Beyond this many characters the copy costs more. */
const shortText = 256
const asText = { binary: false }

class WsSocket implements Socket {
  readonly #gate: SinkGate
  readonly #own: OwnOptions
  #socket: WebSocket | undefined
  #binaryType: BinaryType
  /** The TCP or TLS socket, where the class hands it over. */
  #stream: Partial<Stream> | undefined
  #cork: Cork | undefined
  /** The sockets that an agent opens, until the handshake is over. */
  #dial: Dial | undefined
  /** The answer to an upgrade that was refused, while it is read. */
  #refusal: Refusal | undefined
  #opened = false
  readonly #pings = new Pings()
  /** Whether `ws` may read the bytes of a binary message after `send` has returned. */
  #readsLate = false

  constructor(
    WebSocketClass: typeof WebSocket,
    client: WsClientOptions,
    own: OwnOptions,
    target: Target,
    sink: SocketSink,
  ) {
    this.#gate = new SinkGate(sink)
    this.#own = own
    this.#binaryType = target.binaryType
    this.#gate.enter()
    try {
      const headers = { ...client.headers, ...target.headers }
      const options = { ...(target.url.startsWith('ws+unix:') && toFile), ...client, ...target.tls, headers }
      const make = (): WebSocket => new WebSocketClass(target.url, [...target.protocols], options as ClientOptions)
      this.#dial = own.tracker?.begin()
      const socket = this.#dial === undefined ? make() : this.#dial.run(make)
      this.#socket = socket
      // First and for good: an `error` that nobody hears ends the process, and cancelling a handshake emits one.
      socket.on('error', absorb)
      this.binaryType = target.binaryType
      socket.once('upgrade', this.#onUpgrade)
      socket.on('open', this.#onOpen)
      socket.on('message', this.#onMessage)
      socket.on('ping', this.#onPing)
      socket.on('pong', this.#onPong)
      socket.on('error', this.#onError)
      socket.on('unexpected-response', this.#onUnexpectedResponse)
      // The event of the standard, because only that one has `wasClean`.
      socket.addEventListener('close', this.#onClose)
    } catch (error) {
      this.#gate.fail(refusal(error, target))
      this.#end(ABNORMAL)
      this.#socket?.terminate()
    } finally {
      this.#gate.leave()
    }
  }

  /** The event that comes with the TCP or TLS socket. Bun's `ws` has none to give: then each message is a write. */
  readonly #onUpgrade = ({ socket }: { readonly socket: Partial<Stream> | null }): void => {
    this.#stream = socket ?? undefined
    if (this.#own.coalesce && isCorkable(socket)) this.#cork = new Cork(socket, (task) => process.nextTick(task))
  }

  readonly #onOpen = (): void => {
    const { protocol, extensions } = this.#socket!
    this.#opened = true
    this.#dial?.end()
    // Compression happens in another thread.
    this.#readsLate = extensions !== ''
    this.#gate.opened({ protocol, extensions })
  }

  readonly #onMessage = (data: unknown, isBinary: boolean): void => {
    // Text is a Buffer whatever binaryType says. As an ArrayBuffer, `ws` copies what is a part of a larger read, and hands
    // over what has memory of its own.
    this.#gate.message(isBinary ? (data as ArrayBuffer | Blob) : (data as Buffer).toString())
  }

  readonly #onPing = (): void => this.#gate.alive('ping')
  readonly #onPong = (payload: Buffer): void => this.#gate.alive(this.#pings.pong(payload))

  readonly #onError = (cause: Error & { code?: string }): void => {
    const byProxy = this.#opened || this.#own.tracker === undefined ? undefined : proxyRefusal(cause)
    if (byProxy !== undefined) return this.#gate.fail(byProxy)
    const certificate = certificateAtFault(cause)
    // The same message would come again, and be too large again.
    const isTooLarge = cause.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
    const message = isTooLarge
      ? `a message of the server exceeded maxPayload (${this.#own.maxPayload} bytes): raise it with wsTransport({ maxPayload }), if you trust the server`
      : certificate === 'client'
        ? `the server did not accept the client certificate, or wants one (${cause.code ?? cause.name}): see the cause, and give cert and key`
        : `the WebSocket failed (${cause.code ?? cause.name}): see the cause`
    const error = new ConnectionError('ERR_SOCKET', message, { cause })
    const fatal = isTooLarge || (this.#own.certificatesAreFatal && certificate !== undefined)
    this.#gate.fail(fatal ? { error, fatal } : { error })
    // A link that broke the protocol is over now. `ws` goes on, unheard, to tell the peer why, which may take it 30 s.
    if (this.#opened) this.#end(ABNORMAL)
  }

  readonly #onUnexpectedResponse = (_request: ClientRequest, response: IncomingMessage): void => {
    // Listening takes over from `ws`, which would stay CONNECTING for ever. Terminating also destroys the response, read or not.
    this.#refusal = new Refusal(response, this.#own.tracker !== undefined, () => {
      this.#socket!.terminate()
      this.#dial?.destroy()
    })
    this.#gate.fail(this.#refusal.detail)
  }

  readonly #onClose = ({ code, reason, wasClean }: CloseInfo): void => this.#end({ code, reason, wasClean })

  #end(close: CloseInfo): void {
    this.#detach()
    this.#refusal?.stop()
    this.#dial?.end()
    this.#gate.closed(close, close.wasClean && this.#pings.provesAll)
  }

  #detach(): void {
    this.#socket
      ?.off('open', this.#onOpen)
      .off('message', this.#onMessage)
      .off('ping', this.#onPing)
      .off('pong', this.#onPong)
      .off('error', this.#onError)
      .off('unexpected-response', this.#onUnexpectedResponse)
      .off('upgrade', this.#onUpgrade)
      .removeEventListener('close', this.#onClose)
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0
  }

  get binaryType(): BinaryType {
    return this.#binaryType
  }

  set binaryType(type: BinaryType) {
    this.#binaryType = type
    // `blob` is missing from the published types only.
    if (this.#socket !== undefined) (this.#socket as { binaryType: string }).binaryType = type
  }

  #isOpen(): boolean {
    return this.#socket?.readyState === 1 && !this.#gate.shut
  }

  send(data: Data): void {
    if (!this.#isOpen()) throw notOpen()
    const socket = this.#socket!
    this.#pings.unasked = true
    this.#gate.enter()
    try {
      const written = this.#cork?.write()
      if (typeof data !== 'string') this.#sendBinary(socket, data, written)
      else if (data.length > shortText) socket.send(data, written)
      else socket.send(Buffer.from(data), asText, written)
    } finally {
      this.#gate.leave()
    }
  }

  #sendBinary(socket: WebSocket, data: Exclude<Data, string>, written: (() => void) | undefined): void {
    if (!isBlob(data)) return socket.send(this.#readsLate ? snapshot(data) : data, written)
    socket.send(tagged(data) as never, written)
    // What is sent while `ws` reads a Blob waits in a queue of `ws`, by reference.
    this.#readsLate = true
  }

  close(code?: number, reason?: string): void {
    this.#gate.enter()
    // While paused, the peer's answer would never be read.
    if (this.#socket?.isPaused) this.#socket.resume()
    if (this.#pings.unasked) this.ping()
    farewell(this.#socket, code, reason)
    this.#dial?.destroy()
    this.#gate.leave()
  }

  abandon(code?: number, reason?: string): void {
    const socket = this.#socket
    this.#gate.drop()
    this.#detach()
    // Written at once unless there is a backlog, so the peer gets to know; then nothing waits for its answer.
    if (socket?.readyState === 1) farewell(socket, code, reason)
    this.#cork?.release()
    this.#refusal?.stop()
    socket?.terminate()
    this.#dial?.destroy()
  }

  ping(): void {
    if (this.#isOpen()) this.#socket!.ping(this.#pings.next())
  }

  throughput(): Throughput | undefined {
    return throughputOf(this.#stream)
  }

  pause(): void {
    if (this.#isOpen()) this.#socket!.pause()
  }

  resume(): void {
    if (this.#isOpen()) this.#socket!.resume()
  }
}

/** `ws` knows a Blob by its tag, which happy-dom's lack. */
function tagged(blob: Blob): Blob {
  if (Symbol.toStringTag in blob) return blob
  const { size, type } = blob
  const like = { size, type, stream: () => blob.stream(), arrayBuffer: () => blob.arrayBuffer() }
  return Object.assign(like, { [Symbol.toStringTag]: 'Blob' }) as unknown as Blob
}

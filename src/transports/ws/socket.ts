import { executionAsyncId } from 'node:async_hooks'
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket as Stream } from 'node:net'
import type { ClientOptions, WebSocket } from 'ws'
import { snapshot } from '../../core/bytes.js'
import { isBlob } from '../../core/checks.js'
import { abnormal, GuardedSocket, startClosing } from '../guarded-socket.js'
import type { CloseInfo, SendData, MessageData, Socket, SocketSink, Target, Throughput } from '../../core/transport.js'
import type { Dial, DialTracker } from './dial.js'
import { describeFailure } from './failure.js'
import type { WsClientOptions } from './options.js'
import { readRefusal, type Refusal } from './refusal.js'
import { decodedPath, isCorkable, throughputOf } from './stream.js'

/** Shared by the sockets of one transport. */
export interface OwnOptions {
  readonly WebSocket: typeof WebSocket
  readonly client: WsClientOptions
  readonly coalesce: boolean
  readonly certificatesAreFatal: boolean
  readonly tracker: DialTracker | undefined
}

/**
 * `ws` writes bytes as one chunk, and text as two (header and payload). Above this many characters, converting to bytes
 * costs more.
 */
const shortText = 256
const asText = { binary: false }

/**
 * Key of the `WsSocket` that owns a socket of `ws`, until it is over. All sockets share the listeners below, which find
 * the owner by this key.
 */
const owner = /* @__PURE__ */ Symbol()
type Owned = WebSocket & { [owner]?: WsSocket | undefined }

const listeners: Readonly<Record<string, (this: Owned, ...given: never[]) => void>> = {
  upgrade({ socket }: { readonly socket: Partial<Stream> | null }) {
    this[owner]?.upgraded(socket)
  },
  open() {
    this[owner]?.opened(this)
  },
  message(data: unknown, isBinary: boolean) {
    const self = this[owner]
    if (self === undefined) return
    // Text is a Buffer whatever `binaryType` is. For an ArrayBuffer, `ws` copies a slice of a larger read, and passes
    // on a buffer that has its own memory.
    const messageData = isBinary ? (data as MessageData) : (data as Buffer).toString()
    if (self.busy === 0) self.sink!.message(messageData)
    else self.report((sink) => sink.message(messageData))
  },
  ping() {
    this[owner]?.report((sink) => sink.alive('ping'))
  },
  pong(payload: Buffer) {
    this[owner]?.ponged(payload.toString())
  },
  /** Never removed: an `error` without a listener ends the process, and canceling a handshake emits one. */
  error(cause: Error) {
    this[owner]?.failed(cause)
  },
  'unexpected-response'(_request: ClientRequest, response: IncomingMessage) {
    this[owner]?.refused(response)
  },
}

/** Takes the standard event, because only that has `wasClean`. */
function onClose(this: Owned, { code, reason, wasClean }: CloseInfo): void {
  const self = this[owner]
  self?.end({ code, reason, wasClean }, wasClean && self.hasReadAll)
}

/** How many single messages in a row are written without a callback. The callback costs a fifth of the send. */
const maxUnwatched = 16

export class WsSocket extends GuardedSocket<WebSocket> implements Socket {
  readonly #own: OwnOptions
  /** The TCP or TLS socket, if the class exposes it. */
  #stream: Partial<Stream> | undefined
  /** Tracks the sockets that an agent opens, until the handshake is over. */
  #dial: Dial | undefined
  /** The response to a refused upgrade, while it is being read. */
  #refusal: Refusal | undefined
  /** The number of pings sent, and the number of the last one answered. */
  #pings = 0
  #pongs = 0
  /** True if data was sent after the last ping. */
  #isUnconfirmed = false
  /** True if `ws` may read the bytes of a binary message after `send` has returned. */
  #readsLate = false
  /** True while the callback of a message of this tick is pending. */
  #isWatching = false
  #isCorked = false
  #unwatched = 0
  /** Async ids of the event loop callbacks in which the last message was sent, and in which messages were last held. */
  #sentIn = 0
  #heldIn = 0
  #onWritten: (() => void) | undefined

  constructor(own: OwnOptions, target: Target, sink: SocketSink) {
    super(target, sink)
    this.#own = own
    this.dial(target, () => {
      const { client, tracker } = own
      const headers = { ...client.headers, ...target.headers }
      const options = { ...(target.url.startsWith('ws+unix:') && decodedPath), ...client, ...target.tls, headers }
      const make = (): Owned => new own.WebSocket(target.url, [...target.protocols], options as ClientOptions)
      this.#dial = tracker?.begin()
      const socket = this.#dial === undefined ? make() : this.#dial.run(make)
      this.socket = socket
      socket[owner] = this
      for (const type in listeners) socket.on(type, listeners[type] as (this: WebSocket) => void)
      socket.addEventListener('close', onClose)
    })
  }

  /** Called with the TCP or TLS socket. Bun's `ws` has none; there, each message is one write. */
  upgraded(stream: Partial<Stream> | null): void {
    this.#stream = stream ?? undefined
  }

  override opened(socket: WebSocket): void {
    this.#dial?.release(false)
    // Compression reads the bytes in another thread.
    this.#readsLate = socket.extensions !== ''
    super.opened(socket)
  }

  failed(cause: Error): void {
    const { tracker, client, certificatesAreFatal } = this.#own
    this.fail(describeFailure(cause, !this.isOpened && tracker !== undefined, certificatesAreFatal, client.maxPayload))
    // After a protocol error, the link is over. `ws` still sends a Close frame in the background, for up to 30 s.
    if (this.isOpened) this.end(abnormal)
  }

  refused(response: IncomingMessage): void {
    // This listener takes over from `ws`, which would stay CONNECTING forever. `terminate` also destroys the response.
    this.#refusal = readRefusal(response, this.#own.tracker !== undefined, () => {
      this.socket!.terminate()
      this.#dial?.release(true)
    })
    this.fail(this.#refusal.detail)
  }

  protected override release(isAbandoned: boolean): void {
    const { socket } = this
    if (socket !== undefined) (socket as Owned)[owner] = undefined
    this.#refusal?.stop()
    if (isAbandoned) {
      // Flushes held data and the close frame, unless there is a backlog; then drops the socket without waiting for an
      // answer.
      this.uncork()
      socket?.terminate()
    }
    this.#dial?.release(isAbandoned)
  }

  protected override write(socket: WebSocket, data: SendData): void {
    this.#isUnconfirmed = true
    const written = this.#coalesce()
    if (typeof data === 'string') {
      if (data.length > shortText) socket.send(data, written)
      else socket.send(Buffer.from(data), asText, written)
    } else if (isBlob(data)) {
      socket.send(tagged(data) as never, written)
      // `ws` queues later data by reference while it reads the Blob.
      this.#readsLate = true
    } else socket.send(this.#readsLate ? snapshot(data) : data, written)
  }

  /**
   * Combines the messages sent in one tick of the event loop into one write. The first message is written immediately,
   * because holding a single one costs more than it saves. Further messages are held until the tick is over.
   *
   * Returns the callback that marks the end of the tick, if the message needs one. After a message that was alone in
   * its tick, the next ones need none: a message in another callback of the event loop (by async id) is assumed to be
   * alone. The assumption can be wrong, because promises may have ids too, so it is verified regularly. The id is 0 in
   * most promises, and everywhere in Bun.
   */
  #coalesce(): (() => void) | undefined {
    if (this.#isCorked || !this.#own.coalesce || !isCorkable(this.#stream)) return undefined
    if (!this.#isWatching) {
      const id = executionAsyncId()
      const before = this.#sentIn
      this.#sentIn = id
      // An interval, or a socket being read, has the same id in every turn.
      if (id === 0 || id === this.#heldIn || this.#unwatched === 0) {
        this.#isWatching = true
        return (this.#onWritten ??= () => this.#wasAlone())
      }
      if (id !== before) {
        this.#unwatched--
        return undefined
      }
    }
    this.#isWatching = false
    this.#isCorked = true
    this.#heldIn = this.#sentIn
    this.#stream.cork()
    process.nextTick(uncork, this)
    return undefined
  }

  /** Called at the end of the tick if the system accepted the write immediately. */
  #wasAlone(): void {
    if (!this.#isWatching) return
    this.#isWatching = false
    this.#unwatched = maxUnwatched
  }

  /** Flushes held data; called at the latest at the end of the tick. */
  uncork(): void {
    if (!this.#isCorked) return
    this.#isCorked = false
    this.#stream!.uncork!()
  }

  close(code?: number, reason?: string): void {
    const { socket } = this
    this.during(() => {
      // While paused, the peer's Close frame would never be read.
      if (socket?.isPaused) socket.resume()
      if (this.#isUnconfirmed) this.ping()
      startClosing(socket, code, reason)
      this.#dial?.release(true)
    })
  }

  /** Sends a ping with its number as payload. Its pong proves that the peer has read everything before it. */
  ping(): void {
    this.#whileOpen((socket) => {
      this.#isUnconfirmed = false
      socket.ping(`${++this.#pings}`)
    })
  }

  /** RFC 6455 §5.5.3: peers may send unsolicited pongs, and may answer only the latest of several pings. */
  ponged(payload: string): void {
    const isAnswer = payload === `${this.#pings}`
    if (isAnswer) this.#pongs = this.#pings
    this.report((sink) => sink.alive(isAnswer ? 'pong' : 'stray'))
  }

  /**
   * True if the peer has read everything sent. The peer's Close frame does not prove that: it may have crossed this
   * side's.
   */
  get hasReadAll(): boolean {
    return this.#pongs === this.#pings && !this.#isUnconfirmed
  }

  throughput(): Throughput | undefined {
    return throughputOf(this.#stream)
  }

  pause(): void {
    this.#whileOpen((socket) => socket.pause())
  }

  resume(): void {
    this.#whileOpen((socket) => socket.resume())
  }

  #whileOpen(call: (socket: WebSocket) => void): void {
    if (this.isOpen) this.during(() => call(this.socket!))
  }
}

function uncork(socket: WsSocket): void {
  socket.uncork()
}

/** `ws` recognizes a Blob by its tag, which happy-dom's Blob lacks. */
function tagged(blob: Blob): Blob {
  if (Symbol.toStringTag in blob) return blob
  const { size, type } = blob
  const like = { size, type, stream: () => blob.stream(), arrayBuffer: () => blob.arrayBuffer() }
  return Object.assign(like, { [Symbol.toStringTag]: 'Blob' }) as unknown as Blob
}

import { executionAsyncId } from 'node:async_hooks'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { connect, type Socket as Stream } from 'node:net'
import type { ClientOptions, WebSocket } from 'ws'
import { snapshot } from '../../core/bytes.js'
import { isBlob } from '../../core/checks.js'
import { abnormal, GuardedSocket, startClosing } from '../guarded-socket.js'
import type { CloseInfo, SendData, MessageData, Socket, SocketSink, Target, Throughput } from '../../core/transport.js'
import type { Dial, DialTracker } from './dial.js'
import { describeFailure } from './failure.js'
import type { WsClientOptions } from './options.js'
import { readRefusal, type Refusal } from './refusal.js'
import { throughputOf } from './throughput.js'

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

/** What the sockets of one transport share. */
export interface OwnOptions {
  readonly WebSocket: typeof WebSocket
  readonly client: WsClientOptions
  readonly coalesce: boolean
  readonly certificatesAreFatal: boolean
  readonly tracker: DialTracker | undefined
}

/** As bytes, `ws` makes one chunk of header and payload; as text, two. Beyond this many characters the copy costs more. */
const shortText = 256
const asText = { binary: false }

/** Whose a socket of `ws` is, until it is over. All sockets have the same listeners, which find their owner here. */
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
    const its = this[owner]
    if (its === undefined) return
    // Text is a Buffer whatever binaryType says. As an ArrayBuffer, `ws` copies what is a part of a larger read, and hands
    // over what has memory of its own.
    const frame = isBinary ? (data as MessageData) : (data as Buffer).toString()
    if (its.busy === 0) its.sink!.message(frame)
    else its.report((sink) => sink.message(frame))
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

/** The event of the standard, because only that one has `wasClean`. */
function onClose(this: Owned, { code, reason, wasClean }: CloseInfo): void {
  const its = this[owner]
  its?.end({ code, reason, wasClean }, wasClean && its.hasReadAll)
}

/** How many lone messages in a row are written without a callback, which costs a fifth of the send. */
const mostUnwatched = 16

export class WsSocket extends GuardedSocket<WebSocket> implements Socket {
  readonly #own: OwnOptions
  /** The TCP or TLS socket, where the class hands it over. */
  #stream: Partial<Stream> | undefined
  /** The sockets that an agent opens, until the handshake is over. */
  #dial: Dial | undefined
  /** The answer to an upgrade that was refused, while it is read. */
  #refusal: Refusal | undefined
  /** Pings sent, and the number of the last one that was answered. */
  #pings = 0
  #pongs = 0
  /** Something was sent that no ping has followed. */
  #isUnproved = false
  /** Whether `ws` may read the bytes of a binary message after `send` has returned. */
  #readsLate = false
  /** Something was sent whose tick isn't over: its callback is pending. */
  #isWatching = false
  #isCorked = false
  #unwatched = 0
  /** The callbacks of the event loop, by their ids, in which the last message was sent, and in which messages were held last. */
  #sentIn = 0
  #heldIn = 0
  #onWritten: (() => void) | undefined

  constructor(own: OwnOptions, target: Target, sink: SocketSink) {
    super(target, sink)
    this.#own = own
    this.dial(target, () => {
      const { client, tracker } = own
      const headers = { ...client.headers, ...target.headers }
      const options = { ...(target.url.startsWith('ws+unix:') && toFile), ...client, ...target.tls, headers }
      const make = (): Owned => new own.WebSocket(target.url, [...target.protocols], options as ClientOptions)
      this.#dial = tracker?.begin()
      const socket = this.#dial === undefined ? make() : this.#dial.run(make)
      this.socket = socket
      socket[owner] = this
      for (const type in listeners) socket.on(type, listeners[type] as (this: WebSocket) => void)
      socket.addEventListener('close', onClose)
    })
  }

  /** Comes with the TCP or TLS socket. Bun's `ws` has none to give: then each message is a write. */
  upgraded(stream: Partial<Stream> | null): void {
    this.#stream = stream ?? undefined
  }

  override opened(socket: WebSocket): void {
    this.#dial?.release(false)
    // Compression happens in another thread.
    this.#readsLate = socket.extensions !== ''
    super.opened(socket)
  }

  failed(cause: Error): void {
    const { tracker, client, certificatesAreFatal } = this.#own
    this.fail(describeFailure(cause, !this.isOpened && tracker !== undefined, certificatesAreFatal, client.maxPayload))
    // A link that broke the protocol is over now. `ws` goes on, unheard, to tell the peer why, which may take it 30 s.
    if (this.isOpened) this.end(abnormal)
  }

  refused(response: IncomingMessage): void {
    // Listening takes over from `ws`, which would stay CONNECTING for ever. Terminating also destroys the response, read or not.
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
      // What is held leaves at once, unless there is a backlog, and so does the closing frame. Then nothing waits for an answer.
      this.uncork()
      socket?.terminate()
    }
    this.#dial?.release(isAbandoned)
  }

  protected override write(socket: WebSocket, data: SendData): void {
    this.#isUnproved = true
    const written = this.#coalesce()
    if (typeof data === 'string') {
      if (data.length > shortText) socket.send(data, written)
      else socket.send(Buffer.from(data), asText, written)
    } else if (isBlob(data)) {
      socket.send(tagged(data) as never, written)
      // What is sent while `ws` reads a Blob waits in a queue of `ws`, by reference.
      this.#readsLate = true
    } else socket.send(this.#readsLate ? snapshot(data) : data, written)
  }

  /**
   * Makes one write of what is sent in one tick of the event loop. The first message leaves at once, because holding a lone one costs
   * more than it saves. What follows it in the same tick is held until the tick is over.
   *
   * Returns the callback that tells when this tick is over, if the message needs it. After a message that was alone in its tick, the
   * next ones go without: each in another callback of the event loop, by its id, is taken for alone. Some are not, because promises
   * may have ids too, so this is verified now and then. The id is 0 in most promises, and everywhere in Bun.
   */
  #coalesce(): (() => void) | undefined {
    if (this.#isCorked || !this.#own.coalesce || !isCorkable(this.#stream)) return undefined
    if (!this.#isWatching) {
      const id = executionAsyncId()
      const before = this.#sentIn
      this.#sentIn = id
      // An interval, or a socket that is read, has one id for all its turns.
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

  /** A write that the system takes at once is reported when the tick is over. */
  #wasAlone(): void {
    if (!this.#isWatching) return
    this.#isWatching = false
    this.#unwatched = mostUnwatched
  }

  /** Releases what is held, at the end of the tick at the latest. */
  uncork(): void {
    if (!this.#isCorked) return
    this.#isCorked = false
    this.#stream!.uncork!()
  }

  close(code?: number, reason?: string): void {
    const { socket } = this
    this.during(() => {
      // While paused, the peer's answer would never be read.
      if (socket?.isPaused) socket.resume()
      if (this.#isUnproved) this.ping()
      startClosing(socket, code, reason)
      this.#dial?.release(true)
    })
  }

  /** The payload is the number of the ping: an answered ping proves that the peer has read all that came before it. */
  ping(): void {
    this.#whileOpen((socket) => {
      this.#isUnproved = false
      socket.ping(`${++this.#pings}`)
    })
  }

  /** RFC 6455 §5.5.3: peers may send pongs unasked, and answer only the latest of several pings. */
  ponged(payload: string): void {
    const isAnswer = payload === `${this.#pings}`
    if (isAnswer) this.#pongs = this.#pings
    this.report((sink) => sink.alive(isAnswer ? 'pong' : 'stray'))
  }

  /** The peer has read all that was sent. A Close of the peer doesn't prove that: it may have crossed ours. */
  get hasReadAll(): boolean {
    return this.#pongs === this.#pings && !this.#isUnproved
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

type Corkable = Pick<Stream, 'cork' | 'uncork'>

function isCorkable(stream: Partial<Stream> | undefined): stream is Corkable {
  return stream?.cork !== undefined && stream.uncork !== undefined
}

/** `ws` knows a Blob by its tag, which happy-dom's lack. */
function tagged(blob: Blob): Blob {
  if (Symbol.toStringTag in blob) return blob
  const { size, type } = blob
  const like = { size, type, stream: () => blob.stream(), arrayBuffer: () => blob.arrayBuffer() }
  return Object.assign(like, { [Symbol.toStringTag]: 'Blob' }) as unknown as Blob
}

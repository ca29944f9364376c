import type { IncomingMessage } from 'node:http'
import type { RawData, WebSocket } from 'ws'
import {
  closeCodes,
  encodeNumber,
  longestHello,
  parseHello,
  protocolName,
  readFrame,
  type Hello,
} from '../resume/protocol.js'
import { ignore } from '../core/guards.js'
import type { ServerNode } from './node.js'

/** A session, as its socket sees it. */
export interface LinkSession {
  /** The last message that may be acknowledged. */
  readonly stored: number
  receive(number: number, data: string | Uint8Array): 'taken' | 'duplicate' | 'gap'
  /** The client has received messages up to `number`. Returns false if they were never sent to it. */
  received(number: number): boolean
  goodbye(): void
  /** The socket is closed or closing. */
  unlinked(link: SocketLink): void
}

/** What becomes of a link. */
export interface LinkOwner {
  /** The client has said hello. */
  greeted(link: SocketLink, hello: Hello): void
  /** The socket is closed or closing. Called once. */
  ended(link: SocketLink): void
}

/** Shared: a closure for each link would take memory. */
const uncork = (link: SocketLink): void => link.uncork()

/** The server's side of one socket: passes its frames to its session. */
export class SocketLink {
  readonly socket: WebSocket
  readonly request: IncomingMessage
  /** Set by the welcome. */
  session: LinkSession | undefined
  /** The client supports topics. */
  topics = false
  readonly #node: ServerNode
  readonly #owner: LinkOwner
  /** Made when asked for: few apps ask, and it is heavy. */
  #abort: AbortController | undefined
  #deadline: unknown
  #greeting = false
  #over = false
  /** When the client was last heard, as of the last check: reading the clock for each frame would cost more than the frame. */
  #heard: number
  #hasSpoken = false
  #pinged = false
  #paused = false
  #corked = false

  constructor(node: ServerNode, socket: WebSocket, request: IncomingMessage, owner: LinkOwner) {
    this.#node = node
    this.socket = socket
    this.request = request
    this.#owner = owner
    this.#heard = node.clock.now()
    socket.binaryType = 'nodebuffer'
    socket.on('message', (data, isBinary) => this.#message(data, isBinary))
    socket.on('pong', () => (this.#hasSpoken = true))
    socket.on('close', () => this.#end())
    // A `close` event follows.
    socket.on('error', ignore)
    this.awaitHello()
  }

  /** The app's part of the subprotocol, or ''. */
  get protocol(): string {
    return this.socket.protocol.slice(protocolName.length + 1)
  }

  /** Aborted when the socket ends. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.#over) this.#abort.abort()
    return this.#abort.signal
  }

  get over(): boolean {
    return this.#over
  }

  /** Bytes that the socket has not written yet. */
  get buffered(): number {
    return this.socket.bufferedAmount
  }

  /** Starts to wait for a hello, also after a session was refused. */
  awaitHello(): void {
    this.#greeting = false
    this.#stopWaiting()
    const { helloTimeout } = this.#node.settings
    this.#deadline = this.#node.later(() => this.close(closeCodes.helloTimeout, 'no hello'), helloTimeout)
  }

  #stopWaiting(): void {
    this.#node.clock.clearTimeout(this.#deadline)
    this.#deadline = undefined
  }

  bind(session: LinkSession): void {
    this.session = session
    this.#stopWaiting()
  }

  /**
   * `written` is called once the frame is handed to the network, or can't be. Frames of one turn of the event loop are written together:
   * a write for each would cost more than all else.
   */
  send(frame: string | Uint8Array, written?: () => void): void {
    if (this.socket.readyState !== this.socket.OPEN) return
    if (!this.#corked) {
      this.#corked = true
      this.request.socket.cork()
      process.nextTick(uncork, this)
    }
    this.socket.send(frame, { binary: typeof frame !== 'string' }, written)
  }

  uncork(): void {
    this.#corked = false
    this.request.socket.uncork()
  }

  pause(): void {
    this.#paused = true
    this.socket.pause()
  }

  resume(): void {
    this.#paused = false
    // It was not read while paused.
    this.#hasSpoken = true
    this.socket.resume()
  }

  /** Starts the closing handshake. Frames that still arrive are ignored. */
  close(code: number, reason: string): void {
    if (this.#over) return
    // A paused socket would never read the client's close frame.
    if (this.#paused) this.socket.resume()
    this.socket.close(code, reason)
    this.#end()
  }

  /** Whether the socket is closed, and not only closing. */
  get closed(): boolean {
    return this.socket.readyState === this.socket.CLOSED
  }

  /** Resolves once the socket is closed: then all that was sent is written, or can't be. */
  whenClosed(): Promise<void> {
    return this.closed ? Promise.resolve() : new Promise((resolve) => this.socket.once('close', () => resolve()))
  }

  /** Drops the socket. Its client may be gone already. */
  terminate(): void {
    this.socket.terminate()
    this.#end()
  }

  /** Pings a silent client, and drops one that stays silent. */
  check(now: number): void {
    if (this.#over || this.#paused) return
    if (this.#hasSpoken) {
      this.#hasSpoken = false
      this.#heard = now
    }
    const { idle } = this.#node.settings
    const silence = now - this.#heard
    if (silence > idle) return this.terminate()
    if (silence <= idle / 2) this.#pinged = false
    else if (!this.#pinged) {
      this.#pinged = true
      this.socket.ping()
    }
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    this.#stopWaiting()
    this.#abort?.abort()
    this.#owner.ended(this)
  }

  #message(data: RawData, isBinary: boolean): void {
    this.#hasSpoken = true
    if (this.#over) return
    const bytes = data as Buffer
    const { session } = this
    if (session === undefined) return this.#hello(bytes, isBinary)
    const frame = readFrame(isBinary ? bytes : bytes.toString())
    const { kind, number } = frame
    if (kind === 'data') {
      if (session.receive(number, frame.payload) === 'gap') this.#invalid('gap')
    } else if (kind === 'ack' || kind === 'ping' || kind === 'bye') {
      if (!session.received(number)) return this.#invalid('acknowledged more than was sent')
      if (kind === 'ping') this.send(encodeNumber('q', session.stored))
      else if (kind === 'bye') session.goodbye()
    } else this.#invalid('invalid frame')
  }

  #hello(bytes: Buffer, isBinary: boolean): void {
    if (this.#greeting) return this.#invalid('a frame before the welcome')
    if (isBinary || bytes.length > longestHello) return this.#invalid('invalid hello')
    const { kind, payload } = readFrame(bytes.toString())
    const hello = kind === 'hello' ? parseHello(payload as string) : undefined
    if (hello === undefined) return this.#invalid('invalid hello')
    this.#greeting = true
    this.#stopWaiting()
    this.#owner.greeted(this, hello)
  }

  #invalid(reason: string): void {
    this.#node.metric({ type: 'refused', code: closeCodes.protocolError })
    this.close(closeCodes.protocolError, reason)
  }
}

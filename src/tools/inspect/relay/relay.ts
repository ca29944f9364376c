import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocketServer } from 'ws'
import { Gate, newToken, refusal, type Purpose, type Tokens } from './gate.js'
import { Hub, type Census } from './hub.js'
import { errorHeaders, recordingHeaders, viewerHeaders, wrapperHeaders, wrapperPage } from './page.js'

/** A recording to show instead of live connections. */
export interface Replay {
  /** Its name. */
  readonly name: string
  /** JSON Lines: one inspection message per line. */
  readonly text: string
}

/** The settings, checked by `createRelay`. */
export interface RelaySettings {
  readonly port: number
  /** The token for applications. */
  readonly token: string
  readonly origins: readonly string[]
  readonly viewer: string
  readonly replay: Replay | undefined
  readonly WebSocketServer: typeof WebSocketServer
}

/** The largest message of an application, in bytes. A chart with its state is a few kilobytes. */
const maxPayload = 4_194_304

/** Time limits for receiving a request, sending a response, and closing a rejected connection. Milliseconds. */
const timeouts = { request: 10_000, answer: 30_000, refused: 2_000 }
/** The maximum number of TCP connections, allowed or not. */
const maxConnections = 1_024

const purposeOf = (path: string): Purpose => (path === 'viewer' ? 'viewer' : path === '' ? 'application' : 'page')

/** A relay between applications and viewers on this machine. Created by `createRelay`. */
export class Relay implements AsyncDisposable {
  readonly #settings: RelaySettings
  readonly #tokens: Tokens
  readonly #server: Server
  readonly #sockets: WebSocketServer
  /** All TCP streams. The server does not track upgraded ones, but waits for them on close. */
  readonly #streams = new Set<Duplex>()
  readonly #hub = new Hub(() => this.#changed())
  readonly #listeners = new Set<(census: Census) => void>()
  #gate: Gate | undefined
  #port = 0
  #closed: Promise<void> | undefined

  /** @internal */
  constructor(settings: RelaySettings) {
    this.#settings = settings
    this.#tokens = { tell: settings.token, look: newToken() }
    this.#sockets = new settings.WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload,
    })
    const answer = (request: IncomingMessage, response: ServerResponse): void => this.#answer(request, response)
    // Handle requests here that Node would answer itself with 400 or 417.
    const server = createServer({ requireHostHeader: false, connectionsCheckingInterval: 2_000 }, answer)
    server.headersTimeout = timeouts.request
    server.requestTimeout = timeouts.request
    server.setTimeout(timeouts.answer)
    server.maxConnections = maxConnections
    server.on('checkContinue', answer)
    server.on('checkExpectation', answer)
    server.on('upgrade', (request, stream: Duplex, head) => this.#upgrade(request, stream, head))
    server.on('clientError', (_, stream) => refuse(stream))
    server.on('connection', (stream) => {
      this.#streams.add(stream)
      stream.on('close', () => this.#streams.delete(stream))
    })
    this.#server = server
  }

  /** The address for applications, with its token. It allows reporting, not viewing. */
  get url(): string {
    return `ws://127.0.0.1:${this.#port}/${this.#tokens.tell}`
  }

  /** The address of the viewer page, with its own token. It allows viewing everything reported. */
  get viewerUrl(): string {
    return `http://127.0.0.1:${this.#port}/${this.#tokens.look}/`
  }

  /** The number of connected peers. */
  get census(): Census {
    return this.#hub.census
  }

  /** Calls `listener` when a peer connects or disconnects. Returns an unsubscribe function. */
  on(listener: (census: Census) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Closes all connections immediately and releases the port. Can be called more than once. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#hub.close()
      for (const stream of this.#streams) stream.destroy()
    })
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** @internal Listens on the loopback interface. Rejects if the port is taken. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#settings.port, '127.0.0.1', resolve)
    })
    this.#port = (this.#server.address() as AddressInfo).port
    this.#gate = new Gate(this.#tokens, this.#port, this.#settings.origins)
  }

  #changed(): void {
    const { census } = this
    for (const listener of [...this.#listeners]) listener(census)
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = this.#gate?.admit(request, () => 'page')
    if (path === undefined) return refuse(request.socket)
    const { method, headers, url = '' } = request
    const [, directory = ''] = /^(\/[^/?#]+)(?:[?#]|$)/.exec(url) ?? []
    const { viewer, replay } = this.#settings
    const send = (status: number, headersOf: Readonly<Record<string, string>>, text: string): void => {
      response.writeHead(status, { ...headersOf, 'Content-Length': Buffer.byteLength(text) })
      response.end(method === 'HEAD' ? undefined : text)
    }
    if (method !== 'GET' && method !== 'HEAD')
      send(405, { ...errorHeaders, Allow: 'GET, HEAD' }, 'Method not allowed. Use GET.\n')
    // The page's resources are relative to its URL.
    else if (directory !== '') send(308, { ...errorHeaders, Location: `${directory}/` }, '')
    else if (path === '') send(200, wrapperHeaders(headers.host ?? ''), wrapperPage(replay?.name))
    else if (path === 'viewer.html') send(200, viewerHeaders, viewer)
    else if (path === 'recording' && replay !== undefined) send(200, recordingHeaders, replay.text)
    else send(404, errorHeaders, 'Not found.\n')
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const path = this.#gate?.admit(request, purposeOf)
    const purpose = path === undefined ? 'page' : purposeOf(path)
    // Beyond the limit, a peer is rejected like an unauthorized one.
    if (purpose === 'page' || this.#hub.full || this.#closed !== undefined) return refuse(stream)
    this.#sockets.handleUpgrade(request, stream, head, (socket) => {
      // The `close` event follows.
      socket.on('error', () => {})
      if (purpose === 'viewer') this.#hub.addViewer(socket)
      else this.#hub.addApplication(socket)
    })
  }
}

/** Rejects a request and closes the connection, even if the peer keeps its side open or continues to send. */
function refuse(stream: Duplex): void {
  // Already rejected; later requests on this connection are not answered.
  if (stream.writableEnded) return void stream.destroy()
  stream.on('error', () => {})
  const timer = setTimeout(() => stream.destroy(), timeouts.refused)
  stream.on('close', () => clearTimeout(timer))
  stream.resume()
  stream.end(refusal)
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocketServer } from 'ws'
import { Gate, newToken, refusal, type Purpose, type Tokens } from './gate.js'
import { Hub, type Census } from './hub.js'
import { errorHeaders, recordingHeaders, viewerHeaders, wrapperHeaders, wrapperPage } from './page.js'

/** A recording that is shown instead of what is live. */
export interface Replay {
  /** What it is called. */
  readonly name: string
  /** JSON Lines: one inspection message a line. */
  readonly text: string
}

/** What `createRelay` has found out and checked. */
export interface RelaySettings {
  readonly port: number
  /** To tell. */
  readonly token: string
  readonly origins: readonly string[]
  readonly viewer: string
  readonly replay: Replay | undefined
  readonly WebSocketServer: typeof WebSocketServer
}

/** The longest message of an application, in bytes: a chart and where it is are a few kilobytes. */
const maxPayload = 4_194_304

/**
 * How long a request may take to arrive, an answer may go unread, and a client that was refused may keep its side open, before the
 * connection is destroyed. Milliseconds.
 */
const patience = { request: 10_000, answer: 30_000, refused: 2_000 }
/** Connections at once, of those that may come and of all others. */
const mostConnections = 1_024

const purposeOf = (path: string): Purpose => (path === 'viewer' ? 'viewer' : path === '' ? 'application' : 'page')

/** A relay between applications and viewers of one machine. Made by `createRelay`. */
export class Relay implements AsyncDisposable {
  readonly #settings: RelaySettings
  readonly #tokens: Tokens
  readonly #server: Server
  readonly #sockets: WebSocketServer
  /** All of them: the server itself forgets those that asked for an upgrade, and waits for them all the same. */
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
    // What Node would answer by itself, such as 400 and 417, is ours to refuse.
    const server = createServer({ requireHostHeader: false, connectionsCheckingInterval: 2_000 }, answer)
    server.headersTimeout = patience.request
    server.requestTimeout = patience.request
    server.setTimeout(patience.answer)
    server.maxConnections = mostConnections
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

  /** Where applications connect to. Whoever has it can tell, and see nothing. */
  get url(): string {
    return `ws://127.0.0.1:${this.#port}/${this.#tokens.tell}`
  }

  /** The page with the viewer. Whoever has it sees everything that is told. It holds another token than `url`. */
  get viewerUrl(): string {
    return `http://127.0.0.1:${this.#port}/${this.#tokens.look}/`
  }

  /** Who is there. */
  get census(): Census {
    return this.#hub.census
  }

  /** Calls back whenever somebody comes or goes; returns how to stop that. */
  on(listener: (census: Census) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Ends everything, at once. May be called twice. */
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

  /** @internal Only on the loopback interface. Rejects when the port is taken. */
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
    if (method !== 'GET' && method !== 'HEAD') send(405, { ...errorHeaders, Allow: 'GET, HEAD' }, 'GET, please.\n')
    // What the page asks for is below it.
    else if (directory !== '') send(308, { ...errorHeaders, Location: `${directory}/` }, '')
    else if (path === '') send(200, wrapperHeaders(headers.host ?? ''), wrapperPage(replay?.name))
    else if (path === 'viewer.html') send(200, viewerHeaders, viewer)
    else if (path === 'recording' && replay !== undefined) send(200, recordingHeaders, replay.text)
    else send(404, errorHeaders, 'There is no such page.\n')
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const path = this.#gate?.admit(request, purposeOf)
    const purpose = path === undefined ? 'page' : purposeOf(path)
    // A browser that is too many is turned away like a stranger: it finds out when it is closed.
    if (purpose === 'page' || this.#hub.full || this.#closed !== undefined) return refuse(stream)
    this.#sockets.handleUpgrade(request, stream, head, (socket) => {
      // What a peer breaks ends its link, which is told as its close.
      socket.on('error', () => {})
      if (purpose === 'viewer') this.#hub.show(socket)
      else this.#hub.hear(socket)
    })
  }
}

/** Says no, and ends the connection although the other side may leave its half open, and may go on sending. */
function refuse(stream: Duplex): void {
  // Refused before: what follows on this connection is not answered.
  if (stream.writableEnded) return void stream.destroy()
  stream.on('error', () => {})
  const timer = setTimeout(() => stream.destroy(), patience.refused)
  stream.on('close', () => clearTimeout(timer))
  stream.resume()
  stream.end(refusal)
}

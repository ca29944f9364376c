import type { IncomingMessage } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { ServerOptions, WebSocket } from 'ws'
import { count } from '../../../core/checks.js'
import type { Link, SwallowOptions } from './acts.js'
import { AllLinks } from './all-links.js'
import type { Endpoint } from './endpoint.js'
import type { Fault } from './faults.js'
import type { RequestHead } from './http.js'
import { ServerLink, type LinkHost } from './link.js'
import { EventLog, type LogEntry, type LogWhat, type Until, type UntilOptions } from './log.js'
import { Rules, type Rule } from './rules.js'
import type { Counts } from './wire.js'

/** Options of `createFaultServer`. */
export interface FaultServerOptions {
  /** The address to listen on. Any but a loopback address exposes the server to the network. @default '127.0.0.1' */
  readonly host?: string | undefined
  /** The port to listen on. @default 0, any free port */
  readonly port?: number | undefined
  /**
   * Called with each WebSocket of the built-in endpoint. Replaces the default echo.
   * @default echoes every message
   */
  readonly onConnection?: ((socket: WebSocket, request: IncomingMessage, link: Link) => void) | undefined
  /** Called with each message that reaches the built-in endpoint. @default echoes it, unless `onConnection` is set */
  readonly onMessage?: ((message: string | Buffer, socket: WebSocket, link: Link) => void) | undefined
  /** Options of the built-in `ws` server: `handleProtocols`, `perMessageDeflate`, `maxPayload` and so on. */
  readonly ws?: ServerOptions | undefined
  /**
   * Forwards to a real server, `ws://host:port`, instead of the built-in endpoint. Bytes are forwarded unchanged, so
   * the path comes from the client, not from this URL.
   */
  readonly upstream?: string | URL | undefined
  /** Bytes that may be buffered in one direction of a link before its sender is paused. @default 1_048_576 */
  readonly window?: number | undefined
  /** Whether to log every frame. @default true */
  readonly logFrames?: boolean | undefined
  /** The minimum number of entries to keep in the log. @default 10_000 */
  readonly logLimit?: number | undefined
}

/** A WebSocket server that fails on command. Created by `createFaultServer`. */
export class FaultServer extends AllLinks implements AsyncDisposable {
  readonly #options: FaultServerOptions
  readonly #endpoint: Endpoint
  readonly #log: EventLog
  readonly #rules = new Rules()
  readonly #links = new Set<ServerLink>()
  readonly #counts: Counts = {
    accepted: 0,
    requested: 0,
    upgraded: 0,
    open: 0,
    maxOpen: 0,
    messagesIn: 0,
    messagesOut: 0,
    droppedFrames: 0,
    swallowedBytes: 0,
  }
  readonly #host: LinkHost
  #listener: Server | undefined
  #port: number
  #lastId = 0
  /** Links accepted during a partition, not read yet. */
  #unread: ServerLink[] | undefined
  #closed: Promise<void> | undefined
  #allClosed: (() => void) | undefined

  /** @internal */
  constructor(options: FaultServerOptions, endpoint: Endpoint) {
    super()
    this.#options = options
    this.#endpoint = endpoint
    this.#port = options.port ?? 0
    this.#log = new EventLog(count('logLimit', options.logLimit ?? 10_000, 1))
    this.#host = {
      log: this.#log,
      counts: this.#counts,
      endpoint,
      window: count('window', options.window ?? 1_048_576, 1),
      logFrames: options.logFrames ?? true,
      faultsFor: (request, link) => this.#faultsFor(request, link),
      connected: (socket, request, link) => this.#connected(socket, request, link),
      finished: (link) => {
        this.#links.delete(link)
        if (this.#links.size === 0) this.#allClosed?.()
      },
    }
  }

  /** The URL for clients, without a path. */
  get url(): string {
    const host = this.#options.host ?? '127.0.0.1'
    return `ws://${host.includes(':') ? `[${host}]` : host}:${this.#port}`
  }

  /** The port it listens on. It stays the same after `stopListening`. */
  get port(): number {
    return this.#port
  }

  /** Whether the server accepts connections. */
  get listening(): boolean {
    return this.#listener !== undefined
  }

  /** All connections with at least one open side, oldest first. */
  override get links(): readonly Link[] {
    return [...this.#links]
  }

  /** All log entries, in order. A live array. */
  get log(): readonly LogEntry[] {
    return this.#log.entries
  }

  /** Counters. A live object. */
  get counts(): Readonly<Counts> {
    return this.#counts
  }

  /**
   * Adds a rule, or a fault for every request. Returns a function that removes it.
   *
   * Rules are tried in the order they were added; only the first match applies. A rule that has been applied `times`
   * times is removed, so a script reads from top to bottom.
   *
   * @throws ConnectionError `ERR_OPTION` for an invalid `times`.
   * @example
   * ```ts
   * server.use({ fault: faults.http(503), times: 2 })
   * server.use({ fault: faults.hang(), times: 1 }) // the third dial; the fourth succeeds
   * ```
   */
  use(rule: Rule | Fault): () => void {
    return this.#rules.add(rule)
  }

  /** Removes all rules. */
  clearRules(): void {
    this.#rules.clear()
  }

  /** Calls `listener` with every new log entry. Returns an unsubscribe function. */
  on(listener: (entry: LogEntry) => void): () => void {
    return this.#log.on(listener)
  }

  /**
   * Resolves to a log entry, past or future.
   *
   * Rejects after `timeout`, and when the server is closed. The message contains the last log entries.
   */
  until<W extends LogWhat>(what: W, options?: UntilOptions): Promise<LogEntry<W>>
  until(matches: (entry: LogEntry) => boolean, options?: UntilOptions): Promise<LogEntry>
  until(what: Until<LogEntry>, options?: UntilOptions): Promise<LogEntry> {
    return this.#log.until(what, options)
  }

  /** Releases the port, so that the system refuses new connections. Open connections stay. */
  async stopListening(): Promise<void> {
    const listener = this.#listener
    if (listener === undefined) return
    this.#listener = undefined
    // Not awaited: the callback waits for every connection to end, but the port is free immediately.
    listener.close()
    this.#log.add('stopped', undefined, {})
  }

  /** Listens again on the same port. Rejects if the port is taken or the server was closed. */
  async listenAgain(): Promise<void> {
    if (this.#listener !== undefined) return
    if (this.#closed !== undefined) throw new Error('the fault server was closed')
    const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => this.#accept(client))
    this.#listener = listener
    await new Promise<void>((resolve, reject) => {
      listener.once('error', (error) => {
        this.#listener = undefined
        reject(error)
      })
      listener.listen(this.#port, this.#options.host ?? '127.0.0.1', resolve)
    })
    this.#port = (listener.address() as AddressInfo).port
    this.#log.add('listening', undefined, { port: this.#port })
  }

  /**
   * Simulates a network partition: swallows all traffic of every link, and leaves new connections unanswered, until
   * `heal`. (`swallow` does not affect new connections.)
   */
  partition(options?: SwallowOptions): void {
    this.#unread ??= []
    this.swallow('both', options)
  }

  /** Heals every link and ends a `partition`. */
  override heal(): void {
    const unread = this.#unread ?? []
    this.#unread = undefined
    super.heal()
    for (const link of unread) link.start()
  }

  /** Ends all connections immediately and releases the port, sockets and timers. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  /** A tag, so that reactive frameworks treat it as a platform object and do not wrap it. */
  get [Symbol.toStringTag](): string {
    return 'FaultServer'
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    await this.stopListening()
    this.#rules.clear()
    this.#endpoint.close()
    if (this.#links.size > 0) {
      const allClosed = new Promise<void>((resolve) => (this.#allClosed = resolve))
      for (const link of [...this.#links]) link.dispose()
      await allClosed
    }
    this.#log.close()
  }

  #accept(client: Socket): void {
    this.#lastId += 1
    const link = new ServerLink(this.#lastId, client, this.#host)
    this.#links.add(link)
    this.#counts.accepted += 1
    this.#log.add('accepted', link.id, { port: client.remotePort ?? 0 })
    if (this.#unread === undefined) link.start()
    else this.#unread.push(link)
  }

  #faultsFor(request: RequestHead, link: Link): readonly Fault[] {
    const picked = this.#rules.pick(request)
    if (picked === undefined) return []
    this.#log.add('rule', link.id, { faults: picked.map((fault) => fault.name).join(' + ') })
    return picked
  }

  #connected(socket: WebSocket, request: IncomingMessage, link: Link): void {
    const { onConnection, onMessage = onConnection === undefined ? echo : undefined } = this.#options
    if (onMessage !== undefined) {
      socket.on('message', (data: Buffer, isBinary: boolean) => {
        onMessage(isBinary ? data : data.toString(), socket, link)
      })
    }
    onConnection?.(socket, request, link)
  }
}

function echo(message: string | Buffer, socket: WebSocket): void {
  socket.send(message)
}

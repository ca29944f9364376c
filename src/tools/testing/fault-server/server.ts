import type { IncomingMessage } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { count } from '../../../core/checks.js'
import type { Link, SwallowOptions } from './acts.js'
import { AllLinks } from './all-links.js'
import type { FaultServerOptions } from './options.js'
import type { Endpoint } from './endpoint.js'
import type { Fault } from './faults.js'
import type { RequestHead } from './http.js'
import { ServerLink, type LinkHost } from './link.js'
import { EventLog, type LogEntry, type LogWhat, type Until, type UntilOptions } from './log.js'
import { Rules, type Rule } from './rules.js'
import type { Counts } from './wire.js'

/** A WebSocket server that fails as told. Made by `createFaultServer`. */
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
  /** Links that came in while partitioned. */
  #unread: ServerLink[] | undefined
  #closed: Promise<void> | undefined
  #nobodyLeft: (() => void) | undefined

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
        if (this.#links.size === 0) this.#nobodyLeft?.()
      },
    }
  }

  /** Where clients connect to, without a path. */
  get url(): string {
    const host = this.#options.host ?? '127.0.0.1'
    return `ws://${host.includes(':') ? `[${host}]` : host}:${this.#port}`
  }

  get port(): number {
    return this.#port
  }

  /** Whether a connection would be accepted. */
  get listening(): boolean {
    return this.#listener !== undefined
  }

  /** Every connection of which at least one side is still there, oldest first. */
  override get links(): readonly Link[] {
    return [...this.#links]
  }

  /** What happened, in order. It grows while you hold it. */
  get log(): readonly LogEntry[] {
    return this.#log.entries
  }

  /** Counters, kept up to date while you hold them. */
  get counts(): Readonly<Counts> {
    return this.#counts
  }

  /**
   * Adds a rule (or a fault for every request), and returns how to take it away again.
   *
   * Rules are tried in the order in which they were added; the first that fits is applied, and no other. One that is
   * used up (`times`) is gone, so a script reads downwards.
   *
   * @example
   * server.use({ fault: faults.http(503), times: 2 })
   * server.use({ fault: faults.hang(), times: 1 })   // the third dial; the fourth goes through
   */
  use(rule: Rule | Fault): () => void {
    return this.#rules.add(rule)
  }

  /** Takes all rules away. */
  clearRules(): void {
    this.#rules.clear()
  }

  /** Calls `listener` with every entry as it is written to the log; returns how to stop that. */
  on(listener: (entry: LogEntry) => void): () => void {
    return this.#log.on(listener)
  }

  /**
   * Waits for an entry of the log, or finds one that is already there.
   *
   * Rejects after `timeout`, and when the server is closed, with the end of the log in the message.
   */
  until<W extends LogWhat>(what: W, options?: UntilOptions): Promise<LogEntry<W>>
  until(matches: (entry: LogEntry) => boolean, options?: UntilOptions): Promise<LogEntry>
  until(what: Until<LogEntry>, options?: UntilOptions): Promise<LogEntry> {
    return this.#log.until(what, options)
  }

  /** Gives the port up: who connects now is refused by the system. Open connections stay. */
  async stopListening(): Promise<void> {
    const listener = this.#listener
    if (listener === undefined) return
    this.#listener = undefined
    // Its callback would wait for every connection to end; the port itself is free at once.
    listener.close()
    this.#log.add('stopped', undefined, {})
  }

  /** Listens again, on the same port. */
  async listenAgain(): Promise<void> {
    if (this.#listener !== undefined) return
    if (this.#closed !== undefined) throw new Error('The fault server was closed')
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
   * Cuts the network: every link swallows, and who connects meanwhile gets no answer, until `heal`.
   *
   * `swallow` leaves new connections alone.
   */
  partition(options?: SwallowOptions): void {
    this.#unread ??= []
    this.swallow('both', options)
  }

  /** Heals every link, and ends a `partition`. */
  override heal(): void {
    const unread = this.#unread ?? []
    this.#unread = undefined
    super.heal()
    for (const link of unread) link.start()
  }

  /** Ends everything, at once, and leaves nothing behind: no port, no socket, no timer. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  /** Reactive state takes it for an object of the platform, and leaves it as it is. */
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
      const nobodyLeft = new Promise<void>((resolve) => (this.#nobodyLeft = resolve))
      for (const link of [...this.#links]) link.dispose()
      await nobodyLeft
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

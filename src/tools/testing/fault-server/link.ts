import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { duration } from '../../../core/checks.js'
import type { Link, UpgradeChanges } from './acts.js'
import type { Endpoint } from './endpoint.js'
import type { Fault } from './faults.js'
import { closeFrame } from './frames.js'
import { HeadCollector, parseRequest, response, responseStatus, withHeaders, type RequestHead } from './http.js'
import type { Direction } from './lane.js'
import { longestTimer, Wire, type WireHost } from './wire.js'

/** The services that a link uses of its server. */
export interface LinkHost extends WireHost {
  readonly endpoint: Endpoint
  faultsFor(request: RequestHead, link: Link): readonly Fault[]
  connected(socket: WebSocket, request: IncomingMessage, link: Link): void
  finished(link: ServerLink): void
}

/** How one side of a link ended; `us`: by `reset`, `cut`, or closing the server. */
type SideEnd = 'end' | 'reset' | 'us'

/** One TCP connection of a client, and the endpoint's stream for it. */
export class ServerLink extends Wire implements Link {
  upgraded = false
  socket: WebSocket | undefined
  request: RequestHead = { method: '', path: '', headers: {} }

  readonly #host: LinkHost
  readonly #client: Socket
  readonly #began: number
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  readonly #requestHead = new HeadCollector()
  #responseHead: HeadCollector | undefined = new HeadCollector()
  #endpoint: Duplex | undefined
  #stage: 'head' | 'answered' | 'relay' = 'head'
  #faults: readonly Fault[] = []
  #changes: UpgradeChanges[] = []
  #clientEnd: SideEnd | undefined
  #endpointEnd: SideEnd | undefined
  #clientClosed = false
  #endpointClosed = true
  #endedLocally = false
  #finished = false

  /** `client` must be paused. */
  constructor(id: number, client: Socket, host: LinkHost) {
    super(id, host)
    this.#client = client
    this.#host = host
    this.#began = host.log.now()
    this.out.open(client)
    client.setNoDelay(true)
    let failed = false
    // `close` follows every error.
    client.on('error', () => (failed = true))
    client.on('data', (chunk: Buffer) => this.#fromClient(chunk))
    client.on('end', () => {
      this.#clientGone('end')
      if (this.#stage === 'relay') this.in.end()
      else client.destroy()
    })
    client.on('close', () => {
      // After an orderly end, the endpoint has been or will be notified, and finishes on its own.
      const sudden = failed || this.#clientEnd !== 'end'
      this.#clientGone(failed ? 'reset' : 'end')
      this.#clientClosed = true
      if (sudden) this.in.abort(failed)
      this.#finish()
    })
  }

  /** Starts reading. */
  start(): void {
    this.#client.resume()
  }

  close(code = 1000, reason = ''): void {
    this.act('close', `${code} ${reason}`.trim())
    try {
      if (this.socket !== undefined) return this.socket.close(code, reason)
    } catch {
      // `ws` rejects invalid codes; send them anyway.
    }
    this.sendRaw(closeFrame(code, reason))
  }

  reset(): void {
    this.act('reset')
    this.#end(() => resetSoon(this.#client))
  }

  cut(): void {
    this.act('cut')
    this.dispose()
  }

  respond(bytes: Uint8Array): void {
    const answer = Buffer.from(bytes)
    this.out.push(answer, { raw: true, written: () => this.note('answered', { status: responseStatus(answer) }) })
    this.out.end()
  }

  changeUpgrade(changes: UpgradeChanges): void {
    this.#changes.push(changes)
  }

  after(ms: number, act: () => void): void {
    if (duration('after', ms, { max: longestTimer }) === 0) return act()
    if (this.#finished) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, ms)
    this.#timers.add(timer)
  }

  /** Ends the link without an `act` entry in the log. */
  dispose(): void {
    this.#end(() => this.#client.destroy())
  }

  protected override full(direction: Direction, full: boolean): void {
    const source = direction === 'in' ? this.#client : this.#endpoint
    if (full) source?.pause()
    else source?.resume()
  }

  protected override aborted(direction: Direction, reset: boolean): void {
    const sink = direction === 'in' ? this.#endpoint : this.#client
    if (reset && sink instanceof Socket) resetSoon(sink)
    else sink?.destroy()
  }

  #fromClient(chunk: Buffer): void {
    if (this.#stage === 'relay') return this.in.push(chunk)
    if (this.#stage === 'answered') return
    const collected = this.#requestHead.add(chunk)
    if (collected === undefined) return
    const request = collected === 'not http' ? undefined : parseRequest(collected.head)
    if (collected === 'not http' || request === undefined) {
      this.#stage = 'answered'
      this.note('malformed', { bytes: chunk.length })
      return this.respond(response(400))
    }
    this.request = request
    this.#host.counts.requested += 1
    this.note('requested', { method: request.method, path: request.path })
    this.#faults = this.#host.faultsFor(request, this)
    for (const fault of this.#faults) {
      if (fault.requested?.(this) === 'answered') this.#stage = 'answered'
      if (this.#stage === 'answered' || this.#client.destroyed) return
    }
    this.#stage = 'relay'
    this.#relay(collected.head, collected.rest)
  }

  /** Connects the link to the endpoint, starting with the request. */
  #relay(head: Buffer, rest: Buffer): void {
    const endpoint = this.#host.endpoint.connect((socket, request) => {
      this.socket = socket
      // Protocol errors of the client are expected; `ws` closes by itself.
      socket.on('error', () => {})
      this.#host.connected(socket, request, this)
    })
    this.#endpoint = endpoint
    this.#endpointClosed = false
    let failure: NodeJS.ErrnoException | undefined
    endpoint.on('error', (error) => (failure = error))
    endpoint.on('data', (chunk: Buffer) => this.#fromEndpoint(chunk))
    endpoint.on('end', () => {
      this.#endpointGone('end')
      this.out.end()
    })
    endpoint.on('close', () => {
      const sudden = failure !== undefined || this.#endpointEnd !== 'end'
      this.#endpointGone(failure === undefined ? 'end' : 'reset', failure?.code)
      this.#endpointClosed = true
      if (sudden) this.out.abort(failure !== undefined)
      this.#finish()
    })
    this.in.framed = this.request.headers['upgrade']?.toLowerCase() === 'websocket'
    this.in.open(endpoint)
    this.in.push(head, { raw: true })
    this.in.push(rest)
  }

  #fromEndpoint(chunk: Buffer): void {
    if (this.#responseHead === undefined) return this.out.push(chunk)
    const collected = this.#responseHead.add(chunk)
    if (collected === undefined) return
    this.#responseHead = undefined
    if (collected === 'not http') return this.out.push(chunk, { raw: true })
    const status = responseStatus(collected.head)
    const upgraded = status === 101
    this.in.framed = upgraded
    this.out.framed = upgraded
    let head = collected.head
    const changes = upgraded ? this.#changes : []
    for (const { headers = {} } of changes) head = withHeaders(head, headers)
    // One write, so that the appended bytes arrive in the same packet.
    const bytes = Buffer.concat([head, ...changes.flatMap(({ append }) => append ?? [])])
    const written = (): void => {
      this.answerWritten()
      if (upgraded) this.#wasUpgraded(head)
      else this.note('answered', { status })
    }
    this.out.push(bytes, { raw: true, written })
    this.out.push(collected.rest)
  }

  #wasUpgraded(head: Buffer): void {
    const { counts } = this.#host
    this.upgraded = true
    counts.upgraded += 1
    if (this.#clientEnd === undefined) counts.open += 1
    counts.maxOpen = Math.max(counts.maxOpen, counts.open)
    const protocol = /^sec-websocket-protocol: *(.*)\r$/im.exec(head.toString('latin1'))?.[1] ?? ''
    this.note('upgraded', { protocol })
    for (const fault of this.#faults) fault.upgraded?.(this)
  }

  #clientGone(how: SideEnd): void {
    if (this.#clientEnd !== undefined) return
    this.#clientEnd = this.#endedLocally ? 'us' : how
    if (this.upgraded) this.#host.counts.open -= 1
    this.note('client.gone', { how: this.#clientEnd })
  }

  #endpointGone(how: SideEnd, error?: string): void {
    if (this.#endpointEnd !== undefined) return
    this.#endpointEnd = this.#endedLocally ? 'us' : how
    this.note('endpoint.gone', { how: this.#endpointEnd, ...(error === undefined ? {} : { error }) })
  }

  #end(endClient: () => void): void {
    this.#endedLocally = true
    this.in.dispose()
    this.out.dispose()
    if (!this.#client.destroyed) endClient()
    this.#endpoint?.destroy()
  }

  #finish(): void {
    if (this.#finished || !this.#clientClosed || !this.#endpointClosed) return
    this.#finished = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.note('closed', { after: this.#host.log.now() - this.#began })
    this.#host.finished(this)
  }
}

/**
 * The system rejects a reset while a FIN is being sent, and Node then never closes the socket, so the process would not
 * exit. So wait for the FIN, which takes one turn of the event loop.
 */
function resetSoon(socket: Socket): void {
  const leaving = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0
  if (leaving) socket.once('finish', () => socket.resetAndDestroy())
  else socket.resetAndDestroy()
}

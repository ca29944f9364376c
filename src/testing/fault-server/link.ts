import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { duration, refuse } from '../../checks.js'
import { closeFrame, frame, messageFrame, type FrameInfo, type FrameKind } from './frames.js'
import { HeadCollector, parseRequest, response, responseStatus, withHeaders, type RequestHead } from './http.js'
import { Lane, type Direction } from './lane.js'
import type { Endpoint } from './endpoint.js'
import type { Fault } from './faults.js'
import type { EventLog } from './log.js'
import type { Link, LinkDirection, SwallowOptions, UpgradeChanges } from './acts.js'

/** What the server counts. */
export interface Counts {
  accepted: number
  requested: number
  upgraded: number
  open: number
  maxOpen: number
  messagesIn: number
  messagesOut: number
  droppedFrames: number
  swallowedBytes: number
}

/** What a link needs of its server. */
export interface LinkHost {
  readonly log: EventLog
  readonly counts: Counts
  readonly endpoint: Endpoint
  readonly window: number
  readonly logFrames: boolean
  faultsFor(request: RequestHead, link: ServerLink): readonly Fault[]
  connected(socket: WebSocket, request: IncomingMessage, link: ServerLink): void
  finished(link: ServerLink): void
}

const longest = 2 ** 31 - 1

/** One TCP connection of a client, the endpoint's stream that belongs to it, and a lane each way between them. */
export class ServerLink implements Link {
  readonly id: number
  upgraded = false
  socket: WebSocket | undefined
  request: RequestHead = { method: '', path: '', headers: {} }

  readonly #host: LinkHost
  readonly #client: Socket
  readonly #in: Lane
  readonly #out: Lane
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  readonly #began: number
  #endpoint: Duplex | undefined
  #stage: 'head' | 'answered' | 'relay' = 'head'
  #requestHead = new HeadCollector()
  #responseHead: HeadCollector | undefined = new HeadCollector()
  #faults: readonly Fault[] = []
  #changes: UpgradeChanges[] = []
  /** What each side's end looked like; undefined while it lasts. */
  #clientEnd: 'end' | 'reset' | 'us' | undefined
  #endpointEnd: 'end' | 'reset' | 'us' | undefined
  #ours = false
  #finished = false

  constructor(id: number, client: Socket, host: LinkHost) {
    this.id = id
    this.#client = client
    this.#host = host
    this.#began = host.log.now()
    this.#in = this.#lane('in', (full) => flow(client, full), (reset) => this.#abortEndpoint(reset))
    this.#out = this.#lane('out', (full) => flow(this.#endpoint, full), (reset) => this.#abortClient(reset))
    this.#out.open(client)
    client.setNoDelay(true)
    // Whatever the error is, `close` follows, and says all we need.
    let failed = false
    client.on('error', () => (failed = true))
    client.on('data', (chunk: Buffer) => this.#fromClient(chunk))
    client.on('end', () => {
      this.#clientGone('end')
      if (this.#stage === 'relay') this.#in.end()
      else client.destroy()
    })
    client.on('close', () => {
      const ended = this.#clientEnd === 'end'
      this.#clientGone(failed ? 'reset' : 'end')
      // After an orderly end the endpoint has been, or will be, told so, and ends in its own time.
      if (failed || !ended) this.#in.abort(failed)
      this.#finish()
    })
  }

  /** Begins to read. */
  start(): void {
    this.#client.resume()
  }

  swallow(direction: LinkDirection = 'both', { lost = false }: SwallowOptions = {}): void {
    this.#act('swallow', lost ? `${direction}, lost` : direction)
    for (const lane of this.#lanes(direction)) lane.swallow(lost)
  }

  heal(): void {
    this.#act('heal')
    const whole = [this.#in, this.#out].map((lane) => lane.release())
    // A stream with a hole in it is of no use to either end. A NAT that forgot the flow answers it with a reset.
    if (whole.includes(false)) this.reset()
  }

  delay(ms: number | (() => number), direction: LinkDirection = 'both'): void {
    const delay = typeof ms === 'number' ? () => ms : ms
    if (typeof ms === 'number') duration('delay', ms, { max: longest })
    this.#act('delay', typeof ms === 'number' ? `${ms} ms, ${direction}` : direction)
    for (const lane of this.#lanes(direction)) lane.delay(delay)
  }

  throttle(bytesPerSecond: number, direction: LinkDirection = 'both'): void {
    if (!(bytesPerSecond > 0)) refuse('throttle', bytesPerSecond, 'be a number of bytes per second above 0')
    this.#act('throttle', `${bytesPerSecond} bytes/s, ${direction}`)
    // Slices of 20 ms: fine enough to be smooth, coarse enough for the timers. A very low rate goes byte by byte.
    const bytes = Math.max(1, Math.round(bytesPerSecond / 50))
    const pace = bytesPerSecond === Infinity ? undefined : { bytes, every: (1_000 * bytes) / bytesPerSecond }
    for (const lane of this.#lanes(direction)) lane.pace(pace)
  }

  drip(every: number, bytes: number): void {
    duration('every', every, { max: longest })
    this.#act('drip', `${bytes} bytes every ${every} ms`)
    this.#out.pace({ bytes, every })
    this.#dripping = true
  }
  #dripping = false

  drop(direction: Direction, ...kinds: FrameKind[]): void {
    this.#act('drop', `${kinds.join(', ')} ${direction}`)
    for (const lane of this.#lanes(direction)) for (const kind of kinds) lane.dropped.add(kind)
  }

  ignoreClose(): void {
    this.drop('in', 'close')
  }

  noPong(): void {
    this.drop('out', 'pong')
  }

  send(data: string | Uint8Array): void {
    this.#host.counts.messagesOut += 1
    this.sendRaw(messageFrame(data))
  }

  ping(payload: string | Uint8Array = ''): void {
    this.sendRaw(frame({ opcode: 9, payload }))
  }

  sendRaw(bytes: Uint8Array): void {
    this.#out.push(Buffer.from(bytes), { raw: true })
  }

  close(code = 1000, reason = ''): void {
    this.#act('close', `${code} ${reason}`.trim())
    try {
      if (this.socket !== undefined) return this.socket.close(code, reason)
    } catch {
      // `ws` refuses to send what the protocol forbids. Here that may be just what is wanted.
    }
    this.sendRaw(closeFrame(code, reason))
  }

  reset(): void {
    this.#act('reset')
    this.#end(() => this.#client.resetAndDestroy())
  }

  cut(): void {
    this.#act('cut')
    this.#end(() => this.#client.destroy())
  }

  respond(bytes: Uint8Array): void {
    const head = Buffer.from(bytes)
    this.#out.push(head, { raw: true, written: () => this.#log('answered', { status: responseStatus(head) }) })
    this.#out.end()
  }

  changeUpgrade(changes: UpgradeChanges): void {
    this.#changes.push(changes)
  }

  after(ms: number, act: () => void): void {
    if (duration('after', ms, { max: longest }) === 0) return act()
    if (this.#finished) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, ms)
    this.#timers.add(timer)
  }

  /** Ends it without a trace. */
  dispose(): void {
    this.#end(() => this.#client.destroy())
  }

  #lane(direction: Direction, full: (full: boolean) => void, aborted: (reset: boolean) => void): Lane {
    const { counts, log, logFrames, window } = this.#host
    const messages = direction === 'in' ? 'messagesIn' : 'messagesOut'
    return new Lane(window, {
      full,
      aborted,
      swallowed: (bytes, lost) => {
        counts.swallowedBytes += bytes
        log.add('swallowed', this.id, { direction, bytes, lost })
      },
      frame: (seen: FrameInfo, dropped: boolean) => {
        if (dropped) counts.droppedFrames += 1
        else if (seen.final && (seen.kind === 'text' || seen.kind === 'binary')) counts[messages] += 1
        if (dropped) log.add('frame.dropped', this.id, { direction, kind: seen.kind, bytes: seen.bytes })
        else if (logFrames) log.add(`frame.${direction}`, this.id, seen)
      },
    })
  }

  #lanes(direction: LinkDirection): Lane[] {
    if (direction === 'both') return [this.#in, this.#out]
    return [direction === 'in' ? this.#in : this.#out]
  }

  #fromClient(chunk: Buffer): void {
    if (this.#stage === 'relay') return this.#in.push(chunk)
    if (this.#stage === 'answered') return
    const collected = this.#requestHead.add(chunk)
    if (collected === undefined) return
    const request = collected === 'too long' ? undefined : parseRequest(collected.head)
    if (collected === 'too long' || request === undefined) {
      this.#stage = 'answered'
      this.#log('malformed', { bytes: chunk.length })
      return this.respond(response(collected === 'too long' ? 431 : 400))
    }
    this.request = request
    this.#host.counts.requested += 1
    this.#log('requested', { method: request.method, path: request.path })
    this.#faults = this.#host.faultsFor(request, this)
    this.#stage = 'relay'
    for (const fault of this.#faults) {
      if (fault.requested?.(this) === 'answered') this.#stage = 'answered'
      if (this.#stage === 'answered' || this.#finished || this.#client.destroyed) return
    }
    this.#relay(collected.head, collected.rest)
  }

  /** Lets the endpoint have the connection, from its first byte on. */
  #relay(head: Buffer, rest: Buffer): void {
    const endpoint = this.#host.endpoint.connect((socket, request) => {
      this.socket = socket
      // Protocol errors of the client are the daily bread here, and `ws` closes by itself.
      socket.on('error', () => {})
      this.#host.connected(socket, request, this)
    })
    this.#endpoint = endpoint
    let failure: Error | undefined
    endpoint.on('error', (error) => (failure = error))
    endpoint.on('data', (chunk: Buffer) => this.#fromEndpoint(chunk))
    endpoint.on('end', () => {
      this.#endpointGone('end')
      this.#out.end()
    })
    endpoint.on('close', () => {
      const ended = this.#endpointEnd === 'end'
      this.#endpointGone(failure === undefined ? 'end' : 'reset', failure)
      if (failure !== undefined || !ended) this.#out.abort(failure !== undefined)
      this.#finish()
    })
    this.#in.framed = this.request.headers['upgrade']?.toLowerCase() === 'websocket'
    this.#in.open(endpoint)
    this.#in.push(head, { raw: true })
    this.#in.push(rest)
  }

  #fromEndpoint(chunk: Buffer): void {
    if (this.#responseHead === undefined) return this.#out.push(chunk)
    const collected = this.#responseHead.add(chunk)
    if (collected === undefined) return
    this.#responseHead = undefined
    if (collected === 'too long') return this.#out.push(chunk, { raw: true })
    const status = responseStatus(collected.head)
    const upgraded = status === 101
    this.#in.framed = this.#out.framed = upgraded
    let head = collected.head
    const appended: Uint8Array[] = []
    if (upgraded) {
      for (const { headers = {}, append } of this.#changes) {
        head = withHeaders(head, headers)
        if (append !== undefined) appended.push(append)
      }
    }
    const written = (): void => {
      if (this.#dripping) this.#out.pace(undefined)
      if (upgraded) this.#wasUpgraded(head)
      else this.#log('answered', { status })
    }
    // In one piece, so that what is appended arrives in the same packet.
    this.#out.push(Buffer.concat([head, ...appended]), { raw: true, written })
    this.#out.push(collected.rest)
  }

  #wasUpgraded(head: Buffer): void {
    const { counts } = this.#host
    this.upgraded = true
    counts.upgraded += 1
    if (this.#clientEnd === undefined) counts.open += 1
    counts.maxOpen = Math.max(counts.maxOpen, counts.open)
    const protocol = /^sec-websocket-protocol: *(.*)$/im.exec(head.toString('latin1'))?.[1] ?? ''
    this.#log('upgraded', { protocol })
    for (const fault of this.#faults) fault.upgraded?.(this)
  }

  #clientGone(how: 'end' | 'reset'): void {
    if (this.#clientEnd !== undefined) return
    this.#clientEnd = this.#ours ? 'us' : how
    if (this.upgraded) this.#host.counts.open -= 1
    this.#log('client.gone', { how: this.#clientEnd })
  }

  #endpointGone(how: 'end' | 'reset', failure?: Error): void {
    if (this.#endpointEnd !== undefined) return
    this.#endpointEnd = this.#ours ? 'us' : how
    const error = failure === undefined ? {} : { error: (failure as NodeJS.ErrnoException).code ?? failure.message }
    this.#log('endpoint.gone', { how: this.#endpointEnd, ...error })
  }

  #abortClient(reset: boolean): void {
    if (reset) this.#client.resetAndDestroy()
    else this.#client.destroy()
  }

  #abortEndpoint(reset: boolean): void {
    const endpoint = this.#endpoint as (Duplex & Partial<Pick<Socket, 'resetAndDestroy'>>) | undefined
    if (reset && endpoint?.resetAndDestroy !== undefined) endpoint.resetAndDestroy()
    else endpoint?.destroy()
  }

  #end(client: () => void): void {
    this.#ours = true
    this.#in.dispose()
    this.#out.dispose()
    if (!this.#client.destroyed) client()
    this.#endpoint?.destroy()
  }

  #finish(): void {
    const over = this.#client.closed && (this.#endpoint === undefined || this.#endpoint.closed)
    if (!over || this.#finished) return
    this.#finished = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#log('closed', { after: this.#host.log.now() - this.#began })
    this.#host.finished(this)
  }

  #act(name: string, detail = ''): void {
    this.#log('act', { name, detail })
  }

  #log: EventLog['add'] extends (what: infer W, link: never, detail: never) => void ? never : never
}

function flow(stream: Duplex | undefined, full: boolean): void {
  if (full) stream?.pause()
  else stream?.resume()
}

import { count, duration, oneOf, refuse } from '../../../core/checks.js'
import type { Acts, LinkDirection, SwallowOptions } from './acts.js'
import { frame, messageFrame, type FrameInfo, type FrameKind } from './frames.js'
import { Lane, type Direction } from './lane.js'
import type { EventLog, LogDetails, LogWhat } from './log.js'

/** The server's counters. All but `open` only grow. */
export interface Counts {
  /** TCP connections. */
  accepted: number
  /** Request heads. */
  requested: number
  /** Requests answered with 101. */
  upgraded: number
  /** Upgraded links whose client side is open. */
  open: number
  /** The maximum of `open` so far. */
  maxOpen: number
  /** Messages delivered to the endpoint. */
  messagesIn: number
  /** Messages written to the client. */
  messagesOut: number
  /** Frames dropped by `drop`. */
  droppedFrames: number
  /** Bytes held or lost by `swallow`. */
  swallowedBytes: number
}

/** The services that a wire uses of its server. */
export interface WireHost {
  readonly log: EventLog
  readonly counts: Counts
  readonly window: number
  readonly logFrames: boolean
}

/** The two directions between a client and the endpoint, and their faults. */
export abstract class Wire implements Acts {
  readonly id: number
  protected readonly in: Lane
  protected readonly out: Lane
  readonly #host: WireHost
  #dripping = false

  constructor(id: number, host: WireHost) {
    this.id = id
    this.#host = host
    this.in = this.#lane('in')
    this.out = this.#lane('out')
  }

  abstract reset(): void
  abstract cut(): void
  /** The buffer of a lane is full, or has room again. */
  protected abstract full(direction: Direction, full: boolean): void
  /** An abrupt end has passed through a lane. */
  protected abstract aborted(direction: Direction, reset: boolean): void

  /** A tag, so that reactive frameworks treat it as a platform object and do not wrap it. */
  get [Symbol.toStringTag](): string {
    return 'ServerLink'
  }

  swallow(direction: LinkDirection = 'both', { lost = false }: SwallowOptions = {}): void {
    const lanes = this.#lanes(direction)
    this.act('swallow', lost ? `${direction}, lost` : direction)
    for (const lane of lanes) lane.swallow(lost)
  }

  heal(): void {
    this.act('heal')
    // A stream with a gap is useless to both ends.
    if (this.in.hasGap || this.out.hasGap) return this.reset()
    // Clear both first, so that the endpoint's answer to held bytes can pass.
    this.in.clearFaults()
    this.out.clearFaults()
    this.in.resume()
    this.out.resume()
  }

  delay(ms: number | (() => number), direction: LinkDirection = 'both'): void {
    const lanes = this.#lanes(direction)
    if (typeof ms === 'number') duration('delay', ms, { max: longestTimer })
    this.act('delay', typeof ms === 'number' ? `${ms} ms, ${direction}` : direction)
    for (const lane of lanes) lane.delay(typeof ms === 'number' ? () => ms : ms)
  }

  throttle(bytesPerSecond: number, direction: LinkDirection = 'both'): void {
    const lanes = this.#lanes(direction)
    if (!(bytesPerSecond > 0)) refuse('throttle', bytesPerSecond, 'be a positive number of bytes per second')
    this.act('throttle', `${bytesPerSecond} bytes/s, ${direction}`)
    // Slices of 20 ms, fine enough to be smooth and coarse enough for timers. Very low rates pass single bytes.
    const bytes = Math.max(1, Math.round(bytesPerSecond / 50))
    const pace = bytesPerSecond === Infinity ? undefined : { bytes, every: (1_000 * bytes) / bytesPerSecond }
    for (const lane of lanes) lane.pace(pace)
  }

  drip(every: number, bytes: number): void {
    duration('every', every, { max: longestTimer })
    count('bytes', bytes, 1)
    this.act('drip', `${bytes} bytes every ${every} ms`)
    this.#dripping = true
    this.out.pace({ bytes, every })
  }

  drop(direction: Direction, ...kinds: FrameKind[]): void {
    const lanes = this.#lanes(direction)
    this.act('drop', `${kinds.join(', ')} ${direction}`)
    for (const lane of lanes) for (const kind of kinds) lane.dropped.add(kind)
  }

  ignoreClose(): void {
    this.drop('in', 'close')
  }

  noPong(): void {
    this.drop('out', 'pong')
  }

  send(data: string | Uint8Array): void {
    this.out.push(messageFrame(data), { raw: true, written: () => (this.#host.counts.messagesOut += 1) })
  }

  ping(payload: string | Uint8Array = ''): void {
    this.sendRaw(frame({ opcode: 9, payload }))
  }

  sendRaw(bytes: Uint8Array): void {
    this.out.push(Buffer.from(bytes), { raw: true })
  }

  /** Called when the response was written: ends `drip`. */
  protected answerWritten(): void {
    if (this.#dripping) this.out.pace(undefined)
    this.#dripping = false
  }

  protected act(name: string, detail = ''): void {
    this.note('act', { name, detail })
  }

  protected note<W extends LogWhat>(what: W, detail: LogDetails[W]): void {
    this.#host.log.add(what, this.id, detail)
  }

  #lanes(direction: LinkDirection): Lane[] {
    if (oneOf('direction', direction, ['in', 'out', 'both']) === 'both') return [this.in, this.out]
    return [direction === 'in' ? this.in : this.out]
  }

  #lane(direction: Direction): Lane {
    const { counts, logFrames, window } = this.#host
    const messages = direction === 'in' ? 'messagesIn' : 'messagesOut'
    return new Lane(window, {
      full: (full) => this.full(direction, full),
      aborted: (reset) => this.aborted(direction, reset),
      swallowed: (bytes, lost) => {
        counts.swallowedBytes += bytes
        this.note('swallowed', { direction, bytes, lost })
      },
      frame: ({ kind, bytes, final }: FrameInfo, dropped) => {
        if (dropped) {
          counts.droppedFrames += 1
          this.note('frame.dropped', { direction, kind, bytes })
          return
        }
        if (final && (kind === 'text' || kind === 'binary')) counts[messages] += 1
        if (logFrames) this.note(`frame.${direction}`, { kind, bytes, final })
      },
    })
  }
}

/** The longest timer; longer ones fire immediately. */
export const longestTimer = 2 ** 31 - 1

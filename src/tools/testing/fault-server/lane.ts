import type { Writable } from 'node:stream'
import { FrameScanner, type FrameInfo, type FrameKind } from './frames.js'

/** `in`: from the client to the endpoint. `out`: from the endpoint to the client. */
export type Direction = 'in' | 'out'

/** At most `bytes` go past, then nothing does for `every` milliseconds. */
export interface Pace {
  readonly bytes: number
  readonly every: number
}

/** What a lane tells its link. */
export interface LaneEvents {
  /** The lane has, or again has room for, as much as it will take: stop, or go on, reading. */
  full(full: boolean): void
  swallowed(bytes: number, lost: boolean): void
  /** A whole frame went past, or was dropped. */
  frame(frame: FrameInfo, dropped: boolean): void
  /** The source's sudden end has come through: the far side is to learn of it now. */
  aborted(reset: boolean): void
}

interface Item {
  due: number
  bytes?: Buffer
  /** Not part of the stream of frames: an HTTP head, or something put in by hand. */
  raw?: boolean
  written?: (() => void) | undefined
  ending?: 'end' | 'abort' | 'reset'
}

/**
 * One direction of a link: bytes go in at one side and come out, in order, at the other. Or late, slowly, or not at all.
 *
 * An end of the stream travels through the lane like a byte does, because on a dead network it does not arrive either.
 */
export class Lane {
  /** Whether the bytes are frames, to be counted and dropped as such. */
  framed = false
  readonly dropped = new Set<FrameKind>()

  readonly #events: LaneEvents
  readonly #window: number
  readonly #queue: Item[] = []
  readonly #scanner = new FrameScanner(this.dropped)
  /** What was put in by hand while a frame of the endpoint was half written. */
  #held: Buffer[] = []
  #sink: Writable | undefined
  #queued = 0
  #mode: 'flow' | 'hold' | 'lose' = 'flow'
  #lost = false
  #delay: () => number = () => 0
  #pace: Pace | undefined
  #nextAt = 0
  #blocked = false
  #gone = false
  #full = false
  #pumping = false
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `window`: how many bytes may wait here before the source is no longer read, as with TCP's window. */
  constructor(window: number, events: LaneEvents) {
    this.#window = window
    this.#events = events
  }

  /** Where it all comes out. Until then it waits here. */
  open(sink: Writable): void {
    this.#sink = sink
    sink.on('drain', () => {
      this.#blocked = false
      this.#pump()
    })
    sink.on('close', () => this.dispose())
    this.#pump()
  }

  push(bytes: Buffer, { raw = false, written }: { raw?: boolean; written?: () => void } = {}): void {
    if (this.#gone || bytes.length === 0) return
    if (this.#mode !== 'flow') {
      this.#events.swallowed(bytes.length, this.#mode === 'lose')
      if (this.#mode === 'lose') {
        this.#lost = true
        return
      }
    }
    this.#enter({ due: 0, bytes, raw, written })
  }

  /** The source will say no more. */
  end(): void {
    this.#finish('end')
  }

  /** The source is gone. */
  abort(reset: boolean): void {
    this.#finish(reset ? 'reset' : 'abort')
  }

  /** From now on nothing comes out: what goes in is kept for `lift` and `flow`, or, if `lost`, forgotten. */
  swallow(lost: boolean): void {
    // What was held has been counted already; what was merely on its way has not.
    const uncounted = this.#mode === 'flow' ? this.#queued : 0
    this.#mode = lost ? 'lose' : 'hold'
    if (lost) {
      this.#lost ||= this.#queue.length > 0
      this.#clear()
      if (uncounted > 0) this.#events.swallowed(uncounted, true)
    }
    this.#pump()
  }

  /** Whether bytes are missing, so that what comes now makes no sense any more. */
  get torn(): boolean {
    return this.#lost
  }

  /** Lifts every fault. What was held waits for `flow`. */
  lift(): void {
    this.#mode = 'flow'
    this.#delay = () => 0
    this.#pace = undefined
    this.dropped.clear()
    for (const item of this.#queue) item.due = 0
  }

  /** Lets through what may go. */
  flow(): void {
    this.#pump()
  }

  delay(delay: () => number): void {
    this.#delay = delay
  }

  pace(pace: Pace | undefined): void {
    this.#pace = pace
    this.#nextAt = 0
    this.#pump()
  }

  /** Forgets everything and stops. */
  dispose(): void {
    this.#gone = true
    this.#clear()
    clearTimeout(this.#timer)
    this.#pressure()
  }

  #clear(): void {
    this.#queue.length = 0
    this.#queued = 0
    this.#held = []
  }

  #finish(ending: 'end' | 'abort' | 'reset'): void {
    if (this.#gone) return
    if (this.#mode === 'lose') this.#lost = true
    else this.#enter({ due: 0, ending })
  }

  #enter(item: Item): void {
    const delay = this.#delay()
    // Nothing overtakes: what went in earlier, and has to wait longer, holds up this too.
    if (delay > 0) item.due = performance.now() + delay
    this.#queued += item.bytes?.length ?? 0
    this.#queue.push(item)
    this.#pump()
  }

  #pump(): void {
    // What is written may make the far side answer into this very lane; that waits its turn.
    if (this.#pumping) return
    this.#pumping = true
    clearTimeout(this.#timer)
    try {
      while (this.#sink !== undefined && this.#mode === 'flow' && !this.#blocked && !this.#gone) {
        const item = this.#queue[0]
        if (item === undefined) break
        const now = item.due > 0 || this.#pace !== undefined ? performance.now() : 0
        const wait = Math.max(item.due, this.#pace === undefined ? 0 : this.#nextAt) - now
        if (wait > 0) {
          this.#timer = setTimeout(() => this.#pump(), Math.ceil(wait))
          break
        }
        this.#pass(item, now, this.#sink)
      }
    } finally {
      // A message handler of the user may throw right through here.
      this.#pumping = false
    }
    this.#pressure()
  }

  #pass(item: Item, now: number, sink: Writable): void {
    const { bytes, ending } = item
    if (bytes === undefined) {
      this.#queue.shift()
      if (ending === 'end') sink.end()
      else this.#events.aborted(ending === 'reset')
      return
    }
    const pace = this.#pace
    const part = pace === undefined ? bytes : bytes.subarray(0, pace.bytes)
    if (part.length < bytes.length) item.bytes = bytes.subarray(part.length)
    else this.#queue.shift()
    this.#queued -= part.length
    // Counted from when it should have gone, so that late timers do not slow the lane, but never in arrears.
    if (pace !== undefined) this.#nextAt = (this.#nextAt < now - pace.every ? now : this.#nextAt) + pace.every
    if (item.raw === true && !this.#scanner.atBoundary) this.#held.push(part)
    else if (item.raw === true || !this.framed) this.#write(sink, part)
    else this.#scan(sink, part)
    if (part.length === bytes.length) item.written?.()
  }

  #scan(sink: Writable, bytes: Buffer): void {
    let start = 0
    let at = 0
    while (at < bytes.length) {
      const from = at
      at = this.#scanner.advance(bytes, at)
      if (this.#scanner.dropping) {
        this.#write(sink, bytes.subarray(start, from))
        start = at
      }
      if (!this.#scanner.atBoundary) break
      this.#events.frame(this.#scanner.frame, this.#scanner.dropping)
      if (this.#held.length > 0) {
        this.#write(sink, Buffer.concat([bytes.subarray(start, at), ...this.#held]))
        this.#held = []
        start = at
      }
    }
    this.#write(sink, bytes.subarray(start))
  }

  #write(sink: Writable, bytes: Buffer): void {
    if (bytes.length > 0 && sink.writable && !sink.write(bytes)) this.#blocked = true
  }

  #pressure(): void {
    const limit =
      this.#pace === undefined
        ? this.#window
        : Math.min(this.#window, 16_384 + (1_000 * this.#pace.bytes) / this.#pace.every)
    const full =
      !this.#gone && this.#mode !== 'lose' && (this.#queued >= limit || (this.#blocked && this.#mode === 'flow'))
    if (full === this.#full) return
    this.#full = full
    this.#events.full(full)
  }
}

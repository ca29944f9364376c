import type { Writable } from 'node:stream'
import { FrameScanner, type FrameInfo, type FrameKind } from './frames.js'

/** `in`: from the client to the endpoint. `out`: from the endpoint to the client. */
export type Direction = 'in' | 'out'

/** Passes at most `bytes`, then pauses for `every` milliseconds. */
export interface Pace {
  readonly bytes: number
  readonly every: number
}

/** The events that a lane reports to its link. */
export interface LaneEvents {
  /** The buffer is full, or has room again: pause or resume reading. */
  full(full: boolean): void
  swallowed(bytes: number, lost: boolean): void
  /** A complete frame passed, or was dropped. */
  frame(frame: FrameInfo, dropped: boolean): void
  /** An abrupt end of the source has passed through. */
  aborted(reset: boolean): void
}

interface Item {
  due: number
  bytes?: Buffer
  /** Not part of the frame stream: an HTTP head, or injected bytes. */
  raw?: boolean
  written?: (() => void) | undefined
  ending?: 'end' | 'abort' | 'reset'
}

/**
 * One direction of a link. Delivers bytes in order: immediately, late, slowly, or never.
 *
 * An end of the stream is queued like a byte, because on a dead network it does not arrive either.
 */
export class Lane {
  /** Whether the bytes are WebSocket frames. */
  framed = false
  readonly dropped = new Set<FrameKind>()

  readonly #events: LaneEvents
  readonly #window: number
  readonly #queue: Item[] = []
  readonly #scanner = new FrameScanner(this.dropped)
  /** Bytes injected while a frame of the endpoint was incomplete. */
  #held: Buffer[] = []
  #sink: Writable | undefined
  #queued = 0
  #mode: 'flow' | 'hold' | 'lose' = 'flow'
  #lost = false
  #delay: () => number = () => 0
  #pace: Pace | undefined
  #nextAt = 0
  #blocked = false
  #isDisposed = false
  #full = false
  #pumping = false
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `window`: how many bytes may be buffered before the source is paused, like TCP's window. */
  constructor(window: number, events: LaneEvents) {
    this.#window = window
    this.#events = events
  }

  /** Sets the destination. Until then, bytes are buffered. */
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
    if (this.#isDisposed || bytes.length === 0) return
    if (this.#mode !== 'flow') {
      this.#events.swallowed(bytes.length, this.#mode === 'lose')
      if (this.#mode === 'lose') {
        this.#lost = true
        return
      }
    }
    this.#enqueue({ due: 0, bytes, raw, written })
  }

  /** The source has ended. */
  end(): void {
    this.#finish('end')
  }

  /** The source closed abruptly. */
  abort(reset: boolean): void {
    this.#finish(reset ? 'reset' : 'abort')
  }

  /** Stops delivery. Bytes are held for `clearFaults` and `resume`, or discarded if `lost`. */
  swallow(lost: boolean): void {
    // Held bytes have been counted already; delayed ones have not.
    const uncounted = this.#mode === 'flow' ? this.#queued : 0
    this.#mode = lost ? 'lose' : 'hold'
    if (lost) {
      this.#lost ||= this.#queue.length > 0
      this.#clear()
      if (uncounted > 0) this.#events.swallowed(uncounted, true)
    }
    this.#pump()
  }

  /** Whether bytes are missing, so that the rest of the stream is useless. */
  get hasGap(): boolean {
    return this.#lost
  }

  /** Removes every fault. Held bytes wait for `resume`. */
  clearFaults(): void {
    this.#mode = 'flow'
    this.#delay = () => 0
    this.#pace = undefined
    this.dropped.clear()
    for (const item of this.#queue) item.due = 0
  }

  /** Delivers held bytes. */
  resume(): void {
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

  /** Discards everything and stops. */
  dispose(): void {
    this.#isDisposed = true
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
    if (this.#isDisposed) return
    if (this.#mode === 'lose') this.#lost = true
    else this.#enqueue({ due: 0, ending })
  }

  #enqueue(item: Item): void {
    const delay = this.#delay()
    // Order is kept: an earlier item with a longer delay holds up later ones.
    if (delay > 0) item.due = performance.now() + delay
    this.#queued += item.bytes?.length ?? 0
    this.#queue.push(item)
    this.#pump()
  }

  #pump(): void {
    // A write may make the peer write into this lane; avoid reentry.
    if (this.#pumping) return
    this.#pumping = true
    clearTimeout(this.#timer)
    try {
      while (this.#sink !== undefined && this.#mode === 'flow' && !this.#blocked && !this.#isDisposed) {
        const item = this.#queue[0]
        if (item === undefined) break
        const now = item.due > 0 || this.#pace !== undefined ? performance.now() : 0
        const wait = Math.max(item.due, this.#pace === undefined ? 0 : this.#nextAt) - now
        if (wait > 0) {
          this.#timer = setTimeout(() => this.#pump(), Math.ceil(wait))
          break
        }
        this.#deliver(item, now, this.#sink)
      }
    } finally {
      // A user's message handler may throw through here.
      this.#pumping = false
    }
    this.#pressure()
  }

  #deliver(item: Item, now: number, sink: Writable): void {
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
    // Counted from the due time, so that late timers do not slow the lane down, but without catching up.
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
      !this.#isDisposed && this.#mode !== 'lose' && (this.#queued >= limit || (this.#blocked && this.#mode === 'flow'))
    if (full === this.#full) return
    this.#full = full
    this.#events.full(full)
  }
}

import type { Fields } from './log-words.js'
import { isMessage, recordedAt, Store } from './store.js'

/** Messages one after the other, as they were made. */
export interface Recording {
  readonly messages: readonly Fields[]
  /** Lines that were no message. */
  readonly unread: number
  readonly start: number
  readonly end: number
}

/** JSON Lines: one message a line; empty lines are nobody's fault. */
export function readRecording(text: string): Recording {
  const messages: Fields[] = []
  let unread = 0
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    try {
      const message: unknown = JSON.parse(line)
      if (isMessage(message)) messages.push(message)
      else unread++
    } catch {
      unread++
    }
  }
  // By time: several processes may have written it. Those of one instant stay as they are.
  messages.sort((one, other) => recordedAt(one) - recordedAt(other))
  const timed = messages.map(recordedAt).filter((at) => at > 0)
  return { messages, unread, start: timed[0] ?? 0, end: timed.at(-1) ?? 0 }
}

export const writeRecording = (messages: readonly Fields[]): string =>
  messages.map((message) => `${JSON.stringify(message)}\n`).join('')

/** Plays a recording into a store. Going back is playing again from the beginning. */
export class Player {
  readonly recording: Recording
  store = new Store()
  speed = 1
  playing = false
  #position: number
  #next = 0

  constructor(recording: Recording) {
    this.recording = recording
    this.#position = recording.start
    // Whatever has no time, or the first, is there from the beginning.
    this.seek(recording.start)
  }

  /** The time that is shown, in milliseconds since 1970. */
  get position(): number {
    return this.#position
  }

  get atEnd(): boolean {
    return this.#position >= this.recording.end
  }

  seek(position: number): void {
    const { start, end, messages } = this.recording
    const target = Math.min(Math.max(position, start), end)
    if (target < this.#position) {
      this.store = new Store()
      this.#next = 0
    }
    this.#position = target
    for (; this.#next < messages.length; this.#next++) {
      const message = messages[this.#next]!
      if (recordedAt(message) > target) return
      this.store.take(message)
    }
  }

  /** So much time has passed for whoever watches. */
  advance(elapsed: number): void {
    if (!this.playing) return
    this.seek(this.#position + elapsed * this.speed)
    if (this.atEnd) this.playing = false
  }
}

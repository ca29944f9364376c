import { isMessage, recordedAt, type Fields } from './message.js'
import { Store } from './store.js'

/** Messages in the order they were made. */
export interface Recording {
  readonly messages: readonly Fields[]
  /** The number of lines that are not messages. */
  readonly unread: number
  readonly start: number
  readonly end: number
}

/** Parses JSON Lines, one message per line. Skips empty lines. */
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
  // By time, because several processes may have written it. The sort is stable.
  messages.sort((one, other) => recordedAt(one) - recordedAt(other))
  const timed = messages.map(recordedAt).filter((at) => at > 0)
  return { messages, unread, start: timed[0] ?? 0, end: timed.at(-1) ?? 0 }
}

export const writeRecording = (messages: readonly Fields[]): string =>
  messages.map((message) => `${JSON.stringify(message)}\n`).join('')

/** Plays a recording into a store. Seeking backward replays it from the start. */
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
    // Takes the messages without a time, and the first ones.
    this.seek(recording.start)
  }

  /** The time shown, in milliseconds since 1970. */
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

  /** Advances by `elapsed` milliseconds of real time. */
  advance(elapsed: number): void {
    if (!this.playing) return
    this.seek(this.#position + elapsed * this.speed)
    if (this.atEnd) this.playing = false
  }
}

import type { KeptFrame, Outbox } from './outbox.js'
import { itself } from './outbox.js'
import type { PersistOptions } from './resume.types.js'

/** A session as it is stored. */
export interface StoredSession {
  readonly v: 1
  readonly id: string
  readonly gen: number
  readonly ep: string
  readonly received: number
  readonly tx: number
  readonly acked: number
  /** When it was stored. Milliseconds since 1970. */
  readonly at: number
}

const counts = ['gen', 'received', 'tx', 'acked', 'at'] as const

/** The record of a session in the storage of the page, and with `outbox` one entry per unacknowledged message. */
export class PageRecord {
  /** What the storage threw. Nothing is stored after it. */
  failure: { readonly thrown: unknown } | undefined
  readonly #options: PersistOptions
  /** The messages that may be stored: after the first number, up to the second. */
  #from = 0
  #to = 0

  constructor(options: PersistOptions) {
    this.#options = options
  }

  /** The stored session. Its messages go to the outbox. */
  read(outbox: Outbox): StoredSession | undefined {
    return this.#guarded(({ storage, key }) => {
      const stored = parse(storage.getItem(key))
      if (stored === undefined) return undefined
      const { acked, tx } = stored
      outbox.tx = outbox.acked = outbox.base = this.#from = this.#to = acked
      for (let text; (text = storage.getItem(`${key}:${this.#to + 1}`)) !== null; this.#to++) {
        outbox.keep(frameOf(text), itself)
      }
      // Some or all of the messages were not stored.
      if (outbox.tx < tx) {
        outbox.continueAfter(tx)
        this.#drop(Infinity)
      }
      return stored
    })
  }

  write(stored: StoredSession): void {
    this.#guarded(({ storage, key }) => storage.setItem(key, JSON.stringify(stored)))
  }

  /** Called before the message goes to a socket. */
  keep(number: number, frame: KeptFrame): void {
    this.#guarded(({ storage, key, outbox }) => {
      if (outbox !== true) return
      storage.setItem(`${key}:${number}`, textOf(frame))
      if (this.#from === this.#to) this.#from = number - 1
      this.#to = number
    })
  }

  /** Messages up to this number are acknowledged. Call `write` before, so that a crash leaves no hole. */
  forget(number: number): void {
    this.#guarded(() => this.#drop(number))
  }

  erase(): void {
    this.#guarded(({ storage, key }) => {
      storage.removeItem(key)
      this.#drop(Infinity)
    })
  }

  #drop(number: number): void {
    const { storage, key } = this.#options
    while (this.#from < Math.min(number, this.#to)) storage.removeItem(`${key}:${++this.#from}`)
  }

  #guarded<T>(work: (options: PersistOptions) => T): T | undefined {
    if (this.failure !== undefined) return undefined
    try {
      return work(this.#options)
    } catch (thrown) {
      this.failure = { thrown }
    }
    try {
      // A record that is no longer kept up to date must not be resumed.
      this.#options.storage.removeItem(this.#options.key)
      this.#drop(Infinity)
    } catch {
      // Reported above.
    }
    return undefined
  }
}

function parse(text: string | null): StoredSession | undefined {
  try {
    const given = JSON.parse(text ?? 'null') as Partial<Record<keyof StoredSession, unknown>> | null
    const isSound =
      given?.v === 1 &&
      typeof given.id === 'string' &&
      typeof given.ep === 'string' &&
      counts.every((each) => Number.isSafeInteger(given[each]))
    return isSound ? (given as unknown as StoredSession) : undefined
  } catch {
    return undefined
  }
}

/** Text frames start with `d`. Bytes are stored as characters from 0 to 255, after a `b`. */
function textOf(frame: KeptFrame): string {
  if (typeof frame === 'string') return frame
  let text = 'b'
  for (let at = 0; at < frame.length; at += 8_192) text += String.fromCharCode(...frame.subarray(at, at + 8_192))
  return text
}

function frameOf(text: string): KeptFrame {
  if (text.startsWith('d')) return text
  return Uint8Array.from({ length: text.length - 1 }, (_, at) => text.charCodeAt(at + 1))
}

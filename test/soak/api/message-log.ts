import type { SendData } from '../../../src/index.js'

/** What became of an accepted message. Each has one fate. */
export type Fate = 'waits' | 'sent' | 'dropped' | 'withdrawn' | 'refused'

interface Entry {
  fate: Fate
  /** Whether the app knows that it was accepted; a stream does not report when. */
  certain: boolean
}

const decoder = new TextDecoder()

/** Records every message passed to the connection, and its fate. */
export class MessageLog {
  readonly #entries: Entry[] = []
  readonly #blobs = new WeakMap<Blob, number>()
  readonly #breach: (what: string) => void

  constructor(breach: (what: string) => void) {
    this.#breach = breach
  }

  get size(): number {
    return this.#entries.length
  }

  /** A numbered message, in one of the forms a WebSocket carries. */
  make(form: number): { id: number; data: SendData } {
    const id = this.#entries.length
    this.#entries.push({ fate: 'refused', certain: true })
    const text = `m${id} `.padEnd(8 + (form % 40), '.')
    if (form % 5 === 1) return { id, data: new TextEncoder().encode(text) }
    if (form % 5 === 2) return { id, data: new TextEncoder().encode(text).buffer }
    if (form % 5 === 3) {
      const blob = new Blob([text])
      this.#blobs.set(blob, id)
      return { id, data: blob }
    }
    return { id, data: text }
  }

  /** Accepts any value the connection may return; `undefined` if it is not one of the app's messages. */
  idOf(data: unknown): number | undefined {
    if (data instanceof Blob) return this.#blobs.get(data)
    const text =
      typeof data === 'string'
        ? data
        : ArrayBuffer.isView(data) || data instanceof ArrayBuffer
          ? decoder.decode(data)
          : typeof data === 'object' && data !== null && 'text' in data
            ? String(data.text)
            : ''
    const [, id] = /^m(\d+) /.exec(text) ?? []
    return id === undefined ? undefined : Number(id)
  }

  /** Called before the send: the message may get its fate before the call returns. */
  offer(id: number, certain = true): void {
    this.#entries[id] = { fate: 'waits', certain }
  }

  /** The call rejected it, so it must get no other fate. */
  refused(id: number): void {
    const entry = this.#entries[id]!
    if (entry.fate === 'waits') entry.fate = 'refused'
    else if (entry.certain) this.#breach(`message ${id} was refused, and ${entry.fate}`)
  }

  fateOf(id: number): Fate {
    return this.#entries[id]!.fate
  }

  arrived(id: number): void {
    this.#entries[id]!.fate = 'sent'
  }

  settle(data: unknown, fate: Fate): void {
    const id = this.idOf(data)
    if (id === undefined) return
    const entry = this.#entries[id]
    if (entry === undefined) this.#breach(`message ${id} was ${fate}, and never handed over`)
    else if (entry.fate !== 'waits' && (entry.certain || entry.fate !== 'refused')) {
      this.#breach(`message ${id} was ${entry.fate}, and then ${fate}`)
    } else entry.fate = fate
  }

  /** Messages whose fate the app does not know yet. A stream may hold some of its own. */
  get waiting(): number {
    return this.#entries.filter(({ fate, certain }) => fate === 'waits' && certain).length
  }

  count(fate: Fate): number {
    return this.#entries.filter((each) => each.fate === fate).length
  }
}

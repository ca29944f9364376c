import { isConflict, isTransient, newNonce, pause, read, type JetStream, type Query } from './jetstream-api.js'
import type { Payload } from './store.js'
import type { StoredMsg } from '@nats-io/jetstream'

/**
 * A message in a stream. Its payload follows a header, `<kind> <number> <bytes before it> <nonce> <epoch>:` with numbers in base 36.
 *
 * `d`: text. `b`: binary. `m`: a mark, which carries the last number when all messages were dropped. `e`: the end of a session.
 */
interface Entry {
  readonly kind: 'd' | 'b' | 'm' | 'e'
  readonly number: number
  readonly before: number
  readonly nonce: string
  readonly epoch: string
  readonly data: Uint8Array
  /** Its place in the stream. */
  readonly seq: number
}

/** The last entry of a log. */
interface Tail {
  readonly kind: Entry['kind'] | 'none'
  readonly number: number
  /** Bytes of all messages so far. */
  readonly total: number
  readonly epoch: string
  readonly seq: number
}

function parse(message: StoredMsg | null): Entry | undefined {
  if (message === null) return undefined
  const bytes = message.data
  const end = bytes.indexOf(58)
  const [kind, number = '', before = '', nonce = '', epoch = ''] = Buffer.from(bytes.subarray(0, end))
    .toString('latin1')
    .split(' ')
  return {
    kind: kind as Entry['kind'],
    number: Number.parseInt(number, 36),
    before: Number.parseInt(before, 36),
    nonce,
    epoch,
    data: bytes.subarray(end + 1),
    seq: message.seq,
  }
}

export const bytesOf = (data: Payload): Uint8Array => (typeof data === 'string' ? Buffer.from(data) : data)
const payloadOf = ({ kind, data }: Entry): Payload =>
  kind === 'd' ? Buffer.from(data).toString() : new Uint8Array(data)

/**
 * The messages of one session or topic: one subject of a stream, where each append expects the message before it to be the last one. So two
 * nodes never give the same number, whichever server leads.
 */
export class JetStreamLog {
  readonly #api: JetStream
  readonly #stream: string
  readonly #subject: string
  /** How long to try while there is no leader. Milliseconds. */
  readonly #patience: number
  /** The last number, if the stream has no message. */
  readonly #base: () => Promise<number>
  #tail: Tail | undefined
  /** What was dropped, as far as this node knows: the last number, and the bytes up to it. */
  #dropped = { number: 0, total: 0 }
  /** Where messages are that this node has read or appended. */
  readonly #places = new Map<number, number>()
  #queue: Promise<unknown> = Promise.resolve()

  constructor(api: JetStream, stream: string, subject: string, patience: number, base: () => Promise<number>) {
    this.#api = api
    this.#stream = stream
    this.#subject = subject
    this.#patience = patience
    this.#base = base
  }

  /** The last entry, as the server has it. */
  async tail(): Promise<Tail> {
    const last = await this.#find({ last_by_subj: this.#subject })
    if (last === undefined) return { kind: 'none', number: await this.#base(), total: 0, epoch: '', seq: 0 }
    const { kind, number, before, epoch, seq, data } = last
    return { kind, number, total: before + data.length, epoch, seq }
  }

  /** The number of the oldest message; that of the tail + 1 if there is none. */
  async first(tail: Tail): Promise<number> {
    const first = await this.#find({ next_by_subj: this.#subject, seq: 1 })
    if (first === undefined) return tail.number + 1
    return first.kind === 'm' ? first.number + 1 : first.number
  }

  /** Appends run one after another, so they are numbered in the order of the calls. */
  append(
    data: Payload,
    {
      most,
      msgID,
      recall,
      epoch,
    }: {
      most?: { messages: number; bytes: number }
      msgID?: string
      recall?: () => Promise<number | undefined>
      epoch?: (tail: Tail) => string
    },
  ): Promise<number | 'ended' | 'full'> {
    return this.#exclusive(async () => {
      const bytes = bytesOf(data)
      const nonce = newNonce()
      const kind = typeof data === 'string' ? 'd' : 'b'
      let uncertain: number | undefined
      for (const until = performance.now() + this.#patience; ;) {
        if (uncertain !== undefined) {
          const entry = await this.#find({ next_by_subj: this.#subject, seq: uncertain + 1 })
          if (entry?.nonce === nonce) return this.#stored(entry)
        }
        const tail = (this.#tail ??= await this.tail())
        if (tail.kind === 'e') return 'ended'
        if (most !== undefined && (await this.#isFull(tail, bytes.length, most))) return 'full'
        const number = tail.number + 1
        const known = epoch?.(tail) ?? tail.epoch
        try {
          const ack = await this.#publish(kind, number, tail.total, nonce, known, bytes, tail.seq, msgID)
          if (ack.duplicate) {
            this.#tail = undefined
            const entry = await this.#find({ seq: ack.seq })
            // If it was dropped before its number was remembered, at least the client has it.
            return entry?.number ?? (await recall?.()) ?? (await this.first(await this.tail())) - 1
          }
          return this.#stored({ kind, number, before: tail.total, nonce, epoch: known, data: bytes, seq: ack.seq })
        } catch (thrown) {
          this.#tail = undefined
          if (isConflict(thrown)) continue
          if (!isTransient(thrown) || performance.now() > until) throw thrown
          uncertain ??= tail.seq
          await pause(50)
        }
      }
    })
  }

  /** Messages after `after`, in order. */
  async range(after: number, limit: number): Promise<[number, Payload][]> {
    const rows: [number, Payload][] = []
    const add = (entry: Entry): void => {
      if (entry.kind === 'm' || entry.number <= after) return
      this.#places.set(entry.number, entry.seq)
      rows.push([entry.number, payloadOf(entry)])
    }
    // All at once as far as their places are known, then one by one.
    const known: number[] = []
    for (let at = after + 1; known.length < limit && this.#places.has(at); at++) known.push(this.#places.get(at)!)
    for (const entry of await Promise.all(known.map((seq) => this.#find({ seq })))) if (entry !== undefined) add(entry)
    let place = known.at(-1) ?? this.#places.get(after) ?? 0
    while (rows.length < limit) {
      const entry = await this.#find({ next_by_subj: this.#subject, seq: place + 1 })
      if (entry === undefined) break
      if (entry.kind === 'e') return []
      add(entry)
      place = entry.seq
    }
    return rows
  }

  /** Forgets where messages up to this number are. */
  forget(upTo: number): void {
    for (const number of this.#places.keys()) if (number <= upTo) this.#places.delete(number)
  }

  /** Drops messages up to this number. A mark replaces the last one, so that its number is not forgotten. */
  trim(upTo: number): Promise<void> {
    return this.#exclusive(async () => {
      for (;;) {
        const tail = (this.#tail ??= await this.tail())
        if (tail.kind === 'e' || tail.kind === 'm' || tail.seq === 0) return
        if (upTo < tail.number) return this.#drop(upTo)
        try {
          await this.#mark('m', tail)
          return
        } catch (thrown) {
          this.#tail = undefined
          if (!isConflict(thrown)) throw thrown
        }
      }
    })
  }

  /** Drops all messages, and refuses further ones. */
  end(): Promise<void> {
    return this.#exclusive(async () => {
      for (;;) {
        const tail = await this.tail()
        if (tail.kind === 'e') return
        try {
          await this.#mark('e', tail)
          return
        } catch (thrown) {
          this.#tail = undefined
          if (!isConflict(thrown)) throw thrown
        }
      }
    })
  }

  /** Sets the epoch of an empty log, and returns the tail. */
  begin(epoch: string): Promise<Tail> {
    return this.#exclusive(async () => {
      for (;;) {
        const tail = await this.tail()
        if (tail.seq > 0) return tail
        try {
          await this.#mark('m', { ...tail, epoch })
        } catch (thrown) {
          this.#tail = undefined
          if (!isConflict(thrown)) throw thrown
        }
      }
    })
  }

  async #mark(kind: 'm' | 'e', tail: Tail): Promise<void> {
    const { number, total, epoch } = tail
    const ack = await this.#publish(kind, number, total, newNonce(), epoch, new Uint8Array(), tail.seq)
    this.#tail = { ...tail, kind, seq: ack.seq }
    this.#dropped = { number, total }
    this.#places.clear()
    if (tail.seq > 0) await this.#purge(ack.seq)
  }

  async #drop(upTo: number): Promise<void> {
    let place = this.#places.get(upTo + 1)
    for (let from = 1; place === undefined;) {
      const entry = await this.#find({ next_by_subj: this.#subject, seq: from })
      if (entry === undefined) return
      if (entry.number > upTo) place = entry.seq
      from = entry.seq + 1
    }
    await this.#purge(place)
    this.forget(upTo)
  }

  #stored(entry: Entry): number {
    const { number, before, data, seq } = entry
    this.#tail = { ...entry, total: before + data.length }
    this.#places.set(number, seq)
    return number
  }

  async #isFull(tail: Tail, size: number, most: { messages: number; bytes: number }): Promise<boolean> {
    const isFull = (): boolean => {
      const { number, total } = this.#dropped
      return tail.number - number >= most.messages || tail.total - total + size > most.bytes
    }
    if (!isFull()) return false
    // Another node may have dropped some.
    const first = await this.#find({ next_by_subj: this.#subject, seq: 1 })
    if (first === undefined) this.#dropped = { number: tail.number, total: tail.total }
    else this.#dropped = { number: first.kind === 'm' ? first.number : first.number - 1, total: first.before }
    return isFull()
  }

  #publish(
    kind: Entry['kind'],
    number: number,
    before: number,
    nonce: string,
    epoch: string,
    data: Uint8Array,
    last: number,
    msgID?: string,
  ) {
    const header = `${kind} ${number.toString(36)} ${before.toString(36)} ${nonce} ${epoch}:`
    const options = { expect: { lastSubjectSequence: last }, ...(msgID === undefined ? {} : { msgID }) }
    return this.#api.js.publish(this.#subject, Buffer.concat([Buffer.from(header, 'latin1'), data]), options)
  }

  async #purge(seq: number): Promise<void> {
    await this.#api.jsm.streams.purge(this.#stream, { filter: this.#subject, seq })
  }

  async #find(query: Query): Promise<Entry | undefined> {
    return parse(await read(this.#api, this.#stream, query, this.#patience))
  }

  #exclusive<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(job)
    this.#queue = done.catch(() => {})
    return done
  }
}

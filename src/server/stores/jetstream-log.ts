import { JetStreamChain, unknown, type ChainSettings, type Link } from './jetstream-chain.js'
import { encode, parse, payloadOf, type Entry } from './jetstream-entry.js'
import type { Payload } from './store.js'

/** Where a log ends. */
interface Tail {
  readonly kind: Entry['kind'] | 'none'
  readonly number: number
  /** Bytes of all messages so far. */
  readonly total: number
  readonly epoch: string
  /** The places of the last entry, and of the last one that counts for nothing. */
  readonly seq: number
  readonly end: number
}

export interface LogSettings extends ChainSettings {
  /** The last number, if the stream has no message. */
  base(): Promise<number>
  /** How long a key holds. Milliseconds. */
  readonly ttl: number
  /** The numbers of keys, apart from their messages, which may be dropped earlier. */
  recall(key: string): Promise<number | undefined>
  remember(key: string, number: number): Promise<void>
}

export interface AppendOptions {
  readonly most?: { readonly messages: number; readonly bytes: number }
  /** A hash of the key. */
  readonly key?: string | undefined
  readonly epoch?: (tail: Tail) => string
}

/** The messages of one session or topic. */
export class JetStreamLog {
  readonly #settings: LogSettings
  readonly #chain: JetStreamChain
  #tail: Tail | undefined
  /** What was dropped, as far as this node knows: the last number, and the bytes up to it. */
  #dropped = { number: 0, total: 0 }
  /** Where messages are that this node has read or appended. */
  readonly #places = new Map<number, number>()
  /** The numbers of those that had a key, the oldest first, and whether they are remembered apart from the message. */
  readonly #keys = new Map<string, { readonly number: number; readonly until: number; isRemembered: boolean }>()
  /** The keys of all messages up to this number are known. */
  #scanned = 0
  #queue: Promise<unknown> = Promise.resolve()

  constructor(settings: LogSettings) {
    this.#settings = settings
    this.#chain = new JetStreamChain(settings)
  }

  /** Where the log ends, as the server has it. */
  async tail(): Promise<Tail> {
    const last = await this.#chain.last()
    if (last === undefined)
      return { kind: 'none', number: await this.#settings.base(), total: 0, epoch: '', seq: 0, end: 0 }
    const { kind, number, before, epoch, seq, data } = parse(last.link)
    return { kind, number, total: before + data.length, epoch, seq, end: last.end }
  }

  /** The number of the oldest message; that of the tail + 1 if there is none. */
  async first(tail: Tail): Promise<number> {
    const link = await this.#chain.next(0)
    if (link === undefined) return tail.number + 1
    const { kind, number } = parse(link)
    return kind === 'm' ? number + 1 : number
  }

  /** Appends run one after another, so they are numbered in the order of the calls. */
  append(data: Payload, { most, key, epoch }: AppendOptions): Promise<number | 'ended' | 'full'> {
    return this.#exclusive(async () => {
      const bytes = Buffer.from(data as Uint8Array)
      const kind = typeof data === 'string' ? 'd' : 'b'
      for (;;) {
        const tail = (this.#tail ??= await this.tail())
        const known = key === undefined ? undefined : await this.#numberOf(key, tail)
        if (known !== undefined) return known
        if (tail.kind === 'e') return 'ended'
        if (most !== undefined && (await this.#isFull(tail, bytes.length, most))) return 'full'
        const number = tail.number + 1
        const entry = {
          kind,
          number,
          before: tail.total,
          epoch: epoch?.(tail) ?? tail.epoch,
          key: key ?? '',
          data: bytes,
        } as const
        const seq = await this.#add(entry, tail)
        if (seq === undefined) continue
        this.#tail = { ...entry, total: tail.total + bytes.length, seq, end: seq }
        this.#note({ ...entry, seq, time: Date.now() })
        if (key !== undefined) await this.#remember(key, number)
        return number
      }
    })
  }

  /** Messages after `after`, in order. */
  async range(after: number, limit: number): Promise<[number, Payload][]> {
    const rows: [number, Payload][] = []
    // All at once as far as their places are known, then one by one.
    const places: number[] = []
    for (let at = after + 1; places.length < limit && this.#places.has(at); at++) places.push(this.#places.get(at)!)
    for (const link of await Promise.all(places.map((seq) => this.#chain.find({ seq })))) {
      const entry = link && parse(link)
      if (entry !== undefined) rows.push([entry.number, payloadOf(entry)])
    }
    if (rows.length >= limit) return rows
    for await (const entry of this.#entries(places.at(-1) ?? this.#places.get(after))) {
      if (entry.kind === 'e') return []
      if (entry.kind === 'm' || entry.number <= after) continue
      if (rows.push([entry.number, payloadOf(entry)]) === limit) break
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
        if (await this.#mark('m', tail)) return
      }
    })
  }

  /** Drops all messages, and refuses further ones. */
  end(): Promise<void> {
    return this.#exclusive(async () => {
      for (;;) {
        const tail = await this.tail()
        if (tail.kind === 'e' || (await this.#mark('e', tail))) return
      }
    })
  }

  /** Sets the epoch of an empty log, and returns where it ends. */
  begin(epoch: string): Promise<Tail> {
    return this.#exclusive(async () => {
      for (;;) {
        const tail = await this.tail()
        if (tail.seq > 0) return tail
        await this.#mark('m', { ...tail, epoch })
      }
    })
  }

  /** The entries after a known one, or from the first that is kept, also if another node drops the known one meanwhile. */
  async *#entries(known: number | undefined): AsyncGenerator<Entry> {
    for (let last = known; ;) {
      const link = last === undefined ? 'gone' : await this.#chain.successor(last)
      if (link === undefined) return
      const entry = link === 'gone' ? await this.#start() : parse(link)
      if (entry === undefined) return
      // What came before the first one is dropped, and its keys are remembered.
      if (link === 'gone') this.#scanned = Math.max(this.#scanned, entry.number - 1)
      last = entry.seq
      this.#note(entry)
      yield entry
    }
  }

  /** The first valid entry that is kept: the first one that another follows, or the last of all. */
  async #start(): Promise<Entry | undefined> {
    for (;;) {
      const candidates: Link[] = []
      let link = await this.#chain.next(0)
      if (link === undefined || !this.#settings.isReplicated) return link && parse(link)
      for (; link !== undefined; link = await this.#chain.next(link.seq)) {
        const { after } = link
        const followed = candidates.find(({ seq }) => seq === after)
        if (followed !== undefined) return parse(followed)
        candidates.push(link)
      }
      const last = (await this.#chain.last())?.link
      if (candidates.some(({ seq }) => seq === last?.seq)) return last && parse(last)
      // Others were added or dropped meanwhile.
    }
  }

  #note({ kind, number, seq, key, time }: Pick<Entry, 'kind' | 'number' | 'seq' | 'key' | 'time'>): void {
    if (number === this.#scanned + 1) this.#scanned = number
    if (kind !== 'd' && kind !== 'b') return
    this.#places.set(number, seq)
    if (key === '' || this.#keys.has(key)) return
    const now = Date.now()
    for (const [old, { until }] of this.#keys) {
      if (until > now) break
      this.#keys.delete(old)
    }
    this.#keys.set(key, { number, until: time + this.#settings.ttl, isRemembered: false })
  }

  /** Learns the keys of all messages that are kept, up to this number. */
  async #scan(upTo: number): Promise<void> {
    if (this.#scanned >= upTo) return
    for await (const { number } of this.#entries(this.#places.get(this.#scanned))) if (number >= upTo) break
    this.#scanned = Math.max(this.#scanned, upTo)
  }

  /** The number of the message with this key, among all up to the tail: those that are kept, and then those that were dropped. */
  async #numberOf(key: string, tail: Tail): Promise<number | undefined> {
    await this.#scan(tail.number)
    const known = this.#keys.get(key)
    return known !== undefined && known.until > Date.now() ? known.number : this.#settings.recall(key)
  }

  async #remember(key: string, number: number): Promise<void> {
    await this.#settings.remember(key, number)
    const known = this.#keys.get(key)
    if (known !== undefined) known.isRemembered = true
  }

  async #add(entry: Omit<Entry, 'seq' | 'after' | 'time'>, tail: Tail): Promise<number | undefined> {
    this.#tail = undefined
    const seq = await this.#chain.add(tail.seq, tail.end, encode(entry))
    if (seq !== 'unknown') return seq
    // Asking again tells: by its key, or because a mark may be made twice.
    if (entry.key === '' && (entry.kind === 'd' || entry.kind === 'b')) throw new Error(unknown)
    return undefined
  }

  /** Returns whether the log ended where `tail` says. */
  async #mark(kind: 'm' | 'e', tail: Tail): Promise<boolean> {
    const { number, total, epoch } = tail
    const seq = await this.#add({ kind, number, before: total, epoch, key: '', data: Buffer.alloc(0) }, tail)
    if (seq === undefined) return false
    await this.#rememberKeys(number)
    this.#tail = { ...tail, kind, seq, end: seq }
    this.#dropped = { number, total }
    this.#places.clear()
    if (tail.seq > 0) await this.#chain.purge(seq)
    return true
  }

  async #drop(upTo: number): Promise<void> {
    if (!this.#places.has(upTo + 1)) await this.range(upTo, 1)
    const place = this.#places.get(upTo + 1)
    if (place === undefined) return
    await this.#rememberKeys(upTo)
    await this.#chain.purge(place)
    this.forget(upTo)
  }

  /** Before messages are dropped, so that their keys hold also if the node that appended them has died before it could do this. */
  async #rememberKeys(upTo: number): Promise<void> {
    await this.#scan(upTo)
    for (const [key, { number, until, isRemembered }] of this.#keys)
      if (number <= upTo && !isRemembered && until > Date.now()) await this.#remember(key, number)
  }

  async #isFull(tail: Tail, size: number, most: { messages: number; bytes: number }): Promise<boolean> {
    const isFull = (): boolean => {
      const { number, total } = this.#dropped
      return tail.number - number >= most.messages || tail.total - total + size > most.bytes
    }
    if (!isFull()) return false
    // Another node may have dropped some.
    const link = await this.#chain.next(0)
    if (link === undefined) this.#dropped = { number: tail.number, total: tail.total }
    else {
      const { kind, number, before } = parse(link)
      this.#dropped = { number: kind === 'm' ? number : number - 1, total: before }
    }
    return isFull()
  }

  #exclusive<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(job)
    this.#queue = done.catch(() => {})
    return done
  }
}

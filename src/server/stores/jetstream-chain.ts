import {
  isConflict,
  isTransient,
  newNonce,
  patiently,
  pause,
  read,
  type JetStream,
  type Query,
} from './jetstream-api.js'

/** The message of an error. */
export const unknown = 'JetStream has dropped what tells whether the change was made'

/** An entry of a chain. */
export interface Link {
  /** Its place in the stream. */
  readonly seq: number
  /** The place of the entry that it follows; 0 for the first. */
  readonly after: number
  readonly nonce: string
  readonly body: Buffer
  /** When it was stored, in milliseconds since 1970. */
  readonly time: number
}

export interface ChainSettings {
  readonly api: JetStream
  readonly stream: string
  readonly subject: string
  /** How long to try while there is no leader. Milliseconds. */
  readonly patience: number
  /** Whether the stream has more than one replica. */
  readonly isReplicated: boolean
}

/**
 * The entries of one subject, each of which names the one that it follows. Of several that follow the same one, the first in the stream is
 * valid, and the others count for nothing.
 *
 * With one replica, the server itself refuses the others. With more, it doesn't: it checks the expected sequence before it replicates an
 * entry, so two entries that arrive together both pass. Their order in the stream is the same for all, so it decides.
 */
export class JetStreamChain {
  readonly #settings: ChainSettings

  constructor(settings: ChainSettings) {
    this.#settings = settings
  }

  /** Any entry, valid or not. */
  async find(query: Query): Promise<Link | undefined> {
    const { api, stream, patience } = this.#settings
    const message = await read(api, stream, query, patience)
    if (message === null) return undefined
    const bytes = Buffer.from(message.data)
    const end = bytes.indexOf(58)
    const [after = '', nonce = ''] = bytes.toString('latin1', 0, end).split(' ')
    const { seq, time } = message
    return { seq, after: Number.parseInt(after, 36), nonce, body: bytes.subarray(end + 1), time: time.getTime() }
  }

  /** The next entry after a place, valid or not. */
  next(place: number): Promise<Link | undefined> {
    return this.find({ next_by_subj: this.#settings.subject, seq: place + 1 })
  }

  /** The valid entry that follows the one at this place; `gone` if it may have been dropped, which takes the evidence with it. */
  async successor(place: number): Promise<Link | undefined | 'gone'> {
    let link = await this.next(place)
    if (!this.#settings.isReplicated || link === undefined || link.after === place) return link
    if (place === 0) return 'gone'
    while (link !== undefined && link.after !== place) link = await this.next(link.seq)
    // Only the oldest are dropped, so as long as this one is kept, all after it are.
    return (await this.find({ seq: place })) === undefined ? 'gone' : link
  }

  /** The last valid entry, and the place of the last one of all. */
  async last(): Promise<{ readonly link: Link; readonly end: number } | undefined> {
    for (;;) {
      const last = await this.find({ last_by_subj: this.#settings.subject })
      if (last === undefined || !this.#settings.isReplicated) return last && { link: last, end: last.seq }
      const found = await this.successor(last.after)
      // The oldest one is valid, because entries are dropped up to a valid one.
      let link = found === 'gone' ? await this.next(0) : found
      let following: Link | undefined | 'gone' = link
      while (following !== undefined && following !== 'gone') {
        link = following
        if (link.seq >= last.seq) return { link, end: link.seq }
        following = await this.successor(link.seq)
      }
      if (following === undefined && link !== undefined) return { link, end: last.seq }
      // Dropped while they were read.
    }
  }

  /**
   * Adds an entry after the valid one at `after`, and returns its place; `undefined` if another one was first. `end` is the place of the last
   * entry of all; `unknown` if it was dropped, or may have been, before that was known. While there is no leader, it tries again with the same nonce, so it knows its own entry if it was stored the first time.
   */
  async add(after: number, end: number, body: Uint8Array): Promise<number | undefined | 'unknown'> {
    const { api, subject, patience, isReplicated } = this.#settings
    const nonce = newNonce()
    const data = Buffer.concat([Buffer.from(`${after.toString(36)} ${nonce}:`, 'latin1'), body])
    const options = { expect: { lastSubjectSequence: end } }
    let isUncertain = false
    for (const until = performance.now() + patience; ;) {
      try {
        const { seq } = await api.js.publish(subject, data, options)
        if (!isReplicated && !isUncertain) return seq
        let link = await this.successor(after)
        // A new leader may not have come to it yet.
        while (link === undefined && performance.now() < until) {
          await pause(20)
          link = await this.successor(after)
        }
        // As long as this one is kept, it was not valid. Otherwise it can't be known any more.
        if (link === 'gone' && !isUncertain && (await this.find({ seq })) !== undefined) return undefined
        return this.#own(link, nonce)
      } catch (thrown) {
        const isRefused = isConflict(thrown)
        if (isRefused && !isUncertain) return undefined
        if (!isRefused && (!isTransient(thrown) || performance.now() > until)) throw thrown
        if (!isRefused) await pause(50)
        isUncertain = true
        const link = await this.successor(after)
        if (link !== undefined) return this.#own(link, nonce)
        if (isRefused) return undefined
      }
    }
  }

  #own(link: Link | undefined | 'gone', nonce: string): number | undefined | 'unknown' {
    if (link === undefined || link === 'gone') return 'unknown'
    return link.nonce === nonce ? link.seq : undefined
  }

  /** Drops the entries before this place. */
  async purge(place: number): Promise<void> {
    const { api, stream, subject, patience } = this.#settings
    await patiently(patience, () => api.jsm.streams.purge(stream, { filter: subject, seq: place }))
  }
}

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

  /** The valid entry that follows the one at this place. */
  async successor(place: number): Promise<Link | undefined> {
    let link = await this.next(place)
    while (link !== undefined && link.after !== place && this.#settings.isReplicated) link = await this.next(link.seq)
    return link
  }

  /** The last valid entry, and the place of the last one of all. */
  async last(): Promise<{ readonly link: Link; readonly end: number } | undefined> {
    const last = await this.find({ last_by_subj: this.#settings.subject })
    if (last === undefined || !this.#settings.isReplicated) return last && { link: last, end: last.seq }
    let link = (await this.successor(last.after)) ?? last
    while (link.seq < last.seq) {
      const following = await this.successor(link.seq)
      if (following === undefined) break
      link = following
    }
    return { link, end: Math.max(last.seq, link.seq) }
  }

  /**
   * Adds an entry after the valid one at `after`, and returns its place; `undefined` if another one was first. `end` is the place of the last
   * entry of all. While there is no leader, it tries again with the same nonce, so it knows its own entry if it was stored the first time.
   */
  async add(after: number, end: number, body: Uint8Array): Promise<number | undefined> {
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
        return link?.nonce === nonce ? link.seq : undefined
      } catch (thrown) {
        const isRefused = isConflict(thrown)
        if (isRefused && !isUncertain) return undefined
        if (!isRefused && (!isTransient(thrown) || performance.now() > until)) throw thrown
        if (!isRefused) await pause(50)
        isUncertain = true
        const link = await this.successor(after)
        if (link !== undefined) return link.nonce === nonce ? link.seq : undefined
        if (isRefused) return undefined
      }
    }
  }

  /** Drops the entries before this place. */
  async purge(place: number): Promise<void> {
    const { api, stream, subject, patience } = this.#settings
    await patiently(patience, () => api.jsm.streams.purge(stream, { filter: subject, seq: place }))
  }
}

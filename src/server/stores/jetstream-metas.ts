import { token } from './jetstream-api.js'
import { JetStreamChain, unknown, type ChainSettings } from './jetstream-chain.js'

/** What is known of a session, as JSON in the last message of its subject. */
export interface Meta {
  /** The principal. */
  readonly p: string
  /** The generation. */
  readonly g: number
  /** The owner. */
  readonly n: string
  /** The last message that was handled. */
  readonly r: number
  readonly e: string
  /** The deadline, on the clocks of the nodes. */
  readonly x: number
  /** The last message to the client, as of the last renewal. It counts once the stream has forgotten the messages. */
  readonly t: number
  /** Why it was ended. */
  readonly s?: 'ended' | 'overflow' | undefined
  /** The last message whose handling was begun, if it was ended. */
  readonly y?: number | undefined
  readonly topics?: readonly string[] | undefined
}

/** Returns what is stored, or `undefined` to leave it as it is, and the result. */
type Change<T> = (
  meta: Meta | undefined,
) => readonly [next: Meta | undefined, result: T] | Promise<readonly [next: Meta | undefined, result: T]>

interface Known {
  readonly meta: Meta
  /** The places of it, and of the last entry of its chain. */
  readonly seq: number
  readonly end: number
}

/** Sessions. Each change follows the one that it read, or is made again. */
export class JetStreamMetas {
  readonly #settings: Omit<ChainSettings, 'subject'>
  readonly #prefix: string
  /** Those of the sessions that this node uses. Another node may have changed them since. */
  readonly #known = new Map<string, Known>()
  readonly #queues = new Map<string, Promise<void>>()

  constructor(settings: Omit<ChainSettings, 'subject'>, prefix: string) {
    this.#settings = settings
    this.#prefix = prefix
  }

  /** As this node knows it. */
  known(id: string): Meta | undefined {
    return this.#known.get(id)?.meta
  }

  forget(id: string): void {
    this.#known.delete(id)
  }

  ids(): IterableIterator<string> {
    return this.#known.keys()
  }

  /** As the leader has it. */
  async read(id: string): Promise<Meta | undefined> {
    return (await this.#read(id))?.meta
  }

  /** Changes a session. `change` may run several times; with `cached`, first on what this node knows. */
  update<T>(id: string, change: Change<T>, { cached = false } = {}): Promise<T> {
    // One after another, because those of one node would only refuse each other.
    const done = (this.#queues.get(id) ?? Promise.resolve()).then(() => this.#update(id, change, cached))
    const settled = done.then(
      () => {},
      () => {},
    )
    this.#queues.set(id, settled)
    void settled.then(() => {
      if (this.#queues.get(id) === settled) this.#queues.delete(id)
    })
    return done
  }

  async #update<T>(id: string, change: Change<T>, cached: boolean): Promise<T> {
    for (let known = cached ? this.#known.get(id) : undefined; ; known = undefined) {
      const isFresh = known === undefined
      known ??= await this.#read(id)
      const [meta, result] = await change(known?.meta)
      if (meta === undefined) {
        // What was known may be old.
        if (isFresh) return result
        continue
      }
      this.#known.delete(id)
      const seq = await this.#chain(id).add(known?.seq ?? 0, known?.end ?? 0, Buffer.from(JSON.stringify(meta)))
      if (seq === undefined) continue
      if (seq === 'unknown') throw new Error(unknown)
      this.#known.set(id, { meta, seq, end: seq })
      return result
    }
  }

  #chain(id: string): JetStreamChain {
    return new JetStreamChain({ ...this.#settings, subject: `${this.#prefix}.m.${token(id)}` })
  }

  async #read(id: string): Promise<Known | undefined> {
    const last = await this.#chain(id).last()
    if (last === undefined) {
      this.#known.delete(id)
      return undefined
    }
    const { link, end } = last
    const known = { meta: JSON.parse(link.body.toString()) as Meta, seq: link.seq, end }
    this.#known.set(id, known)
    return known
  }
}

import { isConflict, isTransient, pause, read, token, type JetStream } from './jetstream-api.js'

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
  readonly seq: number
}

/** Sessions, changed by compare-and-set. */
export class JetStreamMetas {
  readonly #api: JetStream
  readonly #prefix: string
  readonly #patience: number
  /** Those of the sessions that this node uses. Another node may have changed them since. */
  readonly #known = new Map<string, Known>()
  readonly #queues = new Map<string, Promise<void>>()

  constructor(api: JetStream, prefix: string, patience: number) {
    this.#api = api
    this.#prefix = prefix
    this.#patience = patience
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

  /**
   * Changes a session. `change` may run several times. With `cached`, first on what this node knows; with `patient`, also again although the
   * one before may have been made. @default false and true
   */
  update<T>(
    id: string,
    change: Change<T>,
    options: { readonly cached?: boolean; readonly patient?: boolean } = {},
  ): Promise<T> {
    // One after another, because those of one node would only refuse each other.
    const done = (this.#queues.get(id) ?? Promise.resolve()).then(() => this.#update(id, change, options))
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

  async #update<T>(id: string, change: Change<T>, { cached = false, patient = true }): Promise<T> {
    let known = cached ? this.#known.get(id) : undefined
    for (const until = performance.now() + this.#patience; ; known = undefined) {
      const isFresh = known === undefined
      known ??= await this.#read(id)
      const [next, result] = await change(known?.meta)
      if (next === undefined) {
        // What was known may be old.
        if (isFresh) return result
        continue
      }
      try {
        const expect = { lastSubjectSequence: known?.seq ?? 0 }
        const { seq } = await this.#api.js.publish(this.#subject(id), JSON.stringify(next), { expect })
        this.#known.set(id, { meta: next, seq })
        return result
      } catch (thrown) {
        this.#known.delete(id)
        if (isConflict(thrown)) continue
        if (!patient || !isTransient(thrown) || performance.now() > until) throw thrown
        await pause(50)
      }
    }
  }

  #subject(id: string): string {
    return `${this.#prefix}.m.${token(id)}`
  }

  async #read(id: string): Promise<Known | undefined> {
    const query = { last_by_subj: this.#subject(id) }
    const message = await read(this.#api, `${this.#prefix}-meta`, query, this.#patience)
    if (message === null) {
      this.#known.delete(id)
      return undefined
    }
    const known = { meta: JSON.parse(Buffer.from(message.data).toString()) as Meta, seq: message.seq }
    this.#known.set(id, known)
    return known
  }
}

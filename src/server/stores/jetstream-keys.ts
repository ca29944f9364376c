import { createHash } from 'node:crypto'
import { read, token, type JetStream } from './jetstream-api.js'

/**
 * The numbers of messages by key. The stream of the messages itself refuses a key that it has had, and says where that message is; the number
 * is also kept here for messages that were dropped.
 */
export class JetStreamKeys {
  readonly #api: JetStream
  readonly #prefix: string
  readonly #patience: number

  constructor(api: JetStream, prefix: string, patience: number) {
    this.#api = api
    this.#prefix = prefix
    this.#patience = patience
  }

  /** What the append with this key needs. */
  of(id: string, key: string | undefined): { msgID: string; recall: () => Promise<number | undefined> } | undefined {
    if (key === undefined) return undefined
    return { msgID: this.#subject(id, key), recall: () => this.recall(id, key) }
  }

  async remember(id: string, key: string | undefined, number: number): Promise<void> {
    if (key !== undefined) await this.#api.js.publish(this.#subject(id, key), String(number))
  }

  async recall(id: string, key: string | undefined): Promise<number | undefined> {
    if (key === undefined) return undefined
    const query = { last_by_subj: this.#subject(id, key) }
    const message = await read(this.#api, `${this.#prefix}-keys`, query, this.#patience)
    return message === null ? undefined : Number(Buffer.from(message.data).toString())
  }

  #subject(id: string, key: string): string {
    const hash = createHash('sha256').update(key).digest('base64url')
    return `${this.#prefix}.k.${token(id)}.${hash}`
  }
}

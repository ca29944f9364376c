import { createHash } from 'node:crypto'
import { patiently, read, token, type JetStream } from './jetstream-api.js'

export const hashOf = (key: string): string => createHash('sha256').update(key).digest('base64url').slice(0, 22)

/** The numbers of messages by the hashes of their keys, for the time that a key holds. */
export class JetStreamKeys {
  readonly #api: JetStream
  readonly #prefix: string
  readonly #patience: number

  constructor(api: JetStream, prefix: string, patience: number) {
    this.#api = api
    this.#prefix = prefix
    this.#patience = patience
  }

  /** Those of one session or topic. */
  of(id: string): {
    remember(hash: string, number: number): Promise<void>
    recall(hash: string): Promise<number | undefined>
  } {
    const subject = (hash: string): string => `${this.#prefix}.k.${token(id)}.${hash}`
    return {
      remember: async (hash, number) => {
        await patiently(this.#patience, () => this.#api.js.publish(subject(hash), String(number)))
      },
      recall: async (hash) => {
        const query = { last_by_subj: subject(hash) }
        const message = await read(this.#api, `${this.#prefix}-keys`, query, this.#patience)
        return message === null ? undefined : Number(Buffer.from(message.data).toString())
      },
    }
  }
}

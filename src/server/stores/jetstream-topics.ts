import { newEpoch, token, type JetStream } from './jetstream-api.js'
import { JetStreamLog } from './jetstream-log.js'
import type { JetStreamKeys } from './jetstream-keys.js'
import type { Payload } from './store.js'

/** Topics: logs without an end, from which the stream drops the oldest messages. Each message carries the epoch. */
export class JetStreamTopics {
  readonly #api: JetStream
  readonly #prefix: string
  readonly #patience: number
  readonly #messages: number
  readonly #keys: JetStreamKeys
  readonly #logs = new Map<string, JetStreamLog>()

  constructor(api: JetStream, prefix: string, patience: number, messages: number, keys: JetStreamKeys) {
    this.#api = api
    this.#prefix = prefix
    this.#patience = patience
    this.#messages = messages
    this.#keys = keys
  }

  async publish(topic: string, data: Payload, key: string | undefined): Promise<number> {
    const id = `t ${topic}`
    const fresh = newEpoch()
    const given = { epoch: (tail: { readonly epoch: string }) => tail.epoch || fresh, ...this.#keys.of(id, key) }
    const offset = await this.#log(topic).append(data, given)
    // Without bounds and an end, it is a number.
    if (typeof offset !== 'number') throw new Error(`a topic is ${offset}`)
    await this.#keys.remember(id, key, offset)
    return offset
  }

  async state(topic: string): Promise<{ readonly epoch: string; readonly first: number; readonly tail: number }> {
    const log = this.#log(topic)
    const tail = await log.begin(newEpoch())
    // The stream has one more.
    const first = Math.max(await log.first(tail), tail.number - this.#messages + 1)
    return { epoch: tail.epoch, first, tail: tail.number }
  }

  async range(
    topic: string,
    epoch: string,
    after: number,
    limit: number,
  ): Promise<readonly (readonly [offset: number, data: Payload])[] | 'lost'> {
    const log = this.#log(topic)
    const tail = await log.tail()
    if (tail.epoch !== epoch || after > tail.number || after < tail.number - this.#messages) return 'lost'
    if (after === tail.number) return []
    const rows = await log.range(after, limit)
    log.forget(tail.number - this.#messages)
    return rows[0]?.[0] === after + 1 ? rows : 'lost'
  }

  #log(topic: string): JetStreamLog {
    let log = this.#logs.get(topic)
    if (log === undefined) {
      log = new JetStreamLog(
        this.#api,
        `${this.#prefix}-topics`,
        `${this.#prefix}.t.${token(topic)}`,
        this.#patience,
        async () => 0,
      )
      this.#logs.set(topic, log)
    }
    return log
  }
}

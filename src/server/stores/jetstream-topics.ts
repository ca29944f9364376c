import { newEpoch, token } from './jetstream-api.js'
import { hashOf, type JetStreamKeys } from './jetstream-keys.js'
import { JetStreamLog } from './jetstream-log.js'
import type { ChainSettings } from './jetstream-chain.js'
import type { Payload, StoreNode } from './store.js'

/** Topics: logs without an end, from which the stream drops the oldest messages. Each message carries the epoch. */
export class JetStreamTopics {
  readonly #chains: Pick<ChainSettings, 'api' | 'patience' | 'isReplicated'>
  readonly #prefix: string
  readonly #messages: number
  readonly #ttl: number
  readonly #keys: JetStreamKeys
  readonly #logs = new Map<string, JetStreamLog>()

  constructor(
    chains: Pick<ChainSettings, 'api' | 'patience' | 'isReplicated'>,
    prefix: string,
    { ttl, topic }: StoreNode,
    keys: JetStreamKeys,
  ) {
    this.#chains = chains
    this.#prefix = prefix
    this.#messages = topic.messages
    this.#ttl = ttl
    this.#keys = keys
  }

  async publish(topic: string, data: Payload, key: string | undefined): Promise<number> {
    const fresh = newEpoch()
    const epoch = (tail: { readonly epoch: string }): string => tail.epoch || fresh
    const hash = key === undefined ? undefined : hashOf(key)
    const offset = await this.#log(topic).append(data, { epoch, key: hash })
    // Without bounds and an end, it is a number.
    if (typeof offset !== 'number') throw new Error(`a topic is ${offset}`)
    return offset
  }

  async state(topic: string): Promise<{ readonly epoch: string; readonly first: number; readonly tail: number }> {
    const log = this.#log(topic)
    const tail = await log.begin(newEpoch())
    // The stream has a few more.
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
      log = new JetStreamLog({
        ...this.#chains,
        ...this.#keys.of(`t ${topic}`),
        stream: `${this.#prefix}-topics`,
        subject: `${this.#prefix}.t.${token(topic)}`,
        ttl: this.#ttl,
        base: async () => 0,
      })
      this.#logs.set(topic, log)
    }
    return log
  }
}

import { unref } from '../../core/time/clock.js'
import type { RedisSettings, RedisSubscriber } from './redis-client.js'

interface Hooks {
  /** Renews the lease and publishes the number of this beat on the channel of this node. */
  renew(beat: number): Promise<unknown>
  leave(): Promise<unknown>
  message(text: string): void
  published(topic: string): void
  /** Notifications may have been missed. */
  missed(): void
  tick(): void
}

/** The lease of a node, and its subscriptions. The node hears its own beats, so it notices when it hears nothing else either. */
export class RedisLease {
  readonly #settings: RedisSettings
  readonly #hooks: Hooks
  readonly #channel: string
  readonly #followed = new Set<string>()
  #subscriber: RedisSubscriber | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  /** When the request that renewed the lease was sent. Monotonic. */
  #since = -Infinity
  /** How often it was renewed when it may have ended already. */
  lapses = 0
  #isRenewing = false
  #beat = 0
  #heard = 0
  #heardAt = 0
  #hasMissed = false

  constructor(settings: RedisSettings, name: string, hooks: Hooks) {
    this.#settings = settings
    this.#hooks = hooks
    this.#channel = `${settings.prefix}:n:${name}`
  }

  /** With a margin of a tenth, for what runs when it ends. */
  holds(): boolean {
    return performance.now() - this.#since < this.#settings.lease * 0.9
  }

  async enter(): Promise<void> {
    await this.#subscribe()
    try {
      await this.#renew()
    } catch (thrown) {
      this.#subscriber?.destroy()
      throw thrown
    }
    this.#timer = setInterval(() => this.#tick(), this.#settings.lease / 3)
    unref(this.#timer)
  }

  async leave(): Promise<void> {
    clearInterval(this.#timer)
    this.#since = -Infinity
    // Without Redis it ends by itself.
    await Promise.race([
      this.#hooks.leave().catch(() => {}),
      new Promise((resolve) => unref(setTimeout(resolve, this.#settings.lease))),
    ])
    const subscriber = this.#subscriber
    this.#subscriber = undefined
    destroy(subscriber)
  }

  channelOf(topic: string): string {
    return `${this.#settings.prefix}:t:${topic}`
  }

  async follow(topic: string): Promise<void> {
    if (this.#followed.has(topic)) return
    this.#followed.add(topic)
    try {
      await this.#listen(this.#subscriber!, topic)
    } catch (thrown) {
      this.#followed.delete(topic)
      throw thrown
    }
  }

  async unfollow(topic: string): Promise<void> {
    if (this.#followed.delete(topic)) await this.#subscriber!.unsubscribe(this.channelOf(topic))
  }

  async #subscribe(): Promise<void> {
    const subscriber = this.#settings.client.duplicate()
    // Its errors are those of the connection, which the calls report.
    const isLost = (): void => {
      if (this.#subscriber === subscriber) this.#hasMissed = true
    }
    for (const event of ['error', 'reconnecting', 'disconnect', 'node-error', 'node-reconnecting'])
      subscriber.on(event, isLost)
    subscriber.on('ready', () => {
      // A beat, to learn whether the subscription is back.
      if (this.#subscriber === subscriber) void this.#renew().catch(() => {})
    })
    try {
      await subscriber.connect()
      await subscriber.subscribe(this.#channel, (text) => this.#message(text))
      await Promise.all([...this.#followed].map((topic) => this.#listen(subscriber, topic)))
    } catch (thrown) {
      destroy(subscriber)
      throw thrown
    }
    this.#subscriber = subscriber
    this.#heardAt = performance.now()
  }

  #listen(subscriber: RedisSubscriber, topic: string): Promise<unknown> {
    return subscriber.subscribe(this.channelOf(topic), () => {
      if (this.#followed.has(topic)) this.#hooks.published(topic)
    })
  }

  async #renew(): Promise<void> {
    if (this.#isRenewing) return
    this.#isRenewing = true
    const at = performance.now()
    try {
      await this.#hooks.renew(++this.#beat)
      this.#renewed(at)
    } finally {
      this.#isRenewing = false
    }
  }

  #renewed(at: number): void {
    // It was renewed between the request and the answer.
    if (this.#since !== -Infinity && !this.holds()) this.lapses++
    this.#since = at
  }

  #tick(): void {
    this.#hooks.tick()
    void this.#renew().catch(() => {})
    // A connection that broke in silence: Redis answers, but the beats don't arrive.
    const now = performance.now()
    const { lease } = this.#settings
    if (!this.holds() || now - this.#heardAt < lease * 2) return
    this.#heardAt = now
    const old = this.#subscriber
    this.#hasMissed = true
    void this.#subscribe().then(
      () => destroy(old),
      () => {},
    )
  }

  #message(text: string): void {
    if (!text.startsWith('P')) return this.#hooks.message(text)
    const beat = Number(text.slice(1))
    if (beat > this.#heard + 1) this.#hasMissed = true
    this.#heard = beat
    this.#heardAt = performance.now()
    if (!this.#hasMissed) return
    this.#hasMissed = false
    this.#hooks.missed()
  }
}

function destroy(subscriber: RedisSubscriber | undefined): void {
  try {
    subscriber?.destroy()
  } catch {
    // It is closed already.
  }
}

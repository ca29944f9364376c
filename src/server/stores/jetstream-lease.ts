import { unref } from '../../core/time/clock.js'
import { read, token, type JetStream } from './jetstream-api.js'
import type { JetStreamSettings } from './jetstream-streams.js'

interface Hooks {
  message(text: string): void
  appended(id: string): void
  published(topic: string): void
  /** Notifications may have been missed. */
  reconnected(): void
  tick(): void
}

interface Subscription {
  unsubscribe(): void
}

/** The lease of a node, and its notifications, which are plain NATS messages. */
export class JetStreamLease {
  readonly #api: JetStream
  readonly #settings: JetStreamSettings
  readonly #name: string
  readonly #hooks: Hooks
  /** By subject. */
  readonly #subscriptions = new Map<string, Subscription>()
  #timer: ReturnType<typeof setInterval> | undefined
  #status: { stop?(): void } | undefined
  /** When the request that renewed the lease was sent. Monotonic. */
  #since = -Infinity
  /** How often it was renewed when it may have ended already. */
  lapses = 0
  #isRenewing = false
  #isOpen = true

  constructor(api: JetStream, settings: JetStreamSettings, name: string, hooks: Hooks) {
    this.#api = api
    this.#settings = settings
    this.#name = name
    this.#hooks = hooks
  }

  /** With a margin of a tenth, for what runs when it ends. */
  holds(): boolean {
    return performance.now() - this.#since < this.#settings.lease * 0.9
  }

  async enter(): Promise<void> {
    this.#subscribe(this.#subject('n', this.#name), (text) => this.#hooks.message(text))
    await this.#renew()
    this.#timer = setInterval(() => {
      this.#hooks.tick()
      void this.#renew().catch(() => {})
    }, this.#settings.lease / 3)
    unref(this.#timer)
    void this.#watch()
  }

  async leave(): Promise<void> {
    this.#isOpen = false
    clearInterval(this.#timer)
    this.#since = -Infinity
    this.#status?.stop?.()
    for (const subscription of this.#subscriptions.values()) subscription.unsubscribe()
    const { prefix } = this.#settings
    // Without NATS it ends by itself.
    await this.#api.jsm.streams.purge(`${prefix}-leases`, { filter: this.#subject('l', this.#name) }).catch(() => {})
  }

  async isAlive(node: string): Promise<boolean> {
    const { prefix, lease } = this.#settings
    return (await read(this.#api, `${prefix}-leases`, { last_by_subj: this.#subject('l', node) }, lease)) !== null
  }

  tell(node: string, text: string): void {
    this.#api.nc.publish(this.#subject('n', node), text)
  }

  /** Reports appends of other nodes to this session from now on. */
  listen(id: string): void {
    this.#subscribe(this.#subject('a', id), (from) => {
      if (from !== this.#name) this.#hooks.appended(id)
    })
  }

  unlisten(id: string): void {
    this.#unsubscribe(this.#subject('a', id))
  }

  tellAppended(id: string): void {
    this.#api.nc.publish(this.#subject('a', id), this.#name)
  }

  async follow(topic: string): Promise<void> {
    this.#subscribe(this.#subject('p', topic), () => this.#hooks.published(topic))
    await this.#api.nc.flush()
  }

  unfollow(topic: string): void {
    this.#unsubscribe(this.#subject('p', topic))
  }

  tellPublished(topic: string): void {
    this.#api.nc.publish(this.#subject('p', topic))
  }

  #subject(kind: string, name: string): string {
    return `${this.#settings.prefix}.${kind}.${token(name)}`
  }

  #subscribe(subject: string, listener: (text: string) => void): void {
    if (this.#subscriptions.has(subject)) return
    const callback = (thrown: Error | null, message: { string(): string }): void => {
      if (thrown === null && this.#isOpen) listener(message.string())
    }
    this.#subscriptions.set(subject, this.#api.nc.subscribe(subject, { callback }))
  }

  #unsubscribe(subject: string): void {
    this.#subscriptions.get(subject)?.unsubscribe()
    this.#subscriptions.delete(subject)
  }

  async #renew(): Promise<void> {
    if (this.#isRenewing) return
    this.#isRenewing = true
    const at = performance.now()
    try {
      const timeout = this.#settings.lease
      await this.#api.js.publish(this.#subject('l', this.#name), '', { timeout })
      // The node may have left meanwhile.
      if (this.#isOpen) this.#renewed(at)
    } finally {
      this.#isRenewing = false
    }
  }

  #renewed(at: number): void {
    // It was renewed between the request and the answer.
    if (this.#since !== -Infinity && !this.holds()) this.lapses++
    this.#since = at
  }

  async #watch(): Promise<void> {
    const status = this.#api.nc.status()
    this.#status = status as { stop?(): void }
    for await (const { type } of status) {
      if (!this.#isOpen) return
      if (type === 'reconnect') this.#hooks.reconnected()
    }
  }
}

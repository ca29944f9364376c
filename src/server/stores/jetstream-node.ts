import { Handovers } from './handovers.js'
import { token as part, type JetStream } from './jetstream-api.js'
import { decideClaim, whyOver, type Over } from './jetstream-claim.js'
import { hashOf, JetStreamKeys } from './jetstream-keys.js'
import { JetStreamLease } from './jetstream-lease.js'
import { JetStreamLog } from './jetstream-log.js'
import { JetStreamMetas } from './jetstream-metas.js'
import { JetStreamTopics } from './jetstream-topics.js'
import type { ChainSettings } from './jetstream-chain.js'
import type { JetStreamSettings } from './jetstream-streams.js'
import type { Claim, ClaimRequest, Ending, OpenStore, Payload, StoreEvents, StoreNode } from './store.js'

const nodeOf = (token: string): string => token.slice(0, token.indexOf('/'))

/** What this node keeps of a session that it uses. */
interface Used {
  readonly log: JetStreamLog
  /** The last number that was stored in the meta, and when. */
  tail: number
  tailAt: number
}

/** JetStream as one node uses it. */
export class JetStreamNode implements OpenStore {
  readonly shared = true
  readonly #api: JetStream
  readonly #settings: JetStreamSettings
  readonly #limits: StoreNode
  readonly #events: StoreEvents
  readonly #chains: Pick<ChainSettings, 'api' | 'patience' | 'isReplicated'>
  readonly #metas: JetStreamMetas
  readonly #keys: JetStreamKeys
  readonly #lease: JetStreamLease
  readonly #handovers = new Handovers()
  readonly #used = new Map<string, Used>()
  readonly #topics: JetStreamTopics
  readonly #patience: number
  #isOpen = true

  constructor(api: JetStream, settings: JetStreamSettings, limits: StoreNode, events: StoreEvents) {
    this.#api = api
    this.#settings = settings
    this.#limits = limits
    this.#events = events
    this.#patience = settings.lease * 2
    this.#chains = { api, patience: this.#patience, isReplicated: settings.replicas > 1 }
    this.#metas = new JetStreamMetas({ ...this.#chains, stream: `${settings.prefix}-meta` }, settings.prefix)
    this.#keys = new JetStreamKeys(api, settings.prefix, this.#patience)
    this.#topics = new JetStreamTopics(this.#chains, settings.prefix, limits, this.#keys)
    this.#lease = new JetStreamLease(api, settings, limits.name, {
      ...events,
      message: (text) => this.#handovers.receive(text, events),
      tick: () => this.#sweep(),
    })
  }

  enter(): Promise<void> {
    return this.#lease.enter()
  }

  leased(): boolean {
    return this.#isOpen && this.#lease.holds()
  }

  get lapses(): number {
    return this.#lease.lapses
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#handovers.close()
    await this.#lease.leave()
  }

  async claim({ id, gen, rx, epoch, principal }: ClaimRequest): Promise<Claim> {
    this.#check()
    const { log } = this.#use(id)
    const { prefix } = this.#settings
    return this.#metas.update(id, async (meta) => {
      const decided = await decideClaim(meta, { id, gen, rx, epoch, principal }, this.#limits, log)
      if (decided[1].status === 'new' && meta !== undefined)
        await this.#api.jsm.streams.purge(`${prefix}-out`, { filter: `${prefix}.o.${part(id)}` })
      return decided
    })
  }

  async handover({ id, gen, owner, timeout }: Parameters<OpenStore['handover']>[0]): ReturnType<OpenStore['handover']> {
    this.#check()
    const node = nodeOf(owner)
    // Asked again and again, because NATS drops a message if the other node is reconnecting.
    return this.#handovers.wait({ id, owner, timeout, every: this.#settings.lease / 8 }, async () => {
      const [meta, isAlive] = await Promise.all([this.#metas.read(id), this.#lease.isAlive(node)])
      if (meta?.n !== owner) return 'released'
      if (!isAlive) return 'dead'
      this.#lease.tell(node, `M${gen} ${this.#limits.name} ${owner} ${id}`)
      return undefined
    })
  }

  async take(id: string, gen: number, token: string, tried = 0): Promise<number> {
    this.#check()
    // First, so that no append goes unnoticed.
    this.#lease.listen(id)
    const rx = await this.#metas.update(id, (meta) => {
      if (meta === undefined || meta.g !== gen || whyOver(meta, this.#limits) !== undefined) return [undefined, -1]
      const owned = { n: token, y: Math.max(meta.y ?? 0, tried), x: Date.now() + this.#limits.ttl }
      return [{ ...meta, ...owned }, meta.r]
    })
    if (rx < 0) this.#forgetUnlessOwned(id)
    return rx
  }

  async commit(id: string, token: string, rx: number): Promise<boolean> {
    this.#check()
    const used = this.#use(id)
    const now = performance.now()
    // Before the stream forgets the last message, which has the last number.
    if (now - used.tailAt > this.#limits.ttl / 4) {
      const { number } = await used.log.tail()
      if (number > used.tail && used.tailAt > 0) this.#events.appended(id)
      used.tail = number
      used.tailAt = now
    }
    const why = await this.#metas.update<'' | 'owner' | Over>(
      id,
      (meta) => {
        const over = whyOver(meta, this.#limits)
        if (meta !== undefined && over !== 'unknown' && meta.n !== token) return [undefined, 'owner']
        if (meta === undefined || over !== undefined) return [undefined, over ?? 'unknown']
        const x = Date.now() + this.#limits.ttl
        return [{ ...meta, r: Math.max(meta.r, rx), x, t: Math.max(meta.t, used.tail) }, '']
      },
      { cached: true },
    )
    if (why !== '') this.#forgetUnlessOwned(id)
    if (why !== '' && why !== 'owner' && this.#isOpen) this.#events.ended(id, why)
    return why === ''
  }

  async release(id: string, rx: number, token: string, to: string): Promise<void> {
    this.#check()
    await this.#metas.update(
      id,
      (meta) => {
        if (meta === undefined) return [undefined, undefined]
        const r = Math.max(meta.r, rx)
        if (meta.n === token) return [{ ...meta, r, n: '' }, undefined]
        return [r === meta.r ? undefined : { ...meta, r }, undefined]
      },
      { cached: true },
    )
    this.#forgetUnlessOwned(id)
    if (to !== '') this.#lease.tell(to, `R${token} ${id}`)
    this.#handovers.answered(id, token, to)
  }

  async end(id: string, { reason, rx, tried }: Ending): Promise<void> {
    this.#check()
    const owner = await this.#metas.update<string | undefined>(id, (meta) => {
      if (meta === undefined || whyOver(meta, this.#limits) !== undefined) return [undefined, undefined]
      const r = Math.max(meta.r, rx)
      const ended = { ...meta, r, s: reason, x: Date.now() }
      const isElsewhere = meta.n !== '' && nodeOf(meta.n) !== this.#limits.name
      return [isElsewhere ? ended : { ...ended, n: '', y: Math.max(r, tried, meta.y ?? 0) }, isElsewhere ? meta.n : '']
    })
    if (owner === undefined) return
    await this.#use(id).log.end()
    this.#forgetUnlessOwned(id)
    if (owner !== '') this.#lease.tell(nodeOf(owner), `E${reason} ${id}`)
  }

  async append(id: string, data: Payload, key?: string): Promise<number | 'ended' | 'full'> {
    this.#check()
    const hash = key === undefined ? undefined : hashOf(key)
    const why = await this.#isOver(id)
    if (why !== undefined) {
      const meta = this.#metas.known(id)
      if (why === 'expired' && this.#isOpen && meta !== undefined && nodeOf(meta.n) === this.#limits.name)
        this.#events.ended(id, why)
      return (hash === undefined ? undefined : await this.#keys.of(id).recall(hash)) ?? 'ended'
    }
    const result = await this.#use(id).log.append(data, { most: this.#limits.outbox, key: hash })
    if (typeof result === 'number') this.#lease.tellAppended(id)
    return result
  }

  async range(id: string, after: number, limit: number): Promise<readonly (readonly [number, Payload])[]> {
    this.#check()
    if ((await this.#isOver(id)) !== undefined) return []
    return this.#use(id).log.range(after, limit)
  }

  async trim(id: string, upTo: number): Promise<void> {
    this.#check()
    if ((await this.#isOver(id)) === undefined) await this.#use(id).log.trim(upTo)
  }

  async join(id: string, topic: string): Promise<void> {
    await this.#changeTopics(id, (topics) => (topics.includes(topic) ? topics : [...topics, topic]))
  }

  async leave(id: string, topic: string): Promise<void> {
    await this.#changeTopics(id, (topics) => topics.filter((each) => each !== topic))
  }

  async publish(topic: string, data: Payload, key?: string): Promise<number> {
    this.#check()
    const offset = await this.#topics.publish(topic, data, key)
    this.#lease.tellPublished(topic)
    return offset
  }

  async topic(topic: string): Promise<{ readonly epoch: string; readonly first: number; readonly tail: number }> {
    this.#check()
    return this.#topics.state(topic)
  }

  async topicRange(
    topic: string,
    epoch: string,
    after: number,
    limit: number,
  ): Promise<readonly (readonly [offset: number, data: Payload])[] | 'lost'> {
    this.#check()
    return this.#topics.range(topic, epoch, after, limit)
  }

  async follow(topic: string): Promise<void> {
    this.#check()
    await this.#lease.follow(topic)
  }

  async unfollow(topic: string): Promise<void> {
    this.#check()
    this.#lease.unfollow(topic)
  }

  async #changeTopics(id: string, change: (topics: readonly string[]) => readonly string[]): Promise<void> {
    this.#check()
    await this.#metas.update(id, (meta) => {
      if (meta === undefined || whyOver(meta, this.#limits) !== undefined) return [undefined, undefined]
      return [{ ...meta, topics: change(meta.topics ?? []) }, undefined]
    })
  }

  #use(id: string): Used {
    let used = this.#used.get(id)
    if (used === undefined) {
      const { prefix } = this.#settings
      const log = new JetStreamLog({
        ...this.#chains,
        ...this.#keys.of(id),
        stream: `${prefix}-out`,
        subject: `${prefix}.o.${part(id)}`,
        ttl: this.#limits.ttl,
        base: async () => (await this.#metas.read(id))?.t ?? 0,
      })
      this.#used.set(id, (used = { log, tailAt: 0, tail: 0 }))
    }
    return used
  }

  /** Whether a session is over, from what this node knows if that says no: an end is also in the log. */
  async #isOver(id: string): Promise<Over | undefined> {
    if (whyOver(this.#metas.known(id), this.#limits) === undefined) return undefined
    return whyOver(await this.#metas.read(id), this.#limits)
  }

  #forgetUnlessOwned(id: string): void {
    const meta = this.#metas.known(id)
    if (meta !== undefined && nodeOf(meta.n) === this.#limits.name && whyOver(meta, this.#limits) === undefined) return
    this.#lease.unlisten(id)
    this.#metas.forget(id)
    this.#used.delete(id)
  }

  /** Forgets sessions that are over, and drops the messages of those that expired while this node used them. */
  #sweep(): void {
    for (const id of this.#metas.ids()) {
      if (whyOver(this.#metas.known(id), this.#limits) !== undefined) void this.#bury(id).catch(() => {})
    }
  }

  async #bury(id: string): Promise<void> {
    const why = whyOver(await this.#metas.read(id), this.#limits)
    if (why === undefined) return
    const { prefix } = this.#settings
    if (why === 'expired') await this.#api.jsm.streams.purge(`${prefix}-out`, { filter: `${prefix}.o.${part(id)}` })
    this.#forgetUnlessOwned(id)
  }

  #check(): void {
    if (!this.#isOpen) throw new Error('this node has left the session store')
  }
}

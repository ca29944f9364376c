import { randomBytes } from 'node:crypto'
import { Handovers } from './handovers.js'
import { bufferOf, keyPart, kindOf, messagesOf } from './redis-format.js'
import { RedisLease } from './redis-lease.js'
import { Replication } from './redis-replication.js'
import { ScriptRunner } from './redis-runner.js'
import type { RedisScripting, RedisSettings } from './redis-client.js'
import type { ScriptName } from './redis-scripts.js'
import type { Claim, ClaimRequest, Ending, OpenStore, Payload, StoreEvents, StoreNode } from './store.js'

type Over = Parameters<StoreEvents['ended']>[1]
/** What `append` returns of a session that is over. */
type Failure = readonly [status: -1, why: Over, owner: string]

const newEpoch = (): string => randomBytes(9).toString('base64url')
const nodeOf = (token: string): string => token.slice(0, token.indexOf('/'))
/** Redis as one node uses it. */
export class RedisNode implements OpenStore {
  readonly shared = true
  readonly #settings: RedisSettings
  readonly #limits: StoreNode
  readonly #events: StoreEvents
  readonly #text: RedisScripting
  readonly #binary: RedisScripting
  readonly #runner = new ScriptRunner()
  readonly #lease: RedisLease
  readonly #handovers = new Handovers()
  readonly #replication: Replication
  #isOpen = true

  constructor(settings: RedisSettings, limits: StoreNode, events: StoreEvents) {
    this.#settings = settings
    this.#limits = limits
    this.#replication = new Replication(settings)
    this.#events = events
    // The client may map types for the app.
    this.#text = settings.client.withTypeMapping({} as { 36: BufferConstructor })
    this.#binary = settings.client.withTypeMapping({ 36: Buffer })
    const key = `${settings.prefix}:l:${limits.name}`
    this.#lease = new RedisLease(settings, limits.name, {
      renew: (beat) => this.#run('lease', [key], '', String(settings.lease), String(beat)),
      leave: () => this.#run('leave', [key], ''),
      message: (text) => this.#handovers.receive(text, events),
      published: (topic) => events.published(topic),
      missed: () => events.reconnected(),
      tick: () => this.#runner.expire(settings.lease * 2),
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
    this.#runner.rejectAll(new Error('this node has left the session store'))
  }

  async claim({ id, gen, rx, epoch, principal }: ClaimRequest): Promise<Claim> {
    this.#check()
    const given = [String(gen), String(rx), epoch, principal, newEpoch(), ...this.#times()]
    const [status, ...more] = (await this.#change('claim', this.#keys(id), id, ...given)) as [
      Claim['status'],
      ...unknown[],
    ]
    if (status === 'new' || status === 'resumed') {
      const [handled, tail, known, owner, tried, ...topics] = more as [
        number,
        number,
        string,
        string,
        number,
        ...string[],
      ]
      return { status, rx: handled, tail, epoch: known, owner, tried, topics }
    }
    const [handled, exact, tried] = more as [number, number, number]
    if (handled < 0) return { status }
    return {
      status,
      rx: handled,
      exact: exact === 1,
      tried: tried < 0 || tried >= Number.MAX_SAFE_INTEGER ? undefined : tried,
    }
  }

  async handover(request: {
    id: string
    gen: number
    owner: string
    timeout: number
  }): Promise<'released' | 'dead' | 'timeout'> {
    this.#check()
    const { id, gen, owner, timeout } = request
    const { prefix, lease } = this.#settings
    const node = nodeOf(owner)
    const [meta] = this.#keys(id)
    // Asked again and again, because Redis drops a notification if the other node is reconnecting.
    return this.#handovers.wait({ id, owner, timeout, every: lease / 8 }, async () => {
      const [isOwned, isAlive] = await Promise.all([
        this.#run('owned', [meta], id, owner),
        this.#run('ask', [`${prefix}:l:${node}`], id, node, `M${gen} ${this.#limits.name} ${owner} ${id}`),
      ])
      if (isOwned === 0) return 'released'
      return isAlive === 0 ? 'dead' : undefined
    })
  }

  async take(id: string, gen: number, token: string, tried = 0): Promise<number> {
    this.#check()
    return (await this.#change(
      'take',
      this.#keys(id),
      id,
      String(gen),
      token,
      ...this.#times(),
      String(tried),
    )) as number
  }

  async commit(id: string, token: string, rx: number): Promise<boolean> {
    this.#check()
    const given = [token, String(rx), ...this.#times()]
    const why = (await this.#change('commit', this.#keys(id), id, ...given)) as '' | 'owner' | Over
    if (why !== '' && why !== 'owner' && this.#isOpen) this.#events.ended(id, why)
    return why === ''
  }

  async release(id: string, rx: number, token: string, to: string): Promise<void> {
    this.#check()
    const [meta] = this.#keys(id)
    await this.#change('release', [meta], id, String(rx), token, to)
    this.#handovers.answered(id, token, to)
  }

  async end(id: string, { reason, rx, tried }: Ending): Promise<void> {
    this.#check()
    const given = [reason, String(rx), String(tried), String(this.#limits.tombstone)]
    await this.#change('finish', this.#keys(id), id, ...given)
  }

  async append(id: string, data: Payload, key?: string): Promise<number | 'ended' | 'full'> {
    this.#check()
    const { messages, bytes } = this.#limits.outbox
    const buffer = bufferOf(data)
    const keys: string[] = this.#keys(id)
    if (key !== undefined) keys.push(`${keys[0]}:k:${key}`)
    const given = [String(buffer.byteLength), String(messages), String(bytes), String(this.#limits.ttl)]
    const reply = (await this.#change('append', keys, id, kindOf(data), buffer, ...given)) as number | Failure
    if (typeof reply !== 'number') {
      const [, why, owner] = reply
      this.#isOver(id, why, owner)
      return 'ended'
    }
    return reply < 0 ? 'full' : reply
  }

  async range(id: string, after: number, limit: number): Promise<readonly (readonly [number, Payload])[]> {
    this.#check()
    const rows = await this.#read('range', this.#keys(id), id, String(after), String(limit))
    const [first, owner] = rows as [unknown, Buffer | undefined]
    if (!Buffer.isBuffer(first)) return messagesOf(rows)
    if (this.#settings.epoch === 'session') this.#isOver(id, 'store', String(owner))
    return []
  }

  async trim(id: string, upTo: number): Promise<void> {
    this.#check()
    await this.#run('trim', this.#keys(id), id, String(upTo))
  }

  async join(id: string, topic: string): Promise<void> {
    this.#check()
    const [meta] = this.#keys(id)
    await this.#change('member', [meta], id, topic, '1')
  }

  async leave(id: string, topic: string): Promise<void> {
    this.#check()
    const [meta] = this.#keys(id)
    await this.#change('member', [meta], id, topic, '0')
  }

  async publish(topic: string, data: Payload, key?: string): Promise<number> {
    this.#check()
    const keys: string[] = this.#topicKeys(topic)
    if (key !== undefined) keys.push(`${keys[0]}:k:${key}`)
    const given = [String(this.#limits.topic.messages), String(this.#limits.ttl), this.#lease.channelOf(topic)]
    const sent: [string, string, Buffer] = [newEpoch(), kindOf(data), bufferOf(data)]
    return (await this.#change('publish', keys, topic, ...sent, ...given)) as number
  }

  async topic(topic: string): Promise<{ readonly epoch: string; readonly first: number; readonly tail: number }> {
    this.#check()
    const [epoch, first, tail] = (await this.#run('topic', this.#topicKeys(topic), topic, newEpoch())) as [
      string,
      number,
      number,
    ]
    return { epoch, first, tail }
  }

  async topicRange(
    topic: string,
    epoch: string,
    after: number,
    limit: number,
  ): Promise<readonly (readonly [offset: number, data: Payload])[] | 'lost'> {
    this.#check()
    const rows = await this.#read('topicRange', this.#topicKeys(topic), topic, epoch, String(after), String(limit))
    return Buffer.isBuffer(rows) ? 'lost' : messagesOf(rows)
  }

  async follow(topic: string): Promise<void> {
    this.#check()
    await this.#lease.follow(topic)
  }

  async unfollow(topic: string): Promise<void> {
    this.#check()
    await this.#lease.unfollow(topic)
  }

  #keys(id: string): [meta: string, out: string] {
    const meta = `${this.#settings.prefix}:{${keyPart(id)}}`
    return [meta, `${meta}:o`]
  }

  #topicKeys(topic: string): [meta: string, out: string] {
    const meta = `${this.#settings.prefix}:t:{${keyPart(topic)}}`
    return [meta, `${meta}:o`]
  }

  #times(): [ttl: string, tombstone: string] {
    return [String(this.#limits.ttl), String(this.#limits.tombstone)]
  }

  #check(): void {
    if (!this.#isOpen) throw new Error('this node has left the session store')
  }

  /** A call of this node has met a session that is over. Its own endings are known. */
  #isOver(id: string, why: Over, owner: string): void {
    if (this.#isOpen && why !== 'ended' && why !== 'overflow' && nodeOf(owner) === this.#limits.name)
      this.#events.ended(id, why)
  }

  #run(name: ScriptName, keys: string[], subject: string, ...given: (string | Buffer)[]): Promise<unknown> {
    return this.#call(this.#text, name, keys, subject, given)
  }

  #read(name: ScriptName, keys: string[], subject: string, ...given: (string | Buffer)[]): Promise<unknown> {
    return this.#call(this.#binary, name, keys, subject, given)
  }

  #call(via: RedisScripting, name: ScriptName, keys: string[], subject: string, given: (string | Buffer)[]) {
    const { epoch, prefix, scripts } = this.#settings
    return this.#runner.run(scripts[name], via, keys, [epoch, this.#limits.name, `${prefix}:n:`, subject, ...given])
  }

  /** Runs a script whose effect must reach the replicas. */
  async #change(name: ScriptName, keys: string[], subject: string, ...given: (string | Buffer)[]): Promise<unknown> {
    const reply = await this.#run(name, keys, subject, ...given)
    if (this.#settings.wait > 0) await this.#replication.wait(keys[0]!)
    return reply
  }
}

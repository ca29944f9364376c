import { KeptKeys, sizeOf } from './kept.js'
import { nodeOf, Session, type MemoryState, type StateNode, type Waiting } from './memory-state.js'
import type { Claim, ClaimRequest, Ending, OpenStore, Payload, StoreEvents, StoreNode } from './store.js'

/** A memory store as one node uses it. */
export class MemoryNode implements OpenStore, StateNode {
  readonly shared = false
  readonly limits: StoreNode
  readonly waiting = new Set<Waiting>()
  readonly #store: MemoryState
  readonly #events: StoreEvents
  readonly #followed = new Set<string>()
  /** Sessions and topics with new messages that are not reported yet. */
  readonly #news = { appended: new Set<string>(), published: new Set<string>() }
  /** The lease lasts as long as the process. */
  readonly lapses = 0
  #isOpen = true

  constructor(store: MemoryState, limits: StoreNode, events: StoreEvents) {
    this.#store = store
    this.limits = limits
    this.#events = events
  }

  leased(): boolean {
    return this.#isOpen
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#store.left(this.limits.name)
    for (const wait of this.waiting) wait.settle('timeout')
  }

  async claim({ id, gen, rx, epoch, principal }: ClaimRequest): Promise<Claim> {
    const { now, store } = this.#begin()
    const session = store.live(id)
    const over = session === undefined ? store.tombstone(id) : undefined
    const known = session ?? over
    if (known === undefined) {
      if (epoch !== '' || rx > 0) return { status: 'unknown' }
      store.sessions.set(id, new Session(principal, gen, now + this.limits.ttl))
      return { status: 'new', rx: 0, tail: 0, epoch: store.epoch, owner: '', tried: 0, topics: [] }
    }
    if (known.principal !== principal) return { status: 'forbidden' }
    if (gen <= known.gen) return { status: 'superseded' }
    known.gen = gen
    if (over !== undefined) {
      const { reason, tried } = over
      return { status: reason, ...handledUpTo(over.rx, tried) }
    }
    const { outbox, owner, topics } = session!
    const handled = handledUpTo(session!.rx, owner === '' ? session!.tried : Infinity)
    if (epoch !== '' && epoch !== store.epoch) return { status: 'store', ...handled }
    if (rx > outbox.tail) return { status: 'rewound', ...handled }
    if (rx < outbox.first - 1) return { status: 'range', ...handled }
    session!.deadline = now + this.limits.ttl
    const { tail } = outbox
    const { rx: done, tried } = session!
    return { status: 'resumed', rx: done, tail, epoch: store.epoch, owner, tried, topics: [...(topics ?? [])] }
  }

  async handover(request: {
    id: string
    gen: number
    owner: string
    timeout: number
  }): Promise<'released' | 'dead' | 'timeout'> {
    const { store } = this.#begin()
    const { id, gen, owner, timeout } = request
    const node = store.nodes.get(nodeOf(owner))
    if (node === undefined) return 'dead'
    return new Promise((resolve) => {
      const timer = store.clock.setTimeout(() => wait.settle('timeout'), timeout)
      const wait: Waiting = {
        id,
        owner,
        settle: (result) => {
          store.clock.clearTimeout(timer)
          this.waiting.delete(wait)
          resolve(result)
        },
      }
      this.waiting.add(wait)
      node.tell((events) => events.letGo({ id, gen, owner, to: this.limits.name }))
    })
  }

  async take(id: string, gen: number, token: string, tried = 0): Promise<number> {
    const { now, store } = this.#begin()
    const session = store.live(id)
    if (session?.gen !== gen) return -1
    session.owner = token
    session.tried = Math.max(session.tried, tried)
    session.deadline = now + this.limits.ttl
    return session.rx
  }

  async commit(id: string, token: string, rx: number): Promise<boolean> {
    const { now, store } = this.#begin()
    const session = store.live(id)
    if (session === undefined) this.#isOver(id, token)
    if (session?.owner !== token) return false
    session.rx = Math.max(session.rx, rx)
    session.deadline = now + this.limits.ttl
    return true
  }

  async release(id: string, rx: number, token: string, to: string): Promise<void> {
    const { store } = this.#begin()
    const known = store.live(id) ?? store.tombstone(id)
    if (known !== undefined) {
      known.rx = Math.max(known.rx, rx)
      if (known.owner === token) {
        known.owner = ''
        if ('mark' in known) known.tried = Math.max(known.rx, known.mark)
      }
    }
    const asker = store.nodes.get(to)
    asker?.tell(() => {
      for (const wait of asker.waiting) if (wait.id === id && wait.owner === token) wait.settle('released')
    })
  }

  async end(id: string, { reason, rx, tried }: Ending): Promise<void> {
    const { store } = this.#begin()
    const session = store.live(id)
    if (session === undefined) return
    const { owner } = session
    const handled = Math.max(session.rx, rx)
    const node = owner === '' ? undefined : nodeOf(owner)
    if (node === undefined || node === this.limits.name) {
      store.bury(id, session, { reason, owner: '', rx: handled, tried: Math.max(handled, tried, session.tried) })
      return
    }
    store.bury(id, session, { reason, owner, rx: handled, tried: Infinity })
    store.nodes.get(node)?.tell((events) => events.ended(id, reason))
  }

  async append(id: string, data: Payload, key?: string): Promise<number | 'ended' | 'full'> {
    const { now, store } = this.#begin()
    const session = store.live(id)
    const known = key === undefined ? undefined : (session ?? store.tombstone(id))?.keys?.get(key, now)
    if (known !== undefined) return known
    if (session === undefined) return 'ended'
    const { outbox } = session
    const { messages, bytes } = this.limits.outbox
    if (outbox.count >= messages || outbox.bytes + sizeOf(data) > bytes) return 'full'
    const number = outbox.add(data)
    if (key !== undefined) (session.keys ??= new KeptKeys()).set(key, number, now + this.limits.ttl)
    const node = session.owner === '' ? undefined : store.nodes.get(nodeOf(session.owner))
    if (node !== this) node?.report('appended', id)
    return number
  }

  async range(id: string, after: number, limit: number): Promise<readonly (readonly [number, Payload])[]> {
    return this.#begin().store.live(id)?.outbox.after(after, limit) ?? []
  }

  async trim(id: string, upTo: number): Promise<void> {
    this.#begin().store.live(id)?.outbox.drop(upTo)
  }

  async join(id: string, topic: string): Promise<void> {
    const session = this.#begin().store.live(id)
    if (session !== undefined) (session.topics ??= new Set()).add(topic)
  }

  async leave(id: string, topic: string): Promise<void> {
    this.#begin().store.live(id)?.topics?.delete(topic)
  }

  async publish(topic: string, data: Payload, key?: string): Promise<number> {
    const { now, store } = this.#begin()
    const { messages, keys } = store.topic(topic)
    const known = key === undefined ? undefined : keys.get(key, now)
    if (known !== undefined) return known
    const offset = messages.add(data)
    if (key !== undefined) keys.set(key, offset, now + this.limits.ttl)
    messages.drop(offset - this.limits.topic.messages)
    for (const node of store.nodes.values()) if (node.follows(topic)) node.report('published', topic)
    return offset
  }

  async topic(topic: string): Promise<{ readonly epoch: string; readonly first: number; readonly tail: number }> {
    const { store } = this.#begin()
    const { first, tail } = store.topic(topic).messages
    return { epoch: store.epoch, first, tail }
  }

  async topicRange(
    topic: string,
    epoch: string,
    after: number,
    limit: number,
  ): Promise<readonly (readonly [offset: number, data: Payload])[] | 'lost'> {
    const { store } = this.#begin()
    const { messages } = store.topic(topic)
    if (epoch !== store.epoch || after > messages.tail || after < messages.first - 1) return 'lost'
    return messages.after(after, limit)
  }

  async follow(topic: string): Promise<void> {
    this.#begin()
    this.#followed.add(topic)
  }

  async unfollow(topic: string): Promise<void> {
    this.#begin()
    this.#followed.delete(topic)
  }

  #begin(): { readonly store: MemoryState; readonly now: number } {
    if (!this.#isOpen) throw new Error('this node has left the session store')
    return { store: this.#store, now: this.#store.clock.now() }
  }

  /** In a microtask, because a network would not call back within a call either. */
  tell(event: (events: StoreEvents) => void): void {
    void Promise.resolve().then(() => {
      if (this.#isOpen) event(this.#events)
    })
  }

  report(kind: 'appended' | 'published', name: string): void {
    const names = this.#news[kind]
    names.add(name)
    if (names.size > 1) return
    this.tell((events) => {
      const reported = [...names]
      names.clear()
      for (const each of reported) events[kind](each)
    })
  }

  follows(topic: string): boolean {
    return this.#followed.has(topic)
  }

  /** Tells the owner that its session is over. A session that this node has ended has no owner. */
  #isOver(id: string, token: string): void {
    const tombstone = this.#store.tombstone(id)
    if ((tombstone?.owner ?? token) === token) this.tell((events) => events.ended(id, tombstone?.reason ?? 'unknown'))
  }
}

/** How far a refusal says that a session came. `tried`: Infinity, or 2⁵³ − 1, if unknown. */
function handledUpTo(rx: number, tried: number): { rx: number; exact: boolean; tried?: number | undefined } {
  const exact = tried <= rx
  return { rx, exact, tried: exact || tried >= Number.MAX_SAFE_INTEGER ? undefined : tried }
}

import { randomBytes } from 'node:crypto'
import { unref } from '../../core/time/clock.js'
import type { Clock } from '../../core/time/timers.js'
import { KeptKeys, KeptMessages } from './kept.js'
import type { StoreEvents, StoreNode } from './store.js'

/** Sessions that are over and remembered, at most; the oldest are forgotten first. About 20 MB. */
const mostTombstones = 100_000

/** A node that has asked an owner to let go. */
export interface Waiting {
  readonly id: string
  readonly owner: string
  readonly settle: (result: 'released' | 'dead' | 'timeout') => void
}

/** What the nodes know of each other. */
export interface StateNode {
  readonly limits: StoreNode
  readonly waiting: Set<Waiting>
  /** Tells the node something, in a microtask. */
  tell(event: (events: StoreEvents) => void): void
  /** Tells it once for all that comes in the same turn. */
  report(kind: 'appended' | 'published', name: string): void
  follows(topic: string): boolean
}

/** The node of a token `node/number`. */
export const nodeOf = (token: string): string => token.slice(0, token.indexOf('/'))

export class Session {
  readonly principal: string
  gen: number
  owner = ''
  rx = 0
  /** Up to this message, an owner that died may have handled them. */
  tried = 0
  deadline: number
  readonly outbox = new KeptMessages()
  keys: KeptKeys | undefined
  topics: Set<string> | undefined

  constructor(principal: string, gen: number, deadline: number) {
    this.principal = principal
    this.gen = gen
    this.deadline = deadline
  }
}

/** What is remembered of a session that is over. */
interface Tombstone {
  readonly principal: string
  gen: number
  readonly reason: 'ended' | 'overflow' | 'expired'
  owner: string
  rx: number
  /** Infinity if unknown: the owner has not let go. */
  tried: number
  /** What `tried` is at least once the owner lets go. */
  readonly mark: number
  readonly keys: KeptKeys | undefined
  readonly until: number
}

interface Topic {
  readonly messages: KeptMessages
  readonly keys: KeptKeys
}

/** What the nodes of one memory store share. */
export class MemoryState {
  readonly clock: Clock
  readonly epoch = randomBytes(9).toString('base64url')
  readonly nodes = new Map<string, StateNode>()
  readonly sessions = new Map<string, Session>()
  /** The oldest first. */
  readonly tombstones = new Map<string, Tombstone>()
  readonly topics = new Map<string, Topic>()
  #timer: unknown

  constructor(clock: Clock) {
    this.clock = clock
  }

  entered(node: StateNode): void {
    this.nodes.set(node.limits.name, node)
    this.#arm()
  }

  left(name: string): void {
    this.nodes.delete(name)
    if (this.nodes.size === 0) this.clock.clearTimeout(this.#timer)
    for (const { waiting } of this.nodes.values())
      for (const wait of waiting) if (nodeOf(wait.owner) === name) wait.settle('dead')
  }

  /** The session, unless it is over. */
  live(id: string): Session | undefined {
    const session = this.sessions.get(id)
    if (session === undefined || session.deadline > this.clock.now()) return session
    const { owner, rx, tried } = session
    this.bury(id, session, { reason: 'expired', owner, rx, tried: owner === '' ? Math.max(rx, tried) : Infinity })
    return undefined
  }

  bury(id: string, session: Session, how: Pick<Tombstone, 'reason' | 'owner' | 'rx' | 'tried'>): Tombstone {
    const { principal, gen, keys, tried: mark } = session
    const tombstone = { principal, gen, keys, mark, until: this.clock.now() + this.#tombstone(), ...how }
    this.sessions.delete(id)
    this.tombstones.set(id, tombstone)
    if (this.tombstones.size > mostTombstones) this.tombstones.delete(this.tombstones.keys().next().value!)
    return tombstone
  }

  tombstone(id: string): Tombstone | undefined {
    const tombstone = this.tombstones.get(id)
    if (tombstone === undefined || tombstone.until > this.clock.now()) return tombstone
    this.tombstones.delete(id)
    return undefined
  }

  topic(name: string): Topic {
    let topic = this.topics.get(name)
    if (topic === undefined) this.topics.set(name, (topic = { messages: new KeptMessages(), keys: new KeptKeys() }))
    return topic
  }

  #tombstone(): number {
    let longest = 0
    for (const { limits } of this.nodes.values()) longest = Math.max(longest, limits.tombstone)
    return longest
  }

  /** One timer for all sessions: methods check the deadlines themselves, so it only frees memory. */
  #arm(): void {
    this.clock.clearTimeout(this.#timer)
    let shortest = 240_000
    for (const { limits } of this.nodes.values()) shortest = Math.min(shortest, limits.ttl)
    this.#timer = this.clock.setTimeout(() => this.#sweep(), Math.max(1_000, shortest / 4))
    unref(this.#timer)
  }

  #sweep(): void {
    const now = this.clock.now()
    for (const [id, session] of this.sessions) {
      if (session.keys?.forget(now) === false) session.keys = undefined
      this.live(id)
    }
    for (const [id, { until }] of this.tombstones) {
      if (until > now) break
      this.tombstones.delete(id)
    }
    for (const { keys } of this.topics.values()) keys.forget(now)
    this.#arm()
  }
}

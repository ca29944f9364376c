/** A message as a store keeps it. Text stays text. */
export type Payload = string | Uint8Array

/** Where sessions live. One object serves any number of nodes; each node opens it. */
export interface SessionStore {
  /** Joins a node. Rejects if the store can't be reached. */
  open(node: StoreNode, events: StoreEvents): Promise<OpenStore>
}

/** The node that opens a store, with the limits of its sessions. All nodes of one store must use the same limits. */
export interface StoreNode {
  /** Unique among all nodes that ever use the store, without a slash. */
  readonly name: string
  /** How long a session survives without a link. Milliseconds. */
  readonly ttl: number
  /** How long the store remembers how far a session came. Milliseconds. */
  readonly tombstone: number
  /** The most messages and bytes kept per session for the client. */
  readonly outbox: { readonly messages: number; readonly bytes: number }
  /** The most messages kept per topic. */
  readonly topic: { readonly messages: number }
}

/** What a store tells a node. */
export interface StoreEvents {
  /** Another node has claimed a session that `owner`, a session object of this node, still owns. Answer with `release`. */
  letGo(request: { readonly id: string; readonly gen: number; readonly owner: string; readonly to: string }): void
  /** Another node has appended messages to a session that this node owns. Several may be reported once. */
  appended(id: string): void
  /**
   * A session that this node owns is over. `ended`, `overflow`: another node has ended it. `expired`, `unknown`, `store`: a call of this node
   * has met a store that no longer has the session, or a store that was replaced or failed over. That call returns what it returns for a
   * session that is over.
   */
  ended(id: string, reason: 'ended' | 'overflow' | 'expired' | 'unknown' | 'store'): void
  /**
   * Notifications may have been missed. For each session that this node owns, read `range`, and `commit` to learn whether it is over; for
   * each topic that it follows, read `topicRange`.
   */
  reconnected(): void
  /** There are new messages in a topic that this node follows, from any node, this one included. Several may be reported once. */
  published(topic: string): void
}

/** What `claim` needs of a hello. */
export interface ClaimRequest {
  readonly id: string
  readonly gen: number
  /** The last message that the client has received. */
  readonly rx: number
  /** The epoch that the client knows; '' before its first welcome. */
  readonly epoch: string
  readonly principal: string
}

/** The result of `claim`. */
export type Claim =
  | {
      readonly status: 'new' | 'resumed'
      /** The last message from the client that was handled. */
      readonly rx: number
      /** The last message to the client. */
      readonly tail: number
      readonly epoch: string
      /** The session object that owns the session, as `node/number`; '' for none. */
      readonly owner: string
      /** Messages after `rx` up to this one may have been handled by an owner that died. At most 2⁵³ − 1, if that is unknown. */
      readonly tried: number
      /** The topics that the session has joined. */
      readonly topics: readonly string[]
    }
  | {
      /**
       * `superseded`: the generation was used. `forbidden`: another principal's. `expired`, `ended`, `overflow`: over, and remembered. `unknown`:
       * forgotten, or of another store. `range`: messages that the client lacks are gone. `rewound`: the client has more than the store.
       * `store`: the store was replaced or failed over since.
       */
      readonly status:
        'superseded' | 'forbidden' | 'expired' | 'ended' | 'overflow' | 'unknown' | 'range' | 'rewound' | 'store'
      /** The last message that was handled, if known. */
      readonly rx?: number | undefined
      /** Nothing after `rx` was handled: the last owner let go in order. */
      readonly exact?: boolean | undefined
      /** With `exact` false, nothing after this one was handled. */
      readonly tried?: number | undefined
    }

/** How a session ended, remembered for `tombstone` milliseconds. */
export interface Ending {
  readonly reason: 'ended' | 'overflow'
  /** The last message that was handled. */
  readonly rx: number
  /** The last message whose handling was begun. Equal to `rx` if nothing was cut off. */
  readonly tried: number
}

/**
 * A store as one node uses it. Each method is atomic. A rejection means that the store could not be reached or failed: the effect may or
 * may not have happened.
 */
export interface OpenStore {
  /** Whether sessions can move between processes, so that a draining node loses nothing. */
  readonly shared: boolean
  /**
   * Whether this node may still handle messages. A node that can't renew its lease must stop before the lease ends on the store's clock,
   * because another node may then take its sessions.
   */
  leased(): boolean
  /**
   * How often the lease may have ended and was renewed later. Another node may have taken a session meanwhile, so after each time, a session
   * handles nothing before `take` has confirmed that no later generation has claimed it.
   */
  readonly lapses: number
  /** Leaves. The sessions of this node stay in the store. */
  close(): Promise<void>

  /**
   * Fences all earlier generations of a session, or creates it. Doesn't change the owner. A refusal fences them too, except `superseded` and
   * `forbidden`, so that an earlier hello that arrives later can't revive what the client has given up.
   */
  claim(request: ClaimRequest): Promise<Claim>
  /**
   * Asks `owner` to let go, and waits. `released`: it has stored how far it came. `dead`: its node's lease has ended. `timeout`: neither
   * happened in `timeout` milliseconds.
   */
  handover(request: {
    id: string
    gen: number
    owner: string
    timeout: number
  }): Promise<'released' | 'dead' | 'timeout'>
  /**
   * Makes `token` the owner if `gen` is still the latest and the session isn't over, and returns the last handled message; -1 otherwise.
   * Messages appended between `claim` and `take` are not reported: read `range` to its end afterwards.
   *
   * `tried`: the last owner is dead, and may have handled messages up to this one. Remembered with the session: until that many are handled,
   * no refusal is exact.
   */
  take(id: string, gen: number, token: string, tried?: number): Promise<number>
  /**
   * Stores that messages up to `rx` were handled, and renews the deadline. Returns false if `token` is not the owner, or if the session is
   * over, which `ended` also reports.
   */
  commit(id: string, token: string, rx: number): Promise<boolean>
  /**
   * Stores that messages up to `rx` were handled, clears the owner if it is `token`, and tells the node `to`, unless it is ''. The larger
   * number counts, because an earlier owner may report after a later one. `rx` is -1 if this node knows nothing of the session.
   */
  release(id: string, rx: number, token: string, to: string): Promise<void>
  /** Ends a session: drops its outbox, and remembers how. If another node owns it, `ending.tried` is unknown until that one releases it. */
  end(id: string, ending: Ending): Promise<void>

  /**
   * Adds a message for the client and returns its number. The same `key` within `ttl` returns the same number and adds nothing. `ended`:
   * there is no such session. `full`: the outbox has no room.
   */
  append(id: string, data: Payload, key?: string): Promise<number | 'ended' | 'full'>
  /** At most `limit` messages after number `after`, in order; none if the session is over. */
  range(id: string, after: number, limit: number): Promise<readonly (readonly [number: number, data: Payload])[]>
  /** Drops messages up to `upTo`, which the client has received. */
  trim(id: string, upTo: number): Promise<void>

  /** Adds the session to a topic, or removes it. */
  join(id: string, topic: string): Promise<void>
  leave(id: string, topic: string): Promise<void>
  /** Adds a message to a topic and returns its offset, from 1. The same `key` returns the same offset. */
  publish(topic: string, data: Payload, key?: string): Promise<number>
  /** The epoch of a topic, the offset of its oldest kept message (`tail + 1` if there is none) and of its last. Creates the topic. */
  topic(topic: string): Promise<{ readonly epoch: string; readonly first: number; readonly tail: number }>
  /**
   * At most `limit` messages after offset `after`, in order, without a gap. `lost`: the topic's epoch isn't `epoch`, or messages after
   * `after` are gone; ask `topic` where it stands.
   */
  topicRange(
    topic: string,
    epoch: string,
    after: number,
    limit: number,
  ): Promise<readonly (readonly [offset: number, data: Payload])[] | 'lost'>
  /** Reports `published` for this topic from now on, or no longer. */
  follow(topic: string): Promise<void>
  unfollow(topic: string): Promise<void>
}

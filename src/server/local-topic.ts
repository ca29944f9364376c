import { encodeJson, encodeTopic } from '../resume/protocol.js'
import type { SocketLink } from './link.js'
import type { ServerNode } from './node.js'
import { mayReplay } from './replaying.js'
import type { Payload } from './stores/store.js'

/** Messages that are read from the store at once. */
const portion = 256

/** A session that joins topics. */
export interface Subscriber {
  readonly id: string
  readonly principal: string
  readonly link: SocketLink | undefined
  /** The topics that it has joined on this node; the store has those of earlier nodes, too. */
  topics: readonly string[]
}

/** One session's position in a topic, on its current link. */
interface Member {
  readonly link: SocketLink
  /** The offset of the last message that was handed to the socket. */
  offset: number
  /** Up to this one, its hello has asked for them. */
  readonly replayUntil: number
  /** Reading what it has missed. */
  behind: boolean
}

/** A topic on this node: each message is read and framed once, for all members that are up to date. */
export class LocalTopic {
  readonly name: string
  readonly id: number
  readonly members = new Map<Subscriber, Member>()
  /** Members that wait for the topic to open. */
  joining = 0
  epoch = ''
  /** The last message that this node has read. */
  position = 0
  readonly opened: Promise<void>
  readonly #node: ServerNode
  #reading = false
  #again = false

  constructor(node: ServerNode, name: string, id: number) {
    this.#node = node
    this.name = name
    this.id = id
    this.opened = this.#open()
  }

  async #open(): Promise<void> {
    // Followed first, so that no message falls in between.
    await this.#node.store.follow(this.name)
    const { epoch, tail } = await this.#node.store.topic(this.name)
    this.epoch = epoch
    this.position = tail
  }

  /** Reads what is new and sends it to the members. */
  read(): void {
    if (this.#reading) this.#again = true
    else void this.#read()
  }

  async #read(): Promise<void> {
    this.#reading = true
    try {
      await this.opened
      do {
        this.#again = false
        const rows = await this.#node.store.topicRange(this.name, this.epoch, this.position, portion)
        if (rows === 'lost') {
          await this.#skip()
          this.#again = true
        } else {
          for (const [offset, data] of rows) this.#send(offset, data)
          this.#again ||= rows.length === portion
        }
      } while (this.#again)
    } catch (thrown) {
      this.#node.storeFailed('topicRange', thrown)
    } finally {
      this.#reading = false
    }
  }

  /** Messages were dropped by the topic's bounds before this node read them, or the store was replaced. */
  async #skip(): Promise<void> {
    const { epoch, first } = await this.#node.store.topic(this.name)
    this.epoch = epoch
    this.position = first - 1
    for (const member of this.members.values()) this.#lost(member)
  }

  #send(offset: number, data: Payload): void {
    this.position = offset
    const frame = encodeTopic(this.id, offset, data)
    for (const [session, member] of this.members) {
      if (member.behind || offset <= member.offset) continue
      this.#forward(session, member, offset, frame)
    }
  }

  /** Returns false if the socket is full: the member catches up once this message is written. */
  #forward(session: Subscriber, member: Member, offset: number, frame: string | Uint8Array): boolean {
    const { link } = member
    member.offset = offset
    if (link.buffered + frame.length < this.#node.settings.highWaterMark) {
      link.send(frame)
      return true
    }
    // Some messages may be gone by then.
    member.behind = true
    link.send(frame, () => void this.catchUp(session, member))
    return false
  }

  /** The member goes on where the node is. */
  #lost(member: Member): void {
    member.offset = this.position
    this.#announce(member, true)
    this.#node.metric({ type: 'lost', reason: 'topic' })
  }

  #announce({ link, offset }: Member, lost = false): void {
    const { id, name: topic, epoch: ep } = this
    link.send(encodeJson('j', { id, topic, ep, off: offset, ...(lost && { lost }) }))
  }

  /** Adds a session at its position, or at the end of the topic. */
  async add(
    session: Subscriber,
    link: SocketLink,
    known: readonly [epoch: string, offset: number] | undefined,
  ): Promise<void> {
    this.joining++
    try {
      await this.opened
    } finally {
      this.joining--
    }
    if (session.link !== link) return
    const member: Member = { link, offset: this.position, replayUntil: this.position, behind: false }
    this.members.set(session, member)
    if (known === undefined) return this.#announce(member)
    const [epoch, offset] = known
    if (epoch !== this.epoch || offset > this.position) return this.#lost(member)
    member.offset = offset
    member.behind = true
    this.#announce(member)
    await this.catchUp(session, member)
  }

  /** Sends a member what it has missed. */
  async catchUp(session: Subscriber, member: Member): Promise<void> {
    const isCurrent = (): boolean => this.members.get(session) === member && !member.link.over
    member.behind = true
    try {
      while (isCurrent()) {
        if (member.offset >= this.position) {
          member.behind = false
          return
        }
        const rows = await this.#node.store.topicRange(this.name, this.epoch, member.offset, portion)
        if (!isCurrent()) return
        if (rows === 'lost') {
          this.#lost(member)
          continue
        }
        for (const [offset, data] of rows) {
          if (offset <= member.replayUntil && !mayReplay(this.#node, session.principal, member.link, data)) return
          if (!this.#forward(session, member, offset, encodeTopic(this.id, offset, data))) return
        }
      }
    } catch (thrown) {
      this.#node.storeFailed('topicRange', thrown)
      member.link.close(1013, 'the store failed')
    }
  }
}

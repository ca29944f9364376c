import { refuse } from '../core/checks.js'
import { makeError } from '../core/errors.js'
import { encodeNumber, type Hello } from '../resume/protocol.js'
import type { SocketLink } from './link.js'
import { LocalTopic, type Subscriber } from './local-topic.js'
import type { ServerNode } from './node.js'
import type { Payload } from './stores/store.js'

/** Throws `ERR_OPTION`. Braces would break the key of a cluster. */
export function checkTopic(name: unknown): void {
  if (typeof name === 'string' && /^[^\s{}]{1,200}$/.test(name)) return
  refuse('topic', name, 'be 1 to 200 characters without spaces or braces')
}

/** The topics of one node. */
export class TopicHub {
  readonly #node: ServerNode
  readonly #topics = new Map<string, LocalTopic>()
  /** The topics of each session with a link. */
  readonly #joined = new Map<Subscriber, Set<string>>()
  #ids = 0

  constructor(node: ServerNode) {
    this.#node = node
  }

  async join(session: Subscriber, name: string): Promise<void> {
    checkTopic(name)
    // At once, because a link may come meanwhile.
    if (!session.topics.includes(name)) session.topics = [...session.topics, name]
    try {
      await this.#node.store.join(session.id, name)
      const { link } = session
      if (link?.topics === true && this.#joined.get(session)?.has(name) !== true) {
        await this.#add(session, link, name, undefined)
      }
    } catch (thrown) {
      throw this.#node.storeFailed('join()', thrown)
    }
  }

  async leave(session: Subscriber, name: string): Promise<void> {
    checkTopic(name)
    const topic = this.#topics.get(name)
    if (topic?.members.delete(session) === true) session.link?.send(encodeNumber('l', topic.id))
    this.#joined.get(session)?.delete(name)
    session.topics = session.topics.filter((each) => each !== name)
    this.#prune(name)
    try {
      await this.#node.store.leave(session.id, name)
    } catch (thrown) {
      throw this.#node.storeFailed('leave()', thrown)
    }
  }

  /** A session has a new link. `stored`: its topics in the store. */
  attach(session: Subscriber, link: SocketLink, stored: readonly string[], positions: Hello['topics']): void {
    for (const name of new Set([...stored, ...session.topics])) {
      // The client wrote the object: only its own members count.
      const known = positions !== undefined && Object.hasOwn(positions, name) ? positions[name] : undefined
      this.#add(session, link, name, known).catch((thrown: unknown) => {
        this.#node.storeFailed('topic', thrown)
        link.close(1013, 'the store failed')
      })
    }
  }

  /** A session has no link any more. */
  detach(session: Subscriber): void {
    const names = this.#joined.get(session)
    this.#joined.delete(session)
    for (const name of names ?? []) {
      this.#topics.get(name)?.members.delete(session)
      this.#prune(name)
    }
  }

  published(name: string): void {
    this.#topics.get(name)?.read()
  }

  /** Notifications may have been missed. */
  readAll(): void {
    for (const topic of this.#topics.values()) topic.read()
  }

  async publish(name: string, data: Payload, key: string | undefined): Promise<number> {
    try {
      const offset = await this.#node.store.publish(name, data, key)
      this.published(name)
      return offset
    } catch (cause) {
      throw makeError('ERR_STORE', 'store-failed', ['publish()'], { cause })
    }
  }

  async #add(
    session: Subscriber,
    link: SocketLink,
    name: string,
    known: readonly [epoch: string, offset: number] | undefined,
  ): Promise<void> {
    const names = this.#joined.get(session) ?? new Set()
    this.#joined.set(session, names)
    names.add(name)
    try {
      await this.#of(name).add(session, link, known)
    } finally {
      this.#prune(name)
    }
  }

  #of(name: string): LocalTopic {
    let topic = this.#topics.get(name)
    if (topic === undefined) {
      topic = new LocalTopic(this.#node, name, ++this.#ids)
      this.#topics.set(name, topic)
      // Its members learn of a failure; the next one opens it again.
      topic.opened.catch(() => this.#topics.delete(name))
    }
    return topic
  }

  /** Unfollows a topic without members. */
  #prune(name: string): void {
    const topic = this.#topics.get(name)
    if (topic === undefined || topic.members.size > 0 || topic.joining > 0) return
    this.#topics.delete(name)
    this.#node.store.unfollow(name).catch((thrown: unknown) => this.#node.storeFailed('unfollow', thrown))
  }
}

import { createHash } from 'node:crypto'
import { count } from '../core/checks.js'
import { makeError } from '../core/errors.js'
import { ignore } from '../core/guards.js'
import { signalOf } from '../core/signal-options.js'
import { closeCodes, encodeJson, encodeNumber, type Refusal } from '../resume/protocol.js'
import { Acknowledger } from './acknowledger.js'
import { SessionCallbacks } from './callbacks.js'
import { Inbox } from './inbox.js'
import type { LinkSession, SocketLink } from './link.js'
import type { Subscriber } from './local-topic.js'
import type { ServerNode } from './node.js'
import { Outbox } from './outbox.js'
import { appendMessage, type LocalSession } from './sending.js'
import type { NumberedMessage, Session, SessionSendOptions, SessionState } from './server.types.js'
import type { Payload } from './stores/store.js'
import { checkClose } from './close-arguments.js'
import type { TopicHub } from './topics.js'

const none: readonly never[] = []

/** One session on this node: its links, its messages in both directions, and how it ends. */
export class LiveSession implements Session<unknown, unknown>, LinkSession, LocalSession, Subscriber {
  readonly id: string
  /** The name of this object in the store. */
  readonly token: string
  readonly principal: string
  data: unknown
  protocol = ''
  /** The generation of its latest link. */
  gen = 0
  state: SessionState = 'away'
  /** When its last link ended. */
  awaySince: number
  link: SocketLink | undefined
  topics: readonly string[] = none
  readonly inbox: Inbox
  readonly outbox: Outbox
  readonly #acknowledger: Acknowledger
  readonly #node: ServerNode
  readonly #topics: TopicHub
  readonly #gone: (session: LiveSession) => void
  readonly #callbacks: SessionCallbacks
  #renewed: number

  /** `handled`: how far it came, on any node. `stored`: how far the store knows. `gone`: it is not on this node any more. */
  constructor(
    node: ServerNode,
    topics: TopicHub,
    given: {
      id: string
      token: string
      principal: string
      data: unknown
      handled: number
      stored: number
      tried: number
    },
    gone: (session: LiveSession) => void,
  ) {
    this.#node = node
    this.#topics = topics
    this.#gone = gone
    this.id = given.id
    this.token = given.token
    this.principal = given.principal
    this.data = given.data
    this.inbox = new Inbox(node, given.handled, given.tried, this)
    this.#callbacks = new SessionCallbacks(node, this.inbox)
    this.outbox = new Outbox(node, this)
    this.#acknowledger = new Acknowledger(node, this, given.stored)
    this.awaySince = this.#renewed = node.clock.now()
    if (given.handled > given.stored) this.#acknowledger.soon()
  }

  get label(): string {
    return createHash('sha256').update(this.id).digest('hex').slice(0, 8)
  }

  get done(): number {
    return this.inbox.done
  }

  get stored(): number {
    return this.#acknowledger.stored
  }

  /** Another object, here or elsewhere, has it or may have it. */
  get fenced(): boolean {
    return this.state === 'moved' || this.state === 'ended'
  }

  // The app's calls.

  send(message: unknown, options?: SessionSendOptions): Promise<number> {
    if (this.state === 'ended') return Promise.reject(makeError('ERR_SESSION_ENDED', 'session-ended', ['send()']))
    return appendMessage(this.#node, this.id, message, options, this)
  }

  async delivered(number = this.outbox.tail, options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    const signal = signalOf('delivered', options)
    count('delivered.number', number)
    if (this.fenced) throw makeError('ERR_SESSION_ENDED', 'session-ended', ['delivered()'])
    await this.outbox.delivered(number, signal)
  }

  on(type: string, listener: (...given: never[]) => unknown, options?: object): () => void {
    return this.#callbacks.on(type, listener, options)
  }

  join(topic: string): Promise<void> {
    return this.#topics.join(this, topic)
  }

  leave(topic: string): Promise<void> {
    return this.#topics.leave(this, topic)
  }

  async close(code = 1000, reason = ''): Promise<void> {
    checkClose(code, reason)
    await this.#end('closed', 'ended', code, reason)
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<NumberedMessage<unknown>> {
    const reader = this.#callbacks.read()
    if (this.fenced) reader.end()
    return reader
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  // The link.

  /** A link of generation `gen` has this session now. */
  attach(link: SocketLink, gen: number, received: number, tail: number, welcome: string): void {
    this.gen = gen
    this.link = link
    this.protocol = link.protocol
    link.bind(this)
    link.send(welcome)
    this.#become('attached')
    this.inbox.attached()
    this.outbox.attach(link, received, tail)
  }

  /** Its link ended, or another one takes its place. */
  detach(code?: number, reason = ''): void {
    const { link } = this
    if (link === undefined) return
    this.link = undefined
    this.outbox.detach()
    if (code !== undefined) link.close(code, reason)
    this.#topics.detach(this)
    if (this.fenced) return
    this.awaySince = this.#node.clock.now()
    // Its time without a link begins now.
    this.#acknowledger.renew()
    this.#node.metric({ type: 'away' })
    this.#become('away')
  }

  unlinked(link: SocketLink): void {
    if (this.link === link) this.detach()
  }

  receive(number: number, data: Payload): 'taken' | 'duplicate' | 'gap' {
    // It is leaving: the client keeps the message.
    if (this.fenced) return 'taken'
    const result = this.inbox.take(number, data)
    if (result === 'duplicate') {
      this.#node.metric({ type: 'duplicate' })
      // The client has missed its acknowledgment.
      this.#acknowledger.soon()
    }
    return result
  }

  received(number: number): boolean {
    return this.outbox.receive(number)
  }

  goodbye(): void {
    void this.#end('goodbye', 'ended', 1000, '').catch(ignore)
  }

  // What its parts report.

  handled(): void {
    this.#acknowledger.soon()
  }

  failed(first: number, thrown: unknown): boolean {
    this.#node.report(makeError('ERR_HANDLER', 'handler-threw', [first], { cause: thrown }))
    if (this.#node.settings.onError === 'skip') return true
    this.inbox.stop()
    void this.#end('handler', 'ended', 1011, 'a handler failed').catch(ignore)
    return false
  }

  ownerChanged(): void {
    if (this.fenced) return
    this.#node.metric({ type: 'fenced' })
    void this.letGo().then(() => this.#gone(this))
  }

  broken(): void {
    void this.#end('range', 'range', closeCodes.protocolError, 'range').catch(ignore)
  }

  overflow(): Promise<void> {
    return this.#end('overflow', 'overflow', 1008, 'overflow')
  }

  // How it leaves this node.

  /** Handles nothing more here. Resolves once the running handler has finished. */
  async letGo(): Promise<void> {
    if (!this.fenced) {
      this.#stop('moved', '')
      this.#node.metric({ type: 'moved' })
      this.detach(closeCodes.superseded, 'superseded')
    }
    await this.inbox.whenIdle()
  }

  /** Gives the session back to the store, so that the next node need not ask this one. */
  async release(state: 'moved' | 'ended', reason: string, close?: { code: number; reason: string }): Promise<void> {
    if (this.fenced) return
    this.#stop(state, reason)
    await this.inbox.whenIdle()
    try {
      await this.#node.store.release(this.id, this.done, this.token, '')
    } catch (thrown) {
      // The lease of this node ends, or the deadline of the session.
      this.#node.storeFailed('release', thrown)
    }
    this.detach(close?.code, close?.reason)
    // Last: until the release is stored, a hello here must find this object.
    this.#gone(this)
  }

  /** Ends it with the node, because its store is not shared. */
  async drain(close: { code: number; reason: string }): Promise<void> {
    if (this.fenced) return
    this.#stop('ended', 'drained')
    await this.inbox.whenIdle()
    await this.#finish('drained', 'drained', close.code, close.reason).catch(ignore)
  }

  /** Notifications of the store may have been missed. */
  catchUp(): void {
    this.outbox.catchUp()
    this.#acknowledger.renew()
  }

  /** Another node has ended it, or the store has lost it. */
  endedElsewhere(reason: Refusal['reason']): void {
    if (this.fenced) return
    this.#stop('ended', reason)
    this.#tell(reason)
    this.detach(1000, '')
    this.#gone(this)
  }

  /** Checks its deadlines. */
  check(now: number): void {
    const { ttl } = this.#node.settings
    if (this.fenced) return
    if (this.link === undefined) {
      if (now - this.awaySince > ttl) void this.release('ended', 'expired')
      return
    }
    this.link.check(now)
    // The deadline in the store is for sessions that are away; one that only receives has no commit that would renew it.
    if (now - this.#renewed > ttl / 4) {
      this.#renewed = now
      this.#acknowledger.renew()
    }
  }

  async #end(reason: string, refusal: Refusal['reason'], code: number, text: string): Promise<void> {
    if (this.fenced) return
    // An owner that was replaced without being asked must not end the session of its successor.
    const isOwner = await this.#node.store.commit(this.id, this.token, this.done).catch(() => true)
    if (!isOwner) {
      this.ownerChanged()
      throw makeError('ERR_SESSION_ENDED', 'session-over', [])
    }
    if (this.fenced) return
    this.#stop('ended', reason)
    await this.#finish(reason, refusal, code, text)
  }

  /** Ends it in the store, then tells the client. A message whose handler still runs is uncertain. */
  async #finish(reason: string, refusal: Refusal['reason'], code: number, text: string): Promise<void> {
    const { done: rx, tried } = this.inbox
    try {
      await this.#node.store.end(this.id, { reason: refusal === 'overflow' ? 'overflow' : 'ended', rx, tried })
    } catch (thrown) {
      // It lives on in the store, so the client may resume it elsewhere.
      this.detach(1013, 'the store failed')
      this.#gone(this)
      throw this.#node.storeFailed('end', thrown)
    }
    if (reason === 'goodbye') this.link?.send(encodeNumber('b', this.stored))
    else this.#tell(refusal, { rx, tried })
    this.detach(code, text)
    this.#gone(this)
  }

  #tell(reason: Refusal['reason'], { rx, tried } = { rx: this.inbox.done, tried: this.inbox.tried }): void {
    const exact = rx >= tried
    const isUnknown = exact || tried >= Number.MAX_SAFE_INTEGER
    this.link?.send(encodeJson('r', { reason, rx, exact, tried: isUnknown ? undefined : tried }))
    this.#node.metric({ type: 'ended', reason })
  }

  #stop(state: 'moved' | 'ended', reason: string): void {
    this.inbox.stop()
    this.#callbacks.end()
    this.outbox.end()
    this.#acknowledger.stop()
    this.#become(state, reason)
  }

  #become(state: SessionState, reason = ''): void {
    this.state = state
    this.#callbacks.emit(state, reason)
  }
}

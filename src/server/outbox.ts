import { makeError } from '../core/errors.js'
import { Waiters } from '../core/waiters.js'
import { encodeData } from '../resume/protocol.js'
import type { SocketLink } from './link.js'
import type { ServerNode } from './node.js'
import { mayReplay } from './replaying.js'
import type { Payload } from './stores/store.js'

/** Messages that are read from the store at once. */
const portion = 256

/** What an outbox needs of its session. */
export interface OutboxOwner {
  readonly id: string
  readonly principal: string
  /** Messages that the client lacks are gone from the store. */
  broken(): void
}

/**
 * Forwards a session's messages from the store to its socket, in order. The store is the queue: an outbox keeps no messages, and a node
 * need not know what was sent before.
 */
export class Outbox {
  /** The last message that the client has received. */
  acknowledged = 0
  /** The last message that was appended here, or read from the store. */
  tail = 0
  readonly #node: ServerNode
  readonly #owner: OutboxOwner
  #link: SocketLink | undefined
  /** The last message that was handed to this socket. */
  #forwarded = 0
  /** Up to this message, they may have been sent before, on another link. */
  #replayUntil = 0
  #reading = false
  #again = false
  #full = false
  /** Made when needed: most sessions are idle. */
  #waiters: Waiters<{ acknowledged: undefined }> | undefined

  constructor(node: ServerNode, owner: OutboxOwner) {
    this.#node = node
    this.#owner = owner
  }

  /** A new link of a client that has received messages up to `received`, of `tail`. */
  attach(link: SocketLink, received: number, tail: number): void {
    this.#link = link
    this.#forwarded = received
    this.tail = Math.max(this.tail, tail)
    this.#replayUntil = this.tail
    this.#full = false
    this.#receive(received)
    this.catchUp()
  }

  detach(): void {
    this.#link = undefined
  }

  /** A message was appended here. Appends may be answered in another order than they were numbered. */
  appended(number: number, data: Payload): void {
    this.tail = Math.max(this.tail, number)
    if (this.#link === undefined || number <= this.#forwarded) return
    if (number === this.#forwarded + 1 && !this.#reading && !this.#full) this.#forward(this.#link, number, data)
    else this.catchUp()
  }

  /** Reads what the store has and this socket lacks. */
  catchUp(): void {
    if (this.#reading) this.#again = true
    else if (this.#link !== undefined && !this.#full) void this.#read()
  }

  /** The client has received messages up to `number`. Returns false if they were never sent to it. */
  receive(number: number): boolean {
    // An earlier link may have sent it: a client acknowledges when its app has taken a message, which may be on the next link.
    if (number > Math.max(this.#forwarded, this.#replayUntil)) return false
    this.#forwarded = Math.max(this.#forwarded, number)
    this.#receive(number)
    return true
  }

  /** Resolves once the client has received messages up to `number`. */
  async delivered(number: number, signal: AbortSignal | undefined): Promise<void> {
    while (this.acknowledged < number) await this.moreAcknowledged(signal)
  }

  /** Resolves once the client has acknowledged more. */
  moreAcknowledged(signal: AbortSignal | undefined): Promise<void> {
    this.#waiters ??= new Waiters()
    return this.#waiters.wait('acknowledged', signal)
  }

  /** The session is over here. */
  end(): void {
    this.#link = undefined
    this.#waiters?.reject('acknowledged', makeError('ERR_SESSION_ENDED', 'session-over', []))
  }

  #receive(number: number): void {
    if (number <= this.acknowledged) return
    this.acknowledged = number
    this.#node.store.trim(this.#owner.id, number).then(
      () => this.#waiters?.resolve('acknowledged', undefined),
      (thrown: unknown) => {
        this.#node.storeFailed('trim', thrown)
        // The client has it all the same; the next acknowledgment trims again.
        this.#waiters?.resolve('acknowledged', undefined)
      },
    )
  }

  #forward(link: SocketLink, number: number, data: Payload): void {
    this.#forwarded = number
    const frame = encodeData(number, data)
    if (link.buffered + frame.length < this.#node.settings.highWaterMark) return link.send(frame)
    // The next ones wait in the store until this one is out.
    this.#full = true
    link.send(frame, () => {
      if (this.#link !== link) return
      this.#full = false
      this.catchUp()
    })
  }

  async #read(): Promise<void> {
    this.#reading = true
    try {
      do {
        this.#again = false
        const link = this.#link
        if (link === undefined || this.#full) break
        const rows = await this.#node.store.range(this.#owner.id, this.#forwarded, portion)
        // Another link came meanwhile: what was read may not follow what that one has.
        if (link !== this.#link) this.#again = true
        else if (this.#forwardAll(link, rows)) this.#again ||= rows.length === portion
        else break
      } while (this.#again)
    } catch (thrown) {
      this.#node.storeFailed('range', thrown)
      // The client comes back, perhaps to a node that reaches the store.
      this.#link?.close(1013, 'the store failed')
    } finally {
      this.#reading = false
      // Asked for while the loop was ending.
      if (this.#again) this.catchUp()
    }
  }

  /** Returns false to stop reading. */
  #forwardAll(link: SocketLink, rows: readonly (readonly [number, Payload])[]): boolean {
    let [messages, bytes] = [0, 0]
    let goesOn = true
    for (const [number, data] of rows) {
      if (number <= this.#forwarded) continue
      if (number !== this.#forwarded + 1) {
        this.#owner.broken()
        return false
      }
      if (number <= this.#replayUntil) {
        messages++
        bytes += data.length
        if (!mayReplay(this.#node, this.#owner.principal, link, data)) {
          goesOn = false
          break
        }
      }
      this.tail = Math.max(this.tail, number)
      this.#forward(link, number, data)
      if (this.#full) {
        goesOn = false
        break
      }
    }
    if (messages > 0) this.#node.metric({ type: 'replayed', messages, bytes })
    return goesOn
  }
}

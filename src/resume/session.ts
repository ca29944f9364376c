import type { Attempt } from '../core/attempt.js'
import { byteLength } from '../core/bytes.js'
import { isBlob } from '../core/checks.js'
import type { Core } from '../core/core.js'
import { isRefused, makeError, type ConnectionError } from '../core/errors.js'
import type { Framing, Link, Part, RetryAdvice } from '../core/feature.js'
import type { Fate, Uncertain } from '../core/features/delivery.js'
import { preparation } from '../core/features/prepare.js'
import { plainPing, type Heartbeat } from '../core/policies/profile.js'
import type { Loss } from '../core/policies/retry.js'
import type { Timer } from '../core/time/timers.js'
import type { MessageData, SendData } from '../core/transport.js'
import { Waiters } from '../core/waiters.js'
import type { ContinuityListeners } from './continuity-listeners.js'
import { newSessionId } from './id.js'
import type { ResumeSettings } from './options.js'
import { Outbox } from './outbox.js'
import {
  closeCodes,
  encodeJson,
  encodeNumber,
  longestHello,
  parseJoined,
  parseRefusal,
  parseWelcome,
  protocolName,
  readFrame,
  type Frame,
  type Refusal,
  type Welcome,
} from './protocol.js'
import type { Continuity, LostReason, ResumeSession, SessionCounters, SessionLost } from './resume.types.js'
import { Topics } from './topics.js'

/** Reasons after which a new session on the same connection would be refused too. */
const final: readonly LostReason[] = ['superseded', 'forbidden']
/** A reason for each close code that ends the session. */
const lostBy: Readonly<Record<number, LostReason | undefined>> = {
  [closeCodes.superseded]: 'superseded',
  [closeCodes.forbidden]: 'forbidden',
  // The server can't take a message, which would be sent again on each link.
  1009: 'overflow',
}

/** The sessions of one connection, one after another. */
export class Session implements Part, Framing {
  id = newSessionId()
  state: ResumeSession['state'] = 'fresh'
  /** The number of the message that was passed to the listeners last. */
  number = 0
  readonly counters: { -readonly [K in keyof SessionCounters]: number } = {
    resumed: 0,
    lost: 0,
    replayedOut: 0,
    replayedIn: 0,
    duplicates: 0,
  }
  preparation: Part['preparation']
  readonly #settings: ResumeSettings
  readonly #listeners: ContinuityListeners
  readonly #heartbeat: Heartbeat
  readonly #waiters = new Waiters<Record<number, void>>()
  #targets: number[] = []
  #core!: Core
  #outbox = new Outbox()
  readonly #topics = new Topics()
  #gen = 0
  #epoch: string | undefined
  /** The largest payload that the server accepts, in bytes. */
  #max = Infinity
  /** The last message passed to the listeners; the last one that counts as received; the last one acknowledged to the server. */
  #rx = 0
  #received = 0
  #told = 0
  #timer: Timer | undefined
  #acknowledges = false
  /** The server selected the subprotocol. */
  #speaks = false
  /** A link of this session is ready. */
  #isLive = false
  #saidGoodbye = false
  #awaySince = 0
  /** Hellos refused for their credentials since the last welcome. */
  #refused = 0
  /** To be reported once the link is ready. */
  #continuity: Continuity<never> | undefined
  /** In the `close` event of the last link. */
  #uncertain = { messages: 0, bytes: 0 }

  constructor(settings: ResumeSettings, listeners: ContinuityListeners) {
    this.#settings = settings
    this.#listeners = listeners
    this.#heartbeat = {
      ...plainPing,
      ...settings.heartbeat,
      ping: () => encodeNumber('p', this.#tell()),
      classify: (data) => (typeof data === 'string' && data.startsWith('q') ? 'pong' : undefined),
      // `incoming` gets the pong too, for its acknowledgment.
      withhold: false,
    }
  }

  /** Throws `ERR_OPTION` if it has a connection. */
  attach(core: Core): this {
    const { heartbeat = plainPing } = core.options
    if ((this.#core as Core | undefined) !== undefined) throw makeError('ERR_OPTION', 'session-taken', [])
    if (this.#settings.required && heartbeat !== plainPing) throw makeError('ERR_OPTION', 'session-heartbeat', [])
    this.#core = core
    this.preparation = preparation(core)
    return this
  }

  get framing(): this {
    return this
  }

  get unacknowledged(): Uncertain {
    const { size: messages, bytes } = this.#outbox
    return { messages, bytes }
  }

  // The link.

  offer(offered: readonly string[]): readonly string[] {
    if (this.state === 'ended') this.state = 'fresh'
    this.#speaks = false
    if (offered.length === 0) return [protocolName]
    const framed = offered.map((each) => `${protocolName}.${each}`)
    // The plain ones first: a server that ignores what it doesn't know selects the first.
    return this.#settings.required ? framed : [...offered, ...framed]
  }

  selected(protocol: string): string {
    this.#speaks = protocol === protocolName || protocol.startsWith(`${protocolName}.`)
    if (this.#speaks) {
      this.#core.adopt({ heartbeat: this.#heartbeat })
      return protocol.slice(protocolName.length + 1)
    }
    if (!this.#settings.required) {
      this.#core.adopt({ framing: undefined })
      // A server that doesn't know sessions has not kept this one.
      if (this.#epoch !== undefined) this.#lose('unknown')
      this.state = 'plain'
      this.#rejectDelivered(makeError('ERR_SESSION_LOST', 'plain', []))
    }
    return protocol
  }

  /** After the app's `prepare`, before the queue. */
  async handshake(link: Link): Promise<void> {
    const core = this.#core
    const attempt = core.attempt!
    if (!this.#speaks) return attempt.fail({ error: makeError('ERR_PREPARE', 'no-session-protocol', []) })
    for (;;) {
      const hello = await this.#hello(attempt)
      // The attempt has ended or failed meanwhile.
      if (hello === undefined || core.attempt !== attempt) return
      link.send(hello)
      const { kind, payload } = readFrame((await link.read()) as string | ArrayBuffer)
      const welcome = kind === 'welcome' ? parseWelcome(payload as string) : undefined
      if (welcome !== undefined) return this.#welcome(link, welcome)
      const refusal = kind === 'refusal' ? parseRefusal(payload as string) : undefined
      if (refusal === undefined) return this.#violated('invalid frame')
      this.#refuse(refusal)
      if (final.includes(refusal.reason)) return
    }
  }

  async #hello(attempt: Attempt): Promise<string | undefined> {
    const { auth: ask } = this.#settings
    let auth: unknown
    let hello = ''
    try {
      auth = await ask?.({ signal: attempt.signal, attempt: this.#core.status.attempt })
      if (this.#core.attempt !== attempt) return undefined
      const { positions: topics } = this.#topics
      const body = {
        v: 1,
        sid: this.id,
        gen: ++this.#gen,
        rx: this.#received,
        ep: this.#epoch,
        auth,
        x: ['topics'],
      } as const
      hello = encodeJson('h', { ...body, topics })
      // Without its position, the server announces a topic anew, and `join` reports what is lost.
      if (byteLength(hello) > longestHello) hello = encodeJson('h', body)
    } catch (cause) {
      if (isRefused(cause)) throw cause
      attempt.fail({ error: makeError('ERR_PREPARE', 'auth-threw', [], { cause }) })
      return undefined
    }
    const bytes = byteLength(hello)
    if (bytes <= longestHello) return hello
    attempt.fail({ error: makeError('ERR_PREPARE', 'hello-too-long', [bytes, longestHello]) })
    return undefined
  }

  #welcome(link: Link, { ep, rx, seen, resumed, max = Infinity, tail }: Welcome): void {
    const outbox = this.#outbox
    const known = this.#epoch
    if (seen > outbox.tx || rx < outbox.acked || (known !== undefined && (ep !== known || !resumed))) {
      this.#lose('rewound')
      return this.#violated('rewound')
    }
    this.#acknowledged(rx)
    for (let number = seen + 1; number <= outbox.tx; number++) {
      if (sizeOf(outbox.frame(number)!) <= max) continue
      // It would be sent on each link, and refused.
      link.send(encodeNumber('b', this.#tell()))
      this.#lose('overflow')
      return this.#violated('message too large')
    }
    this.#max = max
    this.#epoch = ep
    this.#refused = 0
    this.#told = this.#received
    for (let number = seen + 1; number <= outbox.tx; number++) link.send(outbox.frame(number)!)
    const replayed = { out: outbox.tx - seen, in: Math.max(0, (tail ?? 0) - this.#received) }
    this.counters.replayedOut += replayed.out
    this.counters.replayedIn += replayed.in
    if (known === undefined) this.#continuity = { kind: 'begun', id: this.id }
    else {
      this.counters.resumed++
      this.#continuity = { kind: 'kept', away: this.#core.timers.now() - this.#awaySince, replayed, forgotten: 0 }
    }
    this.#topics.unlink()
    this.#saidGoodbye = false
    this.state = 'attached'
    this.#isLive = true
  }

  onReady(): void {
    const core = this.#core
    const { parts } = core
    // The `close.uncertain` of a session replaces that of its links.
    const delivery = core.part('delivery')
    if (delivery !== undefined && parts.indexOf(delivery) > parts.indexOf(this)) {
      throw makeError('ERR_OPTION', 'feature-missing', ['resumable', 'delivery'])
    }
    this.#listeners.ready(core)
  }

  onLinked(): void {
    const continuity = this.#continuity
    this.#continuity = undefined
    if (continuity !== undefined) this.#core.events.emit('continuity', continuity)
    this.#checkDelivered()
  }

  /** The server broke the protocol. The next link repairs what it can. */
  #violated(reason: string): void {
    this.#close(closeCodes.protocolError, reason)
  }

  /** The server ended the session. */
  #refuse(refusal: Refusal): void {
    const { reason } = refusal
    const core = this.#core
    core.run(() => {
      const uncertain = this.#lose(reason, refusal)
      if (!final.includes(reason)) return
      core.attempt!.failure ??= { error: makeError('ERR_SESSION_LOST', 'lost', [reason]) }
      this.#close(reason === 'superseded' ? closeCodes.superseded : closeCodes.forbidden, reason)
      Object.assign(this.#uncertain, uncertain)
    })
  }

  /** Ends the link without waiting for the server's close frame. */
  #close(code: number, reason: string): void {
    const attempt = this.#core.attempt!
    attempt.socket!.close(code, reason)
    attempt.closed({ code, reason, wasClean: false })
  }

  // Messages.

  check(data: SendData): void {
    if (isBlob(data)) throw makeError('ERR_DATA', 'session-blob', [])
    const max = this.#max
    // At most three bytes per UTF-16 unit.
    if (typeof data === 'string' && data.length * 3 <= max) return
    const bytes = byteLength(data, max)
    if (bytes > max) throw makeError('ERR_DATA', 'session-max', [bytes, max])
  }

  /** A message gets its number at the socket, so that earlier drops leave no gap. */
  outgoing(data: SendData, message: unknown): SendData {
    // Again: the limit may be that of a later link, and a Blob may be queued since a link without a session.
    this.check(data)
    const payload = typeof data === 'string' ? data : bytesOf(data as Exclude<SendData, string | Blob>)
    const frame = this.#outbox.add(payload, this.#core.codec === undefined ? undefined : message)
    // From here on it belongs to the session, and nothing of it is uncertain.
    const attempt = this.#core.attempt!
    attempt.provenMessages = attempt.messages
    attempt.provenBytes = attempt.bytes
    return frame
  }

  onWritten(_: unknown, { onFate }: { onFate?: (fate: Fate) => void }): void {
    if (onFate !== undefined && this.#isLive) this.#outbox.follow(onFate)
  }

  onDropped(): void {
    this.#checkDelivered()
  }

  isFull(ahead: number): boolean {
    // A refusal ended the session of this link.
    if (!this.#isLive) return this.#speaks
    const { messages, bytes } = this.#settings.window
    return this.#outbox.size + ahead >= messages || this.#outbox.bytes >= bytes
  }

  incoming(data: MessageData): MessageData | undefined {
    const frame = readFrame(data as string | ArrayBuffer)
    if (this.#isLive) {
      if (frame.kind === 'data') {
        if (frame.number === this.#rx + 1) {
          this.number = ++this.#rx
          if (!this.#settings.manual) this.#receive(this.#rx)
          return this.#payload(frame)
        }
      } else if (frame.kind === 'topic' && this.#topics.take(frame) === true) {
        this.number = 0
        return this.#payload(frame)
      }
      this.#control(frame)
    }
    // Not a message of the app.
    this.#core.beats++
    return undefined
  }

  #payload({ payload }: Frame): MessageData {
    if (typeof payload === 'string') return payload
    const bytes = payload.slice()
    return this.#core.binaryType === 'blob' ? new Blob([bytes]) : bytes.buffer
  }

  #control(frame: Frame): void {
    const { kind, number, payload } = frame
    if (kind === 'ack' || kind === 'pong' || (kind === 'bye' && this.#saidGoodbye)) {
      if (number > this.#outbox.tx) return this.#violated('acknowledged too much')
      this.#acknowledged(number)
      this.#checkDelivered()
      // The window may have room, or the goodbye may be sent.
      this.#core.flush()
    } else if (kind === 'data' && number <= this.#rx) {
      this.counters.duplicates++
      // The server may have missed the acknowledgment.
      this.#told = Math.min(this.#told, this.#received - 1)
      this.#receive(this.#received)
    } else if (kind === 'topic' && this.#topics.take(frame) === false) {
      this.counters.duplicates++
    } else if (kind === 'data' || kind === 'topic') {
      this.#violated('gap')
    } else if (kind === 'refusal') {
      const refusal = parseRefusal(payload as string)
      if (refusal === undefined) return this.#violated('invalid frame')
      // The server closes the link next.
      this.#isLive = false
      this.#refuse(refusal)
    } else if (kind === 'joined') {
      const joined = parseJoined(payload as string)
      if (joined === undefined) return this.#violated('invalid frame')
      const last = this.#topics.join(joined)
      if (last !== undefined) this.#report({ ...nothingLost, reason: 'range', topic: joined.topic, lastReceived: last })
    } else if (kind !== 'left' || !this.#topics.leave(number)) {
      this.#violated('invalid frame')
    }
  }

  // Acknowledgments.

  /** The message counts as received: acknowledges it, once its listeners have returned. */
  #receive(number: number): void {
    this.#received = number
    const { every, delay } = this.#settings.ack
    if (number - this.#told >= every) {
      if (this.#acknowledges) return
      this.#acknowledges = true
      this.#core.schedule(() => this.#acknowledge())
    } else if (this.#timer === undefined) {
      this.#timer = this.#core.timers.setTimeout(() => {
        this.#timer = undefined
        this.#core.schedule(() => this.#acknowledge())
      }, delay)
    }
  }

  receive(number: number): void {
    if (number > this.#received) this.#receive(number)
  }

  get last(): number {
    return this.#rx
  }

  #acknowledge(): void {
    this.#acknowledges = false
    if (this.#isLive && this.#told !== this.#received) this.#core.attempt!.sendNow(encodeNumber('a', this.#tell()))
  }

  /** The number to acknowledge. */
  #tell(): number {
    return (this.#told = this.#received)
  }

  #acknowledged(number: number): void {
    this.#outbox.acknowledge(number, (onFate) => this.#tellFate(onFate, 'delivered'))
  }

  #tellFate(onFate: (fate: Fate) => void, fate: Fate): void {
    const core = this.#core
    core.schedule(() => core.events.call('fate', onFate, fate))
  }

  // Delivery.

  delivered(signal: AbortSignal | undefined): Promise<void> {
    if (this.state === 'plain') return Promise.reject(makeError('ERR_SESSION_LOST', 'plain', []))
    const queued = (this.#core as Core | undefined)?.queue.size ?? 0
    const target = this.#outbox.tx + queued
    if (target === this.#outbox.acked) return Promise.resolve()
    this.#targets.push(target)
    return this.#waiters.wait(target, signal)
  }

  #checkDelivered(): void {
    if (this.#targets.length === 0) return
    const { acked, size } = this.#outbox
    const isAll = size === 0 && this.#core.queue.size === 0
    const reached = this.#targets.filter((target) => isAll || target <= acked)
    this.#targets = this.#targets.filter((target) => !reached.includes(target))
    for (const target of reached) this.#waiters.resolve(target, undefined)
  }

  #rejectDelivered(error: ConnectionError): void {
    const targets = this.#targets
    this.#targets = []
    for (const target of targets) this.#waiters.reject(target, error)
  }

  // The end.

  mayClose(): boolean {
    if (!this.#isLive) return true
    if (this.#outbox.size > 0) return false
    if (!this.#saidGoodbye) this.#core.attempt!.sendNow(encodeNumber('b', this.#tell()))
    this.#saidGoodbye = true
    return true
  }

  onEnd(): { uncertain: Uncertain } | undefined {
    this.#core.timers.clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#isLive) {
      this.#isLive = false
      this.state = 'away'
      this.#awaySince = this.#core.timers.now()
    }
    if (this.state === 'plain') return undefined
    return { uncertain: (this.#uncertain = { messages: 0, bytes: 0 }) }
  }

  onLoss({ close: { code } }: Loss): RetryAdvice | undefined {
    const reason = lostBy[code]
    if (reason !== undefined && this.#epoch !== undefined) Object.assign(this.#uncertain, this.#lose(reason))
    const isRefused = code === closeCodes.unauthorized && (this.#settings.auth === undefined || ++this.#refused > 1)
    const isFinal = isRefused || (reason !== undefined && final.includes(reason))
    return isFinal ? { retry: false, asked: 0, floor: 0 } : undefined
  }

  onSettled(): void {
    if (this.#outbox.size > 0) Object.assign(this.#uncertain, this.#lose('closed'))
    else this.#begin('closed')
    this.state = 'ended'
  }

  /** The session is over. Sorts its messages, reports it, and begins a new one. Returns how many are uncertain. */
  #lose(reason: LostReason, { rx, exact, tried }: Partial<Refusal> = {}): Uncertain {
    const outbox = this.#outbox
    const { tx } = outbox
    if (rx !== undefined) this.#acknowledged(Math.min(rx, tx))
    const { acked, base } = outbox
    const known = Math.max(acked, base)
    const end = exact === true ? acked : Math.min(tx, tried ?? tx)
    const bytes = outbox.sizeOf(end)
    const lastReceived = this.#received
    const list = (from: number, to: number, fate: Fate): never[] =>
      outbox.list(from, to, (onFate) => this.#tellFate(onFate, fate)) as never[]
    const uncertain = list(known, end, 'uncertain')
    const undelivered = list(Math.max(known, end), tx, 'undelivered')
    const forgotten = {
      uncertain: end - acked - uncertain.length,
      undelivered: tx - Math.max(end, acked) - undelivered.length,
    }
    this.counters.lost++
    this.#begin(reason)
    this.#report({ ...nothingLost, reason, lastReceived, delivered: acked, undelivered, uncertain, forgotten })
    return { messages: end - acked, bytes }
  }

  #report(event: SessionLost<never>): void {
    const core = this.#core
    core.schedule(() => core.events.emit('continuity', event))
  }

  #begin(reason: LostReason): void {
    this.#rejectDelivered(makeError('ERR_SESSION_LOST', 'lost', [reason]))
    this.id = newSessionId()
    this.state = 'fresh'
    this.#outbox = new Outbox()
    this.#topics.clear()
    this.#gen = this.#rx = this.#received = this.#told = this.number = 0
    this.#epoch = undefined
    this.#max = Infinity
  }
}

const nothingLost: SessionLost<never> = {
  kind: 'lost',
  reason: 'closed',
  lastReceived: 0,
  delivered: 0,
  undelivered: [],
  uncertain: [],
  forgotten: { undelivered: 0, uncertain: 0 },
}

/** The size of a frame's payload, in bytes. */
function sizeOf(frame: string | Uint8Array): number {
  return byteLength(readFrame(frame).payload)
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}

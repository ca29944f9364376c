import type { Core } from '../core/core.js'
import { makeError, type ConnectionError } from '../core/errors.js'
import type { Framing, Link, Part, RetryAdvice } from '../core/feature.js'
import type { Fate, Uncertain } from '../core/features/delivery.js'
import { preparation } from '../core/features/prepare.js'
import { plainPing, type Heartbeat } from '../core/policies/profile.js'
import type { Loss } from '../core/policies/retry.js'
import type { MessageData, SendData } from '../core/transport.js'
import type { ContinuityListeners } from './continuity-listeners.js'
import { credentials } from './hello.js'
import type { ResumeSettings } from './options.js'
import { codesByReason, reasonsByCode } from './endings.js'
import { itself } from './outbox.js'
import { checkPayload, fromPayload, toPayload } from './payloads.js'
import {
  closeCodes,
  encodeNumber,
  parseJoined,
  parseRefusal,
  parseWelcome,
  readFrame,
  type Frame,
  type Refusal,
  type Welcome,
} from './protocol.js'
import type { Continuity } from './resume.types.js'
import { sessionHeartbeat } from './session-heartbeat.js'
import { Session } from './session.js'
import { offerSession, withoutSession } from './subprotocols.js'

const stop: RetryAdvice = { retry: false, asked: 0, floor: 0 }

/** The session's part in its connection: the protocol on each link. */
export class SessionPart implements Part, Framing {
  readonly session: Session
  readonly framing = this
  preparation: Part['preparation']
  readonly onDropped = (): void => this.session.checkConfirmed()
  readonly #settings: ResumeSettings
  readonly #listeners: ContinuityListeners
  readonly #heartbeat: Heartbeat
  #core!: Core
  /** The server selected the subprotocol. */
  #speaks = false
  /** A link of the session is ready. */
  #isLive = false
  #saidGoodbye = false
  /** Hellos in a row that were refused for their credentials. */
  #refused = 0
  /** Reported once the link is ready. */
  #continuity: Continuity<never> | undefined
  /** In the `close` event of the last link. */
  #uncertain = { messages: 0, bytes: 0 }

  constructor(settings: ResumeSettings, listeners: ContinuityListeners) {
    this.#settings = settings
    this.#listeners = listeners
    this.session = new Session(settings, () => {
      if (this.#isLive) this.#core.attempt!.sendNow(encodeNumber('a', this.session.tell()))
    })
    this.#heartbeat = sessionHeartbeat(settings.heartbeat, () => this.session.tell())
  }

  /** Throws `ERR_OPTION` if it has a connection. */
  attach(core: Core): this {
    const { heartbeat = plainPing } = core.options
    if ((this.#core as Core | undefined) !== undefined) throw makeError('ERR_OPTION', 'session-taken', [])
    if (this.#settings.required && heartbeat !== plainPing) throw makeError('ERR_OPTION', 'session-heartbeat', [])
    this.#core = this.session.core = core
    this.preparation = preparation(core)
    return this
  }

  onReady(): void {
    const core = this.#core
    const delivery = core.part('delivery')
    // The last one determines `close.uncertain`.
    if (delivery !== undefined && core.parts.indexOf(delivery) > core.parts.indexOf(this)) {
      throw makeError('ERR_OPTION', 'feature-missing', ['resumable', 'delivery'])
    }
    this.#listeners.ready(core)
    this.session.ready()
  }

  // A link begins.

  offer(offered: readonly string[]): readonly string[] {
    const { session } = this
    if (session.state === 'ended') session.state = 'fresh'
    this.#speaks = false
    return offerSession(offered, this.#settings.required)
  }

  selected(protocol: string): string {
    const apps = withoutSession(protocol)
    this.#speaks = apps !== undefined
    if (this.#speaks) this.#core.adopt({ heartbeat: this.#heartbeat })
    else if (!this.#settings.required) this.#core.run(() => this.#goPlain())
    return apps ?? protocol
  }

  #goPlain(): void {
    const { session } = this
    this.#core.adopt({ framing: undefined })
    // A server that doesn't know sessions hasn't kept this one.
    if (session.hasBegun) session.lose('unknown')
    session.state = 'plain'
    session.confirmations.reject('plain')
  }

  /** After the app's `prepare`, before the queue. */
  async handshake(link: Link): Promise<void> {
    const core = this.#core
    const { session } = this
    const attempt = core.attempt!
    try {
      if (!this.#speaks) throw makeError('ERR_PREPARE', 'no-session-protocol', [])
      while (core.attempt === attempt && !this.#isLive) {
        const auth = await credentials(this.#settings.auth, attempt, core.status.attempt)
        await session.claim()
        if (core.attempt !== attempt) return
        link.send(session.hello(auth))
        const answer = readFrame((await link.read()) as string | ArrayBuffer)
        core.run(() => this.#answered(link, answer))
      }
    } catch (thrown) {
      const error = thrown as ConnectionError
      if (error.code !== 'ERR_PREPARE') throw thrown
      attempt.fail({ error })
    }
  }

  #answered(link: Link, { kind, payload }: Frame): void {
    const welcome = kind === 'welcome' ? parseWelcome(payload as string) : undefined
    const refusal = kind === 'refusal' ? parseRefusal(payload as string) : undefined
    if (welcome !== undefined) this.#welcomed(link, welcome)
    else if (refusal !== undefined) this.#refuse(refusal)
    else this.#close('invalid frame')
  }

  #welcomed(link: Link, welcome: Welcome): void {
    const { session } = this
    const { outbox } = session
    const continuity = session.welcome(welcome)
    if (typeof continuity === 'string') {
      // The server has the session, but this side can't go on with it.
      link.send(encodeNumber('b', session.tell()))
      session.lose(continuity)
      return this.#close(continuity)
    }
    for (let number = welcome.seen + 1; number <= outbox.tx; number++) link.send(outbox.frame(number))
    this.#continuity = continuity
    this.#refused = 0
    this.#saidGoodbye = false
    this.#isLive = true
  }

  onLinked(): void {
    const continuity = this.#continuity
    this.#continuity = undefined
    if (continuity !== undefined) this.#core.events.emit('continuity', continuity)
    this.session.checkConfirmed()
  }

  // A link ends.

  /** The server ended the session. In the middle of a link, it closes the link next. */
  #refuse(refusal: Refusal): void {
    const { reason } = refusal
    this.#isLive = false
    const uncertain = this.session.lose(reason, refusal)
    const code = codesByReason[reason]
    if (code === undefined) return
    this.#core.attempt!.failure ??= { error: makeError('ERR_SESSION_LOST', 'lost', [reason]) }
    this.#close(reason, code)
    Object.assign(this.#uncertain, uncertain)
  }

  /** Ends the link without waiting for the server's close frame. If the server broke the protocol, the next link repairs what it can. */
  #close(reason: string, code: number = closeCodes.protocolError): void {
    const attempt = this.#core.attempt!
    attempt.socket!.close(code, reason)
    attempt.closed({ code, reason, wasClean: false })
  }

  mayClose(): boolean {
    const { session } = this
    if (!this.#isLive) return true
    if (session.outbox.size > 0) return false
    if (!this.#saidGoodbye) this.#core.attempt!.sendNow(encodeNumber('b', session.tell()))
    this.#saidGoodbye = true
    return true
  }

  onEnd(): { uncertain: Uncertain } | undefined {
    const { session } = this
    this.#isLive = false
    session.detach()
    if (session.state === 'plain') return undefined
    return { uncertain: (this.#uncertain = { messages: 0, bytes: 0 }) }
  }

  onLoss({ close: { code } }: Loss): RetryAdvice | undefined {
    const { session } = this
    const reason = reasonsByCode[code]
    if (reason !== undefined) {
      if (session.hasBegun) Object.assign(this.#uncertain, session.lose(reason))
      return codesByReason[reason] === code ? stop : undefined
    }
    if (code !== closeCodes.unauthorized) return undefined
    return this.#settings.auth === undefined || ++this.#refused > 1 ? stop : undefined
  }

  onSettled(): void {
    Object.assign(this.#uncertain, this.session.end())
    this.#refused = 0
  }

  // Messages out.

  check(data: SendData): void {
    checkPayload(data, this.session.max)
  }

  /** A message gets its number at the socket, so that earlier drops leave no gap. */
  outgoing(data: SendData, message: unknown): SendData {
    // Again: it may be queued since a link that accepted more.
    this.check(data)
    const { codec, attempt } = this.#core
    // From here on it belongs to the session, and nothing of it is uncertain.
    attempt!.provenMessages = attempt!.messages
    attempt!.provenBytes = attempt!.bytes
    return this.session.add(toPayload(data), codec === undefined ? itself : message)
  }

  onWritten(_: unknown, { onFate }: { onFate?: (fate: Fate) => void }): void {
    if (onFate !== undefined && this.#isLive) this.session.outbox.follow(onFate)
  }

  isFull(ahead: number): boolean {
    // A refusal ended the session of this link.
    if (!this.#isLive) return this.#speaks
    const { outbox } = this.session
    const { messages, bytes } = this.#settings.window
    return outbox.size + ahead >= messages || outbox.bytes >= bytes
  }

  // Messages in.

  incoming(data: MessageData): MessageData | undefined {
    const frame = readFrame(data as string | ArrayBuffer)
    if (this.#isLive && this.#isMessage(frame)) return fromPayload(frame, this.#core.binaryType)
    // Not a message of the app.
    this.#core.beats++
    return undefined
  }

  /** Whether this is the next message. Handles all other frames. */
  #isMessage(frame: Frame): boolean {
    const { session } = this
    const { receipts } = session
    const { kind, number } = frame
    let isNext: boolean | undefined = false
    if (kind === 'data') {
      const ahead = number - receipts.arrived
      isNext = ahead > 1 ? undefined : ahead === 1
      if (isNext === true) {
        receipts.arrived = session.number = number
        if (!this.#settings.manual) receipts.receive(number, this.#core)
      } else if (isNext === false) receipts.again(this.#core)
    } else if (kind === 'topic') {
      isNext = session.topics.take(frame)
      if (isNext === true) session.number = 0
    } else {
      this.#control(frame)
      return false
    }
    if (isNext === undefined) this.#close('gap')
    else if (!isNext) session.counters.duplicates++
    return isNext === true
  }

  #control({ kind, number, payload }: Frame): void {
    const { session } = this
    if (kind === 'ack' || kind === 'pong' || (kind === 'bye' && this.#saidGoodbye)) {
      if (number > session.outbox.tx) return this.#close('acknowledged too much')
      session.acknowledged(number)
      session.checkConfirmed()
      // The window may have room, or the goodbye may be sent.
      this.#core.flush()
      return
    }
    const refusal = kind === 'refusal' ? parseRefusal(payload as string) : undefined
    const joined = kind === 'joined' ? parseJoined(payload as string) : undefined
    if (refusal !== undefined) this.#refuse(refusal)
    else if (joined !== undefined) session.join(joined)
    else if (kind !== 'left' || !session.topics.leave(number)) this.#close('invalid frame')
  }
}

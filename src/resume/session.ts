import { throwIfAborted } from '../core/abort-signals.js'
import { byteLength } from '../core/bytes.js'
import { wrongOption } from '../core/checks.js'
import type { Core } from '../core/core.js'
import { makeError } from '../core/errors.js'
import type { Fate, Uncertain } from '../core/features/delivery.js'
import { soon } from '../core/guards.js'
import { Confirmations } from './confirmations.js'
import { encodeHello } from './hello.js'
import { newSessionId } from './id.js'
import type { ResumeSettings } from './options.js'
import { Outbox, type KeptFrame } from './outbox.js'
import { PageRecord, type StoredSession } from './page-record.js'
import { readFrame, type Joined, type Refusal, type Welcome } from './protocol.js'
import { Receipts } from './receipts.js'
import type {
  LostReason,
  ResumeSession,
  SessionBegun,
  SessionCounters,
  SessionKept,
  SessionLost,
} from './resume.types.js'
import { SessionLock } from './session-lock.js'
import { nothingLost, sortLost } from './sorting.js'
import { Topics } from './topics.js'

/** The sessions of one connection, one after another: what was sent, what was received, and what the server knows of it. */
export class Session {
  id = newSessionId()
  state: ResumeSession['state'] = 'fresh'
  /** The number of the message that was passed to the listeners last. */
  number = 0
  outbox = new Outbox()
  /** The largest payload that the server accepts, in bytes. */
  max = Infinity
  core!: Core
  readonly settings: ResumeSettings
  readonly receipts: Receipts
  readonly topics = new Topics()
  readonly confirmations = new Confirmations()
  readonly counters: { -readonly [K in keyof SessionCounters]: number } = {
    resumed: 0,
    lost: 0,
    replayedOut: 0,
    replayedIn: 0,
    duplicates: 0,
  }
  #gen = 0
  /** Of the server's store. Known once the session has begun. */
  #epoch: string | undefined
  #awaySince = 0
  readonly #lock: SessionLock | undefined
  #record: PageRecord | undefined
  /** The session is of the page before, and has had no link in this one. */
  #stored: StoredSession | undefined
  #savesSoon = false

  /** `acknowledge` is called when it is time to. */
  constructor(settings: ResumeSettings, acknowledge: () => void) {
    const { persist } = settings
    this.settings = settings
    this.receipts = new Receipts(settings.ack, acknowledge)
    if (persist === undefined) return
    this.#lock = new SessionLock(this.#save)
    this.#record = new PageRecord(persist)
    const stored = (this.#stored = this.#record.read(this.outbox))
    if (stored === undefined) return
    this.id = stored.id
    this.state = 'away'
    this.#gen = stored.gen
    this.#epoch = stored.ep
    this.receipts.continueAfter(stored.received)
  }

  /** The connection is complete. */
  ready(): void {
    const { timers } = this.core
    this.#awaySince = timers.now()
    if (this.#stored !== undefined) this.#awaySince -= Math.max(0, timers.wall() - this.#stored.at)
    // The app adds its listeners after it has created the connection.
    soon(() => this.#reportStorage())
  }

  /** The server knows this session. */
  get hasBegun(): boolean {
    return this.#epoch !== undefined
  }

  // A link.

  /** In a browser, another tab may have this session: then this one begins its own. */
  async claim(): Promise<void> {
    const { id } = this
    const has = await this.#lock?.claim(id, this.core)
    if (has !== false || this.id !== id) return
    if (this.#stored === undefined) this.lose('superseded')
    else this.#begin()
    return this.claim()
  }

  /** The next hello. Throws `ERR_PREPARE` if it is too long. */
  hello(auth: unknown): string {
    this.#gen++
    const rx = this.tell()
    const { id: sid } = this
    const { positions: topics } = this.topics
    // A page that was left may have sent more than it has stored.
    const tx = this.#stored === undefined ? this.outbox.tx : undefined
    return encodeHello({ v: 1, sid, gen: this.#gen, rx, tx, ep: this.#epoch, auth, x: ['topics'], topics })
  }

  /** Returns why the session can't go on like this, or what the app should know. The frames after `seen` are to be sent again. */
  welcome({ ep, rx, seen, resumed, max = Infinity, tail = 0 }: Welcome): LostReason | SessionBegun | SessionKept {
    const { outbox, counters, receipts, id } = this
    const known = this.#epoch
    const forgotten = this.#stored === undefined ? 0 : this.#continueStored(seen)
    if (seen > outbox.tx || rx < outbox.acked || (known !== undefined && (ep !== known || !resumed))) return 'rewound'
    this.acknowledged(rx)
    // The server lost messages that this page doesn't have.
    if (seen < outbox.base) return 'range'
    for (let number = seen + 1; number <= outbox.tx; number++) {
      // The server would refuse it on each link.
      if (byteLength(readFrame(outbox.frame(number)).payload, max) > max) return 'overflow'
    }
    this.#epoch = ep
    this.max = max
    this.#stored = undefined
    this.topics.unlink()
    this.#save()
    this.state = 'attached'
    if (known === undefined) return { kind: 'begun', id }
    const replayed = { out: outbox.tx - seen, in: Math.max(0, tail - receipts.told) }
    counters.resumed++
    counters.replayedOut += replayed.out
    counters.replayedIn += replayed.in
    return { kind: 'kept', away: this.core.timers.now() - this.#awaySince, replayed, forgotten }
  }

  /** Without the messages of the page before, numbers go on after those that have arrived. Returns how many are lost. */
  #continueStored(seen: number): number {
    const { outbox } = this
    // More may have arrived than was stored, if the page crashed.
    if (outbox.base === outbox.acked && seen <= outbox.tx) return 0
    const lost = Math.max(0, outbox.tx - seen)
    outbox.continueAfter(Math.max(seen, outbox.acked))
    this.#record?.forget(Infinity)
    return lost
  }

  /** The link has ended. */
  detach(): void {
    this.receipts.rest(this.core)
    if (this.state !== 'attached') return
    this.state = 'away'
    this.#awaySince = this.core.timers.now()
  }

  // Messages.

  /** Numbers and keeps a message. */
  add(payload: string | Uint8Array, message: unknown): KeptFrame {
    const { outbox } = this
    const frame = outbox.add(payload, message)
    if (this.#record !== undefined) {
      this.#record.keep(outbox.tx, frame)
      this.#saveSoon()
    }
    return frame
  }

  /** The server has handled the messages up to this number. */
  acknowledged(number: number): void {
    const { outbox } = this
    if (number <= outbox.acked) return
    outbox.acknowledge(number, (onFate) => this.#tellFate(onFate, 'delivered'))
    if (this.settings.persist?.outbox !== true) return
    this.#save()
    this.#record?.forget(number)
  }

  /** The number to acknowledge. Stored first, so that a reloaded page knows what the server has forgotten. */
  tell(): number {
    this.receipts.told = this.receipts.received
    this.#save()
    return this.receipts.told
  }

  /** The app counts this message as received. Throws `ERR_OPTION` if it hasn't arrived. */
  receive(number: number): void {
    const { arrived, received } = this.receipts
    if (number > arrived) wrongOption('received.number', number, 'not-arrived', arrived)
    if (number > received) this.receipts.receive(number, this.core)
  }

  async delivered(signal: AbortSignal | undefined): Promise<void> {
    throwIfAborted(signal)
    if (this.state === 'plain') throw makeError('ERR_SESSION_LOST', 'plain', [])
    const { tx, acked } = this.outbox
    const target = tx + ((this.core as Core | undefined)?.queue.size ?? 0)
    if (target > acked) return this.confirmations.wait(target, signal)
  }

  checkConfirmed(): void {
    const { acked, size } = this.outbox
    this.confirmations.resolve(size === 0 && this.core.queue.size === 0 ? Infinity : acked)
  }

  // The end.

  /** The session is over: reports it, and begins a new one. Returns what is uncertain. */
  lose(reason: LostReason, refusal: Partial<Refusal> = {}): Uncertain {
    const { outbox, receipts } = this
    if (refusal.rx !== undefined) this.acknowledged(Math.min(refusal.rx, outbox.tx))
    const { sorted, uncertain } = sortLost(outbox, refusal, (onFate, fate) => this.#tellFate(onFate, fate))
    const lastReceived = receipts.received
    this.counters.lost++
    this.confirmations.reject(reason)
    this.#begin()
    this.#report({ kind: 'lost', reason, lastReceived, ...sorted })
    return uncertain
  }

  /** Messages of a topic follow. Reports those that are lost. */
  join(joined: Joined): void {
    const lastReceived = this.topics.join(joined)
    if (lastReceived === undefined) return
    this.#report({ kind: 'lost', reason: 'range', topic: joined.topic, lastReceived, ...nothingLost })
  }

  /** The connection has ended. Returns what is uncertain. */
  end(): Uncertain | undefined {
    const uncertain = this.outbox.size > 0 ? this.lose('closed') : undefined
    this.#begin()
    this.confirmations.reject('closed')
    this.#lock?.release()
    this.state = 'ended'
    return uncertain
  }

  #begin(): void {
    this.#record?.erase()
    this.id = newSessionId()
    this.state = 'fresh'
    this.outbox = new Outbox()
    this.topics.clear()
    this.receipts.continueAfter(0)
    this.#gen = this.number = 0
    this.#epoch = this.#stored = undefined
    this.max = Infinity
  }

  #report(event: SessionLost<never>): void {
    const { core } = this
    core.schedule(() => core.events.emit('continuity', event))
  }

  #tellFate(onFate: (fate: Fate) => void, fate: Fate): void {
    const { core } = this
    core.schedule(() => core.events.call('fate', onFate, fate))
  }

  // The storage of the page.

  /** Once for all messages of a task. */
  #saveSoon(): void {
    if (this.#savesSoon) return
    this.#savesSoon = true
    soon(() => {
      this.#savesSoon = false
      this.#save()
    })
  }

  readonly #save = (): void => {
    const ep = this.#epoch
    if (this.#record === undefined || ep === undefined) return
    const { id, outbox, receipts } = this
    const { tx, acked } = outbox
    const at = this.core.timers.wall()
    this.#record.write({ v: 1, id, gen: this.#gen, ep, received: receipts.received, tx, acked, at })
    this.#reportStorage()
  }

  #reportStorage(): void {
    const failure = this.#record?.failure
    if (failure === undefined) return
    this.#record = undefined
    this.core.fail('ERR_ENVIRONMENT', 'persist.storage', failure.thrown)
  }
}

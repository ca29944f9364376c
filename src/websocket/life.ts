import type { Connection, CloseEvent, ConnectionError, Data, DroppedEvent, Frame, OpenEvent } from '../index.js'
import { SignalRegistrations } from '../abort-signals.js'
import { print } from '../complain.js'
import { explain } from '../errors.js'
import { Audience, type Callback } from './audience.js'
import { originOf, toAddOptions } from './convert.js'
import { domException, type Dom } from './dom.js'
import { soon } from '../guards.js'
import { closeEvent, errorEvent, lateErrorEvent, messageEvents, type MakeMessageEvent, type Outlook } from './events.js'
import { Handlers } from './handlers.js'
import { Leftovers } from './leftovers.js'
import { overflow, type Behaviour } from './options.js'
import { Target } from './target.js'

/** What a `ReconnectingWebSocket` does, behind the interface of the standard: who listens, what is told, what is left unsent. */
export class Life {
  readonly connection: Connection
  readonly leftovers = new Leftovers()
  readonly handlers: Handlers
  protocol = ''
  extensions = ''
  readonly #dom: Dom
  readonly #target: Target
  readonly #messageEvent: MakeMessageEvent
  readonly #behaviour: Behaviour
  /** By type of event. */
  readonly #audiences = new Map<string, Audience>()
  /** Few listeners have a signal. */
  #signals: SignalRegistrations | undefined
  #deaf: (() => void) | undefined
  #origin = ''
  /** Whether the present or last attempt has come to an `open` event. */
  #opened = false
  /** It was never open, and nothing was printed of that. */
  #neverOpen = true
  /** Messages beyond `maxEnqueuedMessages` that no event has told of. */
  #refused = 0
  #isTelling = false

  /** `face`: what its events are dispatched on, as the app sees it. */
  constructor(face: EventTarget, dom: Dom, connection: Connection, behaviour: Behaviour) {
    this.connection = connection
    this.#dom = dom
    this.#target = new Target(face, dom)
    this.#messageEvent = messageEvents(dom)
    this.#behaviour = behaviour
    this.handlers = new Handlers(
      face,
      (type, listener) => this.add(type, listener, {}),
      (type, listener) => this.remove(type, listener, {}),
    )
    connection.on('open', (event) => this.#whenOpen(event))
    connection.on('close', (event) => this.#whenClosed(event))
    connection.on('dropped', (event) => this.#whenDropped(event))
  }

  add(type: string, listener: Callback | undefined, options: unknown): void {
    const given = toAddOptions(options)
    const audience = this.#audiences.get(type) ?? this.#audience(type)
    this.#audiences.set(type, audience)
    audience.add(listener ?? null, given)
  }

  remove(type: string, listener: Callback | undefined, options: unknown): void {
    const { capture = false } = toAddOptions(options)
    const audience = this.#audiences.get(type)
    if (audience === undefined) this.#target.remove(type, listener ?? null, { capture })
    else audience.remove(listener ?? null, { capture })
  }

  #audience(type: string): Audience {
    return new Audience(
      {
        register: (ear, options) => this.#target.add(type, ear, options),
        unregister: (ear, options) => this.#target.remove(type, ear, options),
        ...(type === 'message' && { changed: (anybody: boolean) => this.#listen(anybody) }),
      },
      () => this.#followSignals(),
    )
  }

  /** A socket that is over is not held by the signals of its listeners; it may come back. */
  #followSignals(): SignalRegistrations {
    if (this.#signals !== undefined) return this.#signals
    const signals = (this.#signals = new SignalRegistrations())
    this.connection.subscribe(({ state }) => (state === 'ended' ? signals.rest() : signals.resume()))
    return signals
  }

  dispatch(event: Event): boolean {
    return this.#target.dispatch(event)
  }

  /** Whether it keeps itself connected. */
  get goesOn(): boolean {
    return !['idle', 'closing', 'ended'].includes(this.connection.state)
  }

  send(message: Data): void {
    const { state, readyState } = this.connection
    if (readyState !== 1 && !this.#behaviour.queue) {
      if (readyState === 0) throw domException(explain('WebSocket', 'connecting', []), 'InvalidStateError')
      this.leftovers.discard(message)
    } else if (state === 'closing' || state === 'ended') this.leftovers.discard(message)
    else {
      // A listener may send before `reconnect`, in which it was told, has returned.
      this.#resend()
      this.#pass(message)
    }
  }

  close(farewell: [code?: number, reason?: string]): void {
    const { connection } = this
    // Where no socket is open none will be: what waits is its sender's again at once, whoever asks for it next.
    if (connection.readyState !== 1) for (const data of connection.withdraw()) this.leftovers.keep(data)
    void connection.close(...farewell)
    this.#tellSoon()
  }

  reconnect(farewell: [code?: number, reason?: string]): void {
    const { connection } = this
    if (connection.state === 'connecting' || connection.state === 'open') void connection.close(...farewell)
    this.leftovers.forgetDiscarded()
    connection.open()
    this.#resend()
  }

  /** Once there is a next life, and no listener has ended it: what was left of the one before comes first. */
  #resend(): void {
    if (!this.goesOn) return
    for (const data of this.leftovers.take()) this.#pass(data)
  }

  #pass(message: Data): void {
    try {
      this.connection.send(message)
    } catch (error) {
      // The socket will not have it. `send` of the standard does not throw for that.
      soon(() => this.#target.dispatch(errorEvent(this.#dom, error as ConnectionError)))
    }
  }

  /** One event for all that are refused in one go. Those that its own listeners send are counted in the next. */
  #refuse(): void {
    this.#refused++
    this.#tellSoon()
  }

  #tellSoon(): void {
    if (this.#isTelling || this.#refused === 0) return
    this.#isTelling = true
    soon(() => {
      this.#tellRefused()
      this.#isTelling = false
    })
  }

  #tellRefused(): void {
    const refused = this.#refused
    this.#refused = 0
    if (refused === 0) return
    const { maxEnqueuedMessages } = this.#behaviour
    this.#target.dispatch(lateErrorEvent(this.#dom, () => overflow(refused, maxEnqueuedMessages)))
  }

  #listen(anybody: boolean): void {
    this.#deaf?.()
    this.#deaf = anybody ? this.connection.on('message', this.#whenMessage) : undefined
  }

  readonly #whenMessage = (data: Frame): void => {
    // The standard delivers nothing once closing has begun.
    if (this.connection.readyState === 1) this.#target.dispatch(this.#messageEvent(data, this.#origin))
  }

  #whenOpen({ url, protocol, extensions }: OpenEvent): void {
    this.protocol = protocol
    this.extensions = extensions
    this.#origin = originOf(url)
    this.#tellRefused()
    this.#opened = true
    this.#neverOpen = false
    this.#target.dispatch(new this.#dom.Event('open'))
  }

  get #outlook(): Outlook {
    const { status } = this.connection
    const { willRetry: willReconnect } = status
    return { willReconnect, retryDelay: 'delay' in status ? status.delay : willReconnect ? 0 : undefined }
  }

  #whenClosed({ error, ...close }: CloseEvent): void {
    // A link that fell silent has not failed, as the standard has it; other people's clients take an error for a reason to stop.
    const quiet: (string | undefined)[] = [undefined, 'ERR_HEARTBEAT_TIMEOUT', 'ERR_IDLE_CUT']
    const failed = !this.#opened || !quiet.includes(error?.code)
    this.#opened = false
    this.#tellRefused()
    const { calls } = this.#target
    if (failed) this.#target.dispatch(errorEvent(this.#dom, error))
    const told: { final?: Outlook } = {}
    this.#target.dispatch(closeEvent(this.#dom, close, () => told.final ?? this.#outlook))
    told.final = this.#outlook
    const isRefused = this.connection.status.why === 'refused' && !told.final.willReconnect
    // As every browser prints it. Without a word, a program that cannot work would simply end.
    if (isRefused && this.#neverOpen && this.#target.calls === calls && error !== undefined) {
      this.#neverOpen = false
      print(error)
    }
  }

  #whenDropped({ data, reason }: DroppedEvent<Frame, Data>): void {
    if (reason === 'ended') {
      // A listener that was told before may have opened anew.
      if (this.connection.status.willRetry) this.#pass(data)
      else this.leftovers.keep(data)
    } else if (reason === 'overflow') this.#refuse()
    else this.#target.dispatch(errorEvent(this.#dom, new Error(explain('WebSocket', 'dropped', [reason]))))
  }
}

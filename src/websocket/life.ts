import type { CoreCloseEvent, OpenEvent } from '../core/connected.js'
import type { ConnectionError, SendData } from '../index.js'
import { SignalRegistrations } from '../core/abort-signals.js'
import { print } from '../core/complain.js'
import { explain, makeError } from '../core/errors.js'
import { soon } from '../core/guards.js'
import { dispatchAppEvent } from './app-events.js'
import type { SocketConnection } from './connect.js'
import { domException, type Dom } from './dom.js'
import type { ReconnectingCloseEvent } from './events.js'
import { ListenerRegistry, type TypeListeners } from './listener-registry.js'
import type { Behaviour } from './options.js'
import type { Circumstances } from './socket-events.js'
import { Unsent } from './unsent.js'
import { originOf } from './webidl.js'

/** What a close event says beyond the standard. */
type Outlook = Pick<ReconnectingCloseEvent, 'willReconnect' | 'retryDelay'>

/** What a `ReconnectingWebSocket` does, behind the interface of the standard: who listens, what is told, what is left unsent. */
export class Life {
  readonly connection: SocketConnection
  readonly unsent = new Unsent()
  readonly listeners: ListenerRegistry
  protocol = ''
  extensions = ''
  /** As long as a provider has not given one: what the constructor was given. */
  readonly #firstUrl: string
  readonly #dom: Dom
  readonly #behaviour: Behaviour
  readonly #messages: TypeListeners
  readonly #face: object
  /** Of the present or last link. */
  #origin = ''
  #circumstances: Circumstances | undefined
  /** Few listeners have a signal. */
  #signals: SignalRegistrations | undefined
  #deaf: (() => void) | undefined
  /** Whether the present or last attempt has come to an `open` event. */
  #opened = false
  /** It was never open, and nothing was printed of that. */
  #neverOpen = true
  /** Messages beyond `maxEnqueuedMessages` that no event has told of. */
  #refused = 0
  #isTelling = false

  /** `face`: what its events are dispatched on, as the app sees it. */
  constructor(face: object, dom: Dom, connection: SocketConnection, firstUrl: string, behaviour: Behaviour) {
    this.connection = connection
    this.#firstUrl = firstUrl
    this.#dom = dom
    this.#behaviour = behaviour
    this.#face = face
    this.listeners = new ListenerRegistry(face, () => this.#followSignals())
    this.#messages = this.listeners.of('message')
    this.#messages.changed = (anybody) => {
      this.#deaf?.()
      this.#deaf = anybody ? connection.on('message', this.#whenMessage) : undefined
    }
    connection.on('open', (event) => this.#whenOpen(event))
    connection.on('close', (event) => this.#whenClosed(event))
    connection.on('dropped', (event) => this.#whenDropped(event))
  }

  get url(): string {
    return this.connection.url || this.#firstUrl
  }

  /** A socket that is over is not held by the signals of its listeners; it may come back. */
  #followSignals(): SignalRegistrations {
    if (this.#signals !== undefined) return this.#signals
    const signals = (this.#signals = new SignalRegistrations())
    this.connection.subscribe(({ state }) => (state === 'ended' ? signals.rest() : signals.resume()))
    return signals
  }

  /** An event of the app. */
  dispatch(event: Event): boolean {
    return dispatchAppEvent(event, this.#face, this.#dom, (heard) => this.listeners.of(heard.type).call(heard))
  }

  /** The same for all that comes in one read: to look at the clock costs more than all the rest of an event. */
  #now(): Circumstances {
    if (this.#circumstances !== undefined) return this.#circumstances
    // What the platform takes for the time.
    const { timeStamp: time } = new this.#dom.Event('')
    soon(() => (this.#circumstances = undefined))
    return (this.#circumstances = { target: this.#face, origin: this.#origin, time, current: undefined })
  }

  #tell(type: 'open' | 'error' | 'close', said: object = {}): void {
    const now = this.#now()
    this.listeners.of(type).dispatch(this.#dom.events[type](now, said), now)
  }

  #tellError(error: Error | undefined): void {
    this.#tell('error', { error, message: error?.message ?? explain('WebSocket', 'never-open', []) })
  }

  /** Whether it keeps itself connected. */
  get goesOn(): boolean {
    return !['idle', 'closing', 'ended'].includes(this.connection.state)
  }

  send(message: SendData): void {
    const { state, readyState } = this.connection
    if (readyState !== 1 && !this.#behaviour.queue) {
      if (readyState === 0) throw domException('InvalidStateError', explain('WebSocket', 'connecting', []))
      this.unsent.discard(message)
    } else if (state === 'closing' || state === 'ended') this.unsent.discard(message)
    else {
      // A listener may send before `reconnect`, in which it was told, has returned.
      this.#resend()
      this.#pass(message)
    }
  }

  close(closeArguments: [code?: number, reason?: string]): void {
    const { connection } = this
    // Where no socket is open none will be: what waits is its sender's again at once, whoever asks for it next.
    if (connection.readyState !== 1) for (const data of connection.withdraw()) this.unsent.keep(data)
    void connection.close(...closeArguments)
    this.#tellSoon()
  }

  reconnect(closeArguments: [code?: number, reason?: string]): void {
    const { connection } = this
    if (connection.state === 'connecting' || connection.state === 'open') void connection.close(...closeArguments)
    this.unsent.forgetDiscarded()
    connection.open()
    this.#resend()
  }

  /** Once there is a next life, and no listener has ended it: what was left of the one before comes first. */
  #resend(): void {
    if (!this.goesOn) return
    for (const data of this.unsent.take()) this.#pass(data)
  }

  #pass(message: SendData): void {
    try {
      this.connection.send(message)
    } catch (error) {
      // The socket will not have it. `send` of the standard does not throw for that.
      soon(() => this.#tellError(error as ConnectionError))
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
    let made: ConnectionError | undefined
    // Made when somebody looks.
    const error = (): ConnectionError =>
      (made ??= makeError('ERR_QUEUE_FULL', 'not-kept', [refused, maxEnqueuedMessages]))
    this.#tell('error', {
      get error() {
        return error()
      },
      get message() {
        return error().message
      },
    })
  }

  readonly #whenMessage = (data: string | ArrayBuffer | Blob): void => {
    // The standard delivers nothing once closing has begun.
    if (this.connection.readyState !== 1) return
    const now = this.#now()
    this.#messages.dispatch(this.#dom.events.message(now, data), now)
  }

  #whenOpen({ url, protocol, extensions }: OpenEvent): void {
    this.protocol = protocol
    this.extensions = extensions
    this.#origin = originOf(url)
    this.#circumstances = undefined
    this.#tellRefused()
    this.#opened = true
    this.#neverOpen = false
    this.#tell('open')
  }

  get #outlook(): Outlook {
    const { status } = this.connection
    const { willRetry: willReconnect } = status
    return { willReconnect, retryDelay: 'delay' in status ? status.delay : willReconnect ? 0 : undefined }
  }

  #whenClosed({ error, code, reason, wasClean }: CoreCloseEvent): void {
    // A link that fell silent has not failed, as the standard has it; other people's clients take an error for a reason to stop.
    const quiet: (string | undefined)[] = [undefined, 'ERR_HEARTBEAT_TIMEOUT', 'ERR_IDLE_CUT']
    const failed = !this.#opened || !quiet.includes(error?.code)
    this.#opened = false
    this.#tellRefused()
    const isHeard = this.listeners.of('error').size + this.listeners.of('close').size > 0
    if (failed) this.#tellError(error)
    // Asked whenever it is read, because a listener may change it for the ones after it.
    const told: { final?: Outlook } = {}
    const outlook = (): Outlook => told.final ?? this.#outlook
    this.#tell('close', {
      code,
      reason,
      wasClean,
      get willReconnect() {
        return outlook().willReconnect
      },
      get retryDelay() {
        return outlook().retryDelay
      },
    })
    told.final = this.#outlook
    const isRefused = this.connection.status.why === 'refused' && !told.final.willReconnect
    // As every browser prints it. Without a word, a program that cannot work would simply end.
    if (isRefused && this.#neverOpen && !isHeard && error !== undefined) {
      this.#neverOpen = false
      print(error)
    }
  }

  #whenDropped({ data, reason }: { readonly data: SendData; readonly reason: string }): void {
    if (reason === 'ended') {
      // A listener that was told before may have opened anew.
      if (this.connection.status.willRetry) this.#pass(data)
      else this.unsent.keep(data)
    } else if (reason === 'overflow') this.#refuse()
    else this.#tellError(new Error(explain('WebSocket', 'dropped', [reason])))
  }
}

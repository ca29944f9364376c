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
import type { EventContext } from './socket-events.js'
import { Unsent } from './queue.js'
import { originOf } from './webidl.js'

/** The fields that a close event has beyond the standard. */
type Outlook = Pick<ReconnectingCloseEvent, 'willReconnect' | 'retryDelay'>

/**
 * The implementation behind `ReconnectingWebSocket`: maps connection events to DOM events, and keeps unsent messages.
 */
export class SocketImplementation {
  readonly connection: SocketConnection
  readonly unsent = new Unsent()
  readonly listeners: ListenerRegistry
  protocol = ''
  extensions = ''
  /** The constructor's URL, reported until a provider has returned one. */
  readonly #firstUrl: string
  readonly #dom: Dom
  readonly #behaviour: Behaviour
  readonly #messages: TypeListeners
  readonly #face: object
  /** Origin of the current or last link. */
  #origin = ''
  #context: EventContext | undefined
  /** Created lazily; few listeners have a signal. */
  #signals: SignalRegistrations | undefined
  #unsubscribe: (() => void) | undefined
  /** Whether the current or last attempt fired `open`. */
  #opened = false
  /** True until the socket has opened once or its failure was printed. */
  #neverOpen = true
  /** Messages beyond `maxEnqueuedMessages` that were not reported yet. */
  #refused = 0
  #isFirePending = false

  /** `face`: the public object, used as the events' target. */
  constructor(face: object, dom: Dom, connection: SocketConnection, firstUrl: string, behaviour: Behaviour) {
    this.connection = connection
    this.#firstUrl = firstUrl
    this.#dom = dom
    this.#behaviour = behaviour
    this.#face = face
    this.listeners = new ListenerRegistry(face, () => this.#followSignals())
    this.#messages = this.listeners.of('message')
    this.#messages.changed = (hasListeners) => {
      this.#unsubscribe?.()
      this.#unsubscribe = hasListeners ? connection.on('message', this.#onMessage) : undefined
    }
    connection.on('open', (event) => this.#onOpen(event))
    connection.on('close', (event) => this.#onClosed(event))
    connection.on('dropped', (event) => this.#onDropped(event))
  }

  get url(): string {
    return this.connection.url || this.#firstUrl
  }

  /** Signals do not keep an ended socket in memory; it may be reopened. */
  #followSignals(): SignalRegistrations {
    if (this.#signals !== undefined) return this.#signals
    const signals = (this.#signals = new SignalRegistrations())
    this.connection.subscribe(({ state }) => (state === 'ended' ? signals.rest() : signals.resume()))
    return signals
  }

  /** Dispatches an event created by the app. */
  dispatch(event: Event): boolean {
    return dispatchAppEvent(event, this.#face, this.#dom, (received) => this.listeners.of(received.type).call(received))
  }

  /** The event context, shared by all events of one read: reading the clock costs more than the rest of an event. */
  #now(): EventContext {
    if (this.#context !== undefined) return this.#context
    // The platform's own time origin.
    const { timeStamp: time } = new this.#dom.Event('')
    soon(() => (this.#context = undefined))
    return (this.#context = { target: this.#face, origin: this.#origin, time, current: undefined })
  }

  #fire(type: 'open' | 'error' | 'close', fields: object = {}): void {
    const now = this.#now()
    this.listeners.of(type).dispatch(this.#dom.events[type](now, fields), now)
  }

  #fireError(error: Error | undefined): void {
    this.#fire('error', { error, message: error?.message ?? explain('WebSocket', 'never-open', []) })
  }

  /** Whether the socket is started and neither closed nor given up. */
  get shouldReconnect(): boolean {
    return !['idle', 'closing', 'ended'].includes(this.connection.state)
  }

  send(message: SendData): void {
    const { state, readyState } = this.connection
    if (readyState !== 1 && !this.#behaviour.queue) {
      if (readyState === 0) throw domException('InvalidStateError', explain('WebSocket', 'connecting', []))
      this.unsent.discard(message)
    } else if (state === 'closing' || state === 'ended') this.unsent.discard(message)
    else {
      // A listener may send inside `reconnect`, before the old messages were queued.
      this.#resend()
      this.#enqueue(message)
    }
  }

  close(closeArguments: [code?: number, reason?: string]): void {
    const { connection } = this
    // No socket will open, so queued messages become available to `drainQueuedMessages` right away.
    if (connection.readyState !== 1) for (const data of connection.withdraw()) this.unsent.keep(data)
    void connection.close(...closeArguments)
    this.#fireRefusedSoon()
  }

  reconnect(closeArguments: [code?: number, reason?: string]): void {
    const { connection } = this
    if (connection.state === 'connecting' || connection.state === 'open') void connection.close(...closeArguments)
    this.unsent.forgetDiscarded()
    connection.open()
    this.#resend()
  }

  /** Queues the unsent messages first, unless a listener has closed the socket. */
  #resend(): void {
    if (!this.shouldReconnect) return
    for (const data of this.unsent.take()) this.#enqueue(data)
  }

  #enqueue(message: SendData): void {
    try {
      this.connection.send(message)
    } catch (error) {
      // The standard `send` does not throw here.
      soon(() => this.#fireError(error as ConnectionError))
    }
  }

  /**
   * Reports all messages refused in one task with one event. Messages sent by its listeners count for the next event.
   */
  #refuse(): void {
    this.#refused++
    this.#fireRefusedSoon()
  }

  #fireRefusedSoon(): void {
    if (this.#isFirePending || this.#refused === 0) return
    this.#isFirePending = true
    soon(() => {
      this.#fireRefused()
      this.#isFirePending = false
    })
  }

  #fireRefused(): void {
    const refused = this.#refused
    this.#refused = 0
    if (refused === 0) return
    const { maxEnqueuedMessages } = this.#behaviour
    let made: ConnectionError | undefined
    // Created lazily.
    const error = (): ConnectionError =>
      (made ??= makeError('ERR_QUEUE_FULL', 'not-kept', [refused, maxEnqueuedMessages]))
    this.#fire('error', {
      get error() {
        return error()
      },
      get message() {
        return error().message
      },
    })
  }

  readonly #onMessage = (data: string | ArrayBuffer | Blob): void => {
    // The standard delivers no message in CLOSING.
    if (this.connection.readyState !== 1) return
    const now = this.#now()
    this.#messages.dispatch(this.#dom.events.message(now, data), now)
  }

  #onOpen({ url, protocol, extensions }: OpenEvent): void {
    this.protocol = protocol
    this.extensions = extensions
    this.#origin = originOf(url)
    this.#context = undefined
    this.#fireRefused()
    this.#opened = true
    this.#neverOpen = false
    this.#fire('open')
  }

  get #outlook(): Outlook {
    const { status } = this.connection
    const { willRetry: willReconnect } = status
    return { willReconnect, retryDelay: 'delay' in status ? status.delay : willReconnect ? 0 : undefined }
  }

  #onClosed({ error, code, reason, wasClean }: CoreCloseEvent): void {
    // The standard has no `error` for a silent link, and other clients stop on `error`.
    const silentCauses: (string | undefined)[] = [undefined, 'ERR_HEARTBEAT_TIMEOUT', 'ERR_IDLE_CUT']
    const failed = !this.#opened || !silentCauses.includes(error?.code)
    this.#opened = false
    this.#fireRefused()
    const hasListener = this.listeners.of('error').size + this.listeners.of('close').size > 0
    if (failed) this.#fireError(error)
    // Evaluated on each read, because a listener may change it for later ones.
    const settled: { final?: Outlook } = {}
    const outlook = (): Outlook => settled.final ?? this.#outlook
    this.#fire('close', {
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
    settled.final = this.#outlook
    const isRefused = this.connection.status.why === 'refused' && !settled.final.willReconnect
    // Browsers log a failed connection. Otherwise a program that cannot connect would exit silently.
    if (isRefused && this.#neverOpen && !hasListener && error !== undefined) {
      this.#neverOpen = false
      print(error)
    }
  }

  #onDropped({ data, reason }: { readonly data: SendData; readonly reason: string }): void {
    if (reason === 'ended') {
      // An earlier listener may have reopened the socket.
      if (this.connection.status.willRetry) this.#enqueue(data)
      else this.unsent.keep(data)
    } else if (reason === 'overflow') this.#refuse()
    else this.#fireError(new Error(explain('WebSocket', 'dropped', [reason])))
  }
}

import type { CloseInfo, Frame } from '../index.js'

/** The standard's `CloseEvent`, which also says what happens next. */
export interface ReconnectingCloseEvent extends Event {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
  /**
   * Whether another attempt follows. While the event is dispatched this is the present state: it changes if a listener calls
   * `close()` or `reconnect()`. After the dispatch it is final.
   */
  readonly willReconnect: boolean
  /** Until then, in milliseconds; `undefined` if none follows. Up to date as `willReconnect` is. */
  readonly retryDelay: number | undefined
}

/** The standard's plain `error` event, which also says what is known. */
export interface ReconnectingErrorEvent extends Event {
  /** A `ConnectionError`, where the cause is known. */
  readonly error: Error | undefined
  readonly message: string
}

const noPorts: readonly never[] = Object.freeze([])

/**
 * A `MessageEvent` that is cheap to make: the constructor of the platform's converts a dictionary first, which costs some
 * runtimes more than all the rest of a message.
 */
class LightMessageEvent extends Event {
  readonly #data: Frame
  readonly #origin: string

  constructor(data: Frame, origin: string) {
    super('message')
    this.#data = data
    this.#origin = origin
  }

  get data(): Frame {
    return this.#data
  }

  get origin(): string {
    return this.#origin
  }

  get lastEventId(): string {
    return ''
  }

  get source(): null {
    return null
  }

  get ports(): readonly never[] {
    return noPorts
  }

  static {
    // To whoever asks, by `instanceof` or `constructor`, it is the platform's.
    Reflect.deleteProperty(this.prototype, 'constructor')
    if (typeof MessageEvent === 'function') Object.setPrototypeOf(this.prototype, MessageEvent.prototype as object)
  }
}

export function messageEvent(data: Frame, origin: string): Event {
  return new LightMessageEvent(data, origin)
}

/** What a close event says beyond the standard. */
export type Outlook = Pick<ReconnectingCloseEvent, 'willReconnect' | 'retryDelay'>

/** `outlook`: asked whenever it is read, because a listener may change it for the ones after it. */
export function closeEvent({ code, reason, wasClean }: CloseInfo, outlook: () => Outlook): ReconnectingCloseEvent {
  const init = { code, reason, wasClean }
  // Node has none before 23.
  const Standard = (globalThis as { CloseEvent?: new (type: string, init: CloseInfo) => Event }).CloseEvent
  const event = Standard === undefined ? saying(new Event('close'), init) : new Standard('close', init)
  for (const name of ['willReconnect', 'retryDelay'] as const) {
    Object.defineProperty(event, name, { get: () => outlook()[name], enumerable: true })
  }
  return event as ReconnectingCloseEvent
}

export function errorEvent(error: Error | undefined): ReconnectingErrorEvent {
  return saying(new Event('error'), {
    error,
    message: error?.message ?? 'the WebSocket was closed before it was open',
  }) as ReconnectingErrorEvent
}

/** Read-only, as what an event says is. */
function saying(event: Event, fields: object): Event {
  for (const [name, value] of Object.entries(fields)) Object.defineProperty(event, name, { value, enumerable: true })
  return event
}

export interface ReconnectingWebSocketEventMap {
  open: Event
  message: MessageEvent
  error: ReconnectingErrorEvent
  close: ReconnectingCloseEvent
}

/** Written as a method, so that a handler of the standard's own events fits. */
export type Handler<E> = { handle(event: E): unknown }['handle'] | null

/** As it is read: whoever takes the socket for one of the platform may take its handlers for theirs. */
// oxlint-disable-next-line typescript/no-explicit-any -- the one type that is read as a handler of any event
export type AnyHandler = ((event: any) => any) | null

/** What `addEventListener` takes for one type of event. */
export type Listener<E> = Handler<E> | { handleEvent(event: E): unknown }

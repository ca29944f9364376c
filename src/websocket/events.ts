import type { CloseInfo, Frame } from '../index.js'
import type { Dom } from './dom.js'
import { presented } from './target.js'

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

/** What a message event was made with. */
interface Said {
  readonly data: Frame
  readonly origin: string
}
const said = Symbol('said')
type MessageEventLike = Event & { [said]: Said }

/** Makes `message` events for a socket. */
export type MakeMessageEvent = (data: Frame, origin: string) => Event

const makers = new WeakMap<Dom, MakeMessageEvent>()

/** The same for all sockets of one realm. */
export function messageEvents(dom: Dom): MakeMessageEvent {
  let make = makers.get(dom)
  if (make === undefined) makers.set(dom, (make = maker(dom)))
  return make
}

/**
 * Makes `MessageEvent`s cheaply: the constructor of the platform's converts a dictionary first, which costs some runtimes
 * more than the rest of a message.
 */
function maker({ Event, MessageEvent }: Dom): MakeMessageEvent {
  const standard = (MessageEvent ?? Event).prototype as object
  const getter = (get: (this: MessageEventLike) => unknown): PropertyDescriptor => ({ configurable: true, get })
  // A class, because V8 makes a new shape for each object whose `new.target` is a plain function.
  class LightMessageEvent extends Event {}
  const { prototype } = LightMessageEvent
  // `instanceof` and `constructor` are to say `MessageEvent`.
  Reflect.deleteProperty(prototype, 'constructor')
  Object.setPrototypeOf(prototype, standard)
  Object.defineProperties(prototype, {
    ...presented(standard),
    data: getter(function () {
      return this[said].data
    }),
    origin: getter(function () {
      return this[said].origin
    }),
    lastEventId: getter(() => ''),
    source: getter(() => null),
    ports: getter(() => noPorts),
  })
  const type = ['message']
  return (data, origin) => {
    // Not by `new`: where compilers make functions of classes, that reads `prototype.constructor`.
    const event = Reflect.construct(Event, type, LightMessageEvent) as MessageEventLike
    event[said] = { data, origin }
    return event
  }
}

/** What a close event says beyond the standard. */
export type Outlook = Pick<ReconnectingCloseEvent, 'willReconnect' | 'retryDelay'>

/** `outlook`: asked whenever it is read, because a listener may change it for the ones after it. */
export function closeEvent(
  { Event, CloseEvent }: Dom,
  { code, reason, wasClean }: CloseInfo,
  outlook: () => Outlook,
): ReconnectingCloseEvent {
  const init = { code, reason, wasClean }
  const event = CloseEvent === undefined ? saying(new Event('close'), init) : new CloseEvent('close', init)
  for (const name of ['willReconnect', 'retryDelay'] as const) {
    Object.defineProperty(event, name, { get: () => outlook()[name], enumerable: true })
  }
  return event as ReconnectingCloseEvent
}

export function errorEvent({ Event }: Dom, error: Error | undefined): ReconnectingErrorEvent {
  return saying(new Event('error'), {
    error,
    message: error?.message ?? 'the WebSocket was closed before it was open',
  }) as ReconnectingErrorEvent
}

/** The same, of an error that is made when somebody looks. */
export function lateErrorEvent({ Event }: Dom, make: () => Error): ReconnectingErrorEvent {
  let made: Error | undefined
  const error = (): Error => (made ??= make())
  return Object.defineProperties(new Event('error'), {
    error: { get: error, enumerable: true },
    message: { get: () => error().message, enumerable: true },
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

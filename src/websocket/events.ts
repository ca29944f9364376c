/** The standard `CloseEvent`, with what happens next. */
export interface ReconnectingCloseEvent extends Event {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
  /**
   * Whether the socket will reconnect. During dispatch it reflects the current state: it changes if a listener calls
   * `close()` or `reconnect()`. After the dispatch it is final.
   */
  readonly willReconnect: boolean
  /**
   * The delay before the next attempt, in milliseconds; `undefined` if there is none. As current as `willReconnect`.
   */
  readonly retryDelay: number | undefined
}

/** The standard `error` event, with the cause. */
export interface ReconnectingErrorEvent extends Event {
  /** The `ConnectionError`, if the cause is known. */
  readonly error: Error | undefined
  /** The message of `error`, or a general one. */
  readonly message: string
}

/** The events of a `ReconnectingWebSocket`, by type. */
export interface ReconnectingWebSocketEventMap {
  open: Event
  message: MessageEvent
  error: ReconnectingErrorEvent
  close: ReconnectingCloseEvent
}

/** Declared as a method, so that handlers of the standard events are assignable. */
export type Handler<E> = { handle(event: E): unknown }['handle'] | null

/**
 * The type of a handler when read: code that uses the socket as a platform `WebSocket` may expect a platform handler.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- the one type that is read as a handler of any event
export type AnyHandler = ((event: any) => any) | null

/** A listener for one type of event. */
export type Listener<E> = Handler<E> | { handleEvent(event: E): unknown }

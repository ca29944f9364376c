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

import { makeError } from '../core/errors.js'
import { makeEvents, type MakeEvents } from './socket-events.js'

/**
 * The platform's event classes. Node has no `CloseEvent` before 23; React Native has neither `MessageEvent` nor
 * `CloseEvent`.
 */
export interface DomClasses {
  readonly Event: typeof Event
  readonly EventTarget: typeof EventTarget
  readonly MessageEvent?: typeof Event | undefined
  readonly CloseEvent?: typeof Event | undefined
}

/** The event classes of one realm, and the factory that uses them. */
export interface Dom {
  readonly Event: typeof Event
  readonly EventTarget: typeof EventTarget
  readonly events: MakeEvents
}

let latest: (Dom & { readonly classes: readonly unknown[] }) | undefined

/**
 * Returns the current global event classes. Looked up for each socket, because a polyfill or a test environment may
 * install its own at any time.
 */
export function currentDom(): Dom {
  const { Event, EventTarget, MessageEvent, CloseEvent } = globalThis as unknown as Partial<DomClasses>
  if (Event === undefined || EventTarget === undefined) {
    throw makeError('ERR_MISSING_PEER', 'no-event', [Event === undefined ? 'Event' : 'EventTarget'])
  }
  const classes = [Event, EventTarget, MessageEvent, CloseEvent]
  if (latest === undefined || classes.some((each, index) => each !== latest!.classes[index])) {
    // A class left over from another realm does not derive from this realm's `Event`.
    const ofRealm = (each: typeof Event | undefined): typeof Event => (each?.prototype instanceof Event ? each : Event)
    latest = { Event, EventTarget, events: makeEvents(Event, ofRealm(MessageEvent), ofRealm(CloseEvent)), classes }
  }
  return latest
}

/** Creates a `DOMException`, or an error with the same name if the platform has none. */
export function domException(name: string, message: string): Error {
  const { DOMException } = globalThis as { DOMException?: new (message: string, name: string) => Error }
  return DOMException === undefined ? Object.assign(new Error(message), { name }) : new DOMException(message, name)
}

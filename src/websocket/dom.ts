import { makeError } from '../core/errors.js'
import { makeEvents, type MakeEvents } from './socket-events.js'

/** The platform's event classes. Node has no CloseEvent before 23, React Native has neither of the last two. */
export interface DomClasses {
  readonly Event: typeof Event
  readonly EventTarget: typeof EventTarget
  readonly MessageEvent?: typeof Event | undefined
  readonly CloseEvent?: typeof Event | undefined
}

/** The classes of one realm, and what makes events of them. */
export interface Dom {
  readonly Event: typeof Event
  readonly EventTarget: typeof EventTarget
  readonly events: MakeEvents
}

let latest: (Dom & { readonly classes: readonly unknown[] }) | undefined

/**
 * The event classes that are global now. Looked up for each socket: a polyfill or a test environment may install its own
 * at any time.
 */
export function currentDom(): Dom {
  const { Event, EventTarget, MessageEvent, CloseEvent } = globalThis as unknown as Partial<DomClasses>
  if (Event === undefined || EventTarget === undefined) {
    throw makeError('ERR_MISSING_PEER', 'no-event', [Event === undefined ? 'Event' : 'EventTarget'])
  }
  const classes = [Event, EventTarget, MessageEvent, CloseEvent]
  if (latest === undefined || classes.some((each, index) => each !== latest!.classes[index])) {
    // One that was left by another realm makes no events of this one.
    const ofRealm = (each: typeof Event | undefined): typeof Event => (each?.prototype instanceof Event ? each : Event)
    latest = { Event, EventTarget, events: makeEvents(Event, ofRealm(MessageEvent), ofRealm(CloseEvent)), classes }
  }
  return latest
}

/** The standard's exception, or where the platform has no `DOMException`, an error of the same name. */
export function domException(name: string, message: string): Error {
  const { DOMException } = globalThis as { DOMException?: new (message: string, name: string) => Error }
  return DOMException === undefined ? Object.assign(new Error(message), { name }) : new DOMException(message, name)
}

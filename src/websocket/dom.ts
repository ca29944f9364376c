import { makeError } from '../errors.js'

/** The platform's event classes. Node has no CloseEvent before 23, React Native has neither of the last two. */
export interface Dom {
  readonly Event: typeof Event
  readonly EventTarget: typeof EventTarget
  readonly MessageEvent: typeof MessageEvent | undefined
  /** Asked for by name, because the types of Node 20 do not have it. */
  readonly CloseEvent: (typeof globalThis extends { CloseEvent: infer C } ? C : unknown) | undefined
}

let latest: Dom | undefined

/**
 * The event classes that are global now. Looked up for each socket: a polyfill or a test environment may install its own
 * at any time, and an `EventTarget` takes only events of its own realm.
 */
export function currentDom(): Dom {
  const { Event, EventTarget, MessageEvent, CloseEvent } = globalThis as Partial<Dom>
  if (Event === undefined || EventTarget === undefined) {
    throw makeError('ERR_MISSING_PEER', 'no-event', [Event === undefined ? 'Event' : 'EventTarget'])
  }
  // One that was left by another realm makes events that this one's targets refuse.
  const dom: Dom = {
    Event,
    EventTarget,
    MessageEvent: MessageEvent?.prototype instanceof Event ? MessageEvent : undefined,
    CloseEvent: CloseEvent?.prototype instanceof Event ? CloseEvent : undefined,
  }
  const known = latest
  if (known === undefined || names.some((name) => known[name] !== dom[name])) return (latest = dom)
  return known
}

const names = ['Event', 'EventTarget', 'MessageEvent', 'CloseEvent'] as const

/** The standard's exception, or where the platform has no `DOMException`, an error of the same name. */
export function domException(message: string, name: string): Error {
  const { DOMException } = globalThis as { DOMException?: new (message: string, name: string) => Error }
  return DOMException === undefined ? Object.assign(new Error(message), { name }) : new DOMException(message, name)
}

import type { Dom } from './dom.js'
import { stopped, type Dispatched } from './socket-events.js'

/** Maps each platform target to the public object that it stands in for. */
const faces = new WeakMap<object, object>()

/** Replaces the platform's target by the public object. */
function faceOf(target: unknown): unknown {
  return faces.get(target as object) ?? target
}

/** Overrides an event's targets with the public object, and records whether the event was stopped. */
function overrideTargets(event: Dispatched, face: object): void {
  if (stopped in event) return
  const proto = Object.getPrototypeOf(event) as Event
  const define = (name: string | symbol, descriptor: PropertyDescriptor): unknown =>
    Object.defineProperty(event, name, { configurable: true, ...descriptor })
  // Some polyfills do not define these on the prototype.
  const isThere = 'target' in proto
  for (const name of ['target', 'currentTarget', 'srcElement']) {
    define(name, isThere ? { get: () => faceOf(Reflect.get(proto, name, event)) } : { value: face })
  }
  if (isThere) define('composedPath', { value: () => proto.composedPath.call(event).map(faceOf) })
  define(stopped, { value: 0, writable: true })
  const stops = { stopPropagation: 1, stopImmediatePropagation: 2 } as const
  for (const name of ['stopPropagation', 'stopImmediatePropagation'] as const) {
    const value = (): void => {
      // Before the assignment, because Node's `stopImmediatePropagation` calls `stopPropagation`.
      proto[name].call(event)
      event[stopped] = stops[name]
    }
    define(name, { value })
  }
}

/**
 * `dispatchEvent` for an event created by the app. It goes through an `EventTarget` of the platform, which rejects
 * non-events and events being dispatched, sets targets and phase, and returns whether the event was canceled.
 *
 * The socket cannot be that target itself: its class may be defined before the platform's, and outlives it if a test
 * environment replaces the globals.
 */
export function dispatchAppEvent(
  event: Dispatched,
  face: object,
  { EventTarget }: Dom,
  call: (event: Dispatched) => void,
): boolean {
  const platform = new EventTarget()
  faces.set(platform, face)
  platform.addEventListener(event.type, (received: Dispatched) => {
    // A polyfill may pass on a different event object.
    overrideTargets(received, face)
    call(received)
    received[stopped] = 0
  })
  overrideTargets(event, face)
  return platform.dispatchEvent(event)
}

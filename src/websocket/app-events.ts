import type { Dom } from './dom.js'
import { stopped, type Dispatched } from './socket-events.js'

/** The public object that each target of the platform stands in for. */
const faces = new WeakMap<object, object>()

/** What an event says of the platform's target, it says of the public object. */
function faceOf(target: unknown): unknown {
  return faces.get(target as object) ?? target
}

/** Lets an event of the platform present the public object, and tell that it was stopped. */
function present(event: Dispatched, face: object): void {
  if (stopped in event) return
  const proto = Object.getPrototypeOf(event) as Event
  const define = (name: string | symbol, descriptor: PropertyDescriptor): unknown =>
    Object.defineProperty(event, name, { configurable: true, ...descriptor })
  // Not every polyfill has these on its prototype.
  const isThere = 'target' in proto
  for (const name of ['target', 'currentTarget', 'srcElement']) {
    define(name, isThere ? { get: () => faceOf(Reflect.get(proto, name, event)) } : { value: face })
  }
  if (isThere) define('composedPath', { value: () => proto.composedPath.call(event).map(faceOf) })
  define(stopped, { value: 0, writable: true })
  const stops = { stopPropagation: 1, stopImmediatePropagation: 2 } as const
  for (const name of ['stopPropagation', 'stopImmediatePropagation'] as const) {
    const value = (): void => {
      // First: Node's way to stop all calls the other one.
      proto[name].call(event)
      event[stopped] = stops[name]
    }
    define(name, { value })
  }
}

/**
 * `dispatchEvent` for an event of the app. A target of the platform does what only the platform can: it refuses what is no event, or is
 * being dispatched, sets the event's targets and phase, and knows whether it was cancelled.
 *
 * The socket cannot be such a target itself: its class exists before the platform's may, and outlives it where a test environment
 * replaces the globals.
 */
export function dispatchAppEvent(
  event: Dispatched,
  face: object,
  { EventTarget }: Dom,
  call: (event: Dispatched) => void,
): boolean {
  const platform = new EventTarget()
  faces.set(platform, face)
  platform.addEventListener(event.type, (heard: Dispatched) => {
    // A polyfill may hand over another event than was dispatched.
    present(heard, face)
    call(heard)
    heard[stopped] = 0
  })
  present(event, face)
  return platform.dispatchEvent(event)
}

import type { WebSocketClass } from '../index.js'

// Not read before it is needed: to some runtimes, reading it is loading it.
const atFirst = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')
const ours = new WeakSet()

/** Tells the drop-in class from the classes that it may stand on. */
export function markAsOurs(prototype: object): void {
  ours.add(prototype)
}

/** The platform's class, where the global one is ours by now: standing on itself it would never come to a socket. */
export function beneath(): WebSocketClass | undefined {
  let { prototype } = ((globalThis as { WebSocket?: WebSocketClass }).WebSocket ?? {}) as { prototype?: object | null }
  while (typeof prototype === 'object' && prototype !== null) {
    if (ours.has(prototype)) return platformClass()
    prototype = Object.getPrototypeOf(prototype) as object | null
  }
  return undefined
}

function platformClass(): WebSocketClass | undefined {
  if (atFirst?.get === undefined) return atFirst?.value as WebSocketClass | undefined
  const now = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')!
  const found = atFirst.get.call(globalThis) as WebSocketClass | undefined
  // Node's getter loads the class, and puts it where ours is.
  Object.defineProperty(globalThis, 'WebSocket', now)
  return found
}

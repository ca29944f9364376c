import type { WebSocketClass } from '../index.js'

// Read lazily, because reading it loads the class in some runtimes.
const original = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')
const dropIns = new WeakSet()

/** Marks the prototype of the drop-in, so that it is not used as its own transport. */
export function markAsDropIn(prototype: object): void {
  dropIns.add(prototype)
}

/** Returns the platform's class if the drop-in has replaced the global one; otherwise `undefined`. */
export function platformWebSocket(): WebSocketClass | undefined {
  let { prototype } = ((globalThis as { WebSocket?: WebSocketClass }).WebSocket ?? {}) as { prototype?: object | null }
  while (typeof prototype === 'object' && prototype !== null) {
    if (dropIns.has(prototype)) return platformClass()
    prototype = Object.getPrototypeOf(prototype) as object | null
  }
  return undefined
}

function platformClass(): WebSocketClass | undefined {
  if (original?.get === undefined) return original?.value as WebSocketClass | undefined
  const now = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')!
  const found = original.get.call(globalThis) as WebSocketClass | undefined
  // Node's getter replaces the global; restore it.
  Object.defineProperty(globalThis, 'WebSocket', now)
  return found
}

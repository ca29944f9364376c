import type { Dom } from './dom.js'

/** Makes of a class what Web IDL makes of an interface. */
export function makeInterface(of: { readonly prototype: object }): void {
  const { prototype } = of
  for (const [name, value] of Object.entries({ CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 })) {
    for (const where of [of, prototype]) Object.defineProperty(where, name, { value, enumerable: true })
  }
  // Those of a class are not.
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (name !== 'constructor') Object.defineProperty(prototype, name, { enumerable: true })
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { value: 'WebSocket', configurable: true })
}

/** Makes a class inherit from the platform's `EventTarget`, if there is one, so that `instanceof` says so. Nothing is called through it. */
export function inheritFrom(
  of: { readonly prototype: object },
  { EventTarget }: Partial<Pick<Dom, 'EventTarget'>>,
): void {
  if (EventTarget === undefined || Object.getPrototypeOf(of) === EventTarget) return
  Object.setPrototypeOf(of, EventTarget)
  Object.setPrototypeOf(of.prototype, EventTarget.prototype)
}

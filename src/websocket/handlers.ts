import type { AnyHandler } from './events.js'

type Registrar = (type: string, listener: (event: Event) => unknown) => void

/** The event handler attributes `onopen` and so on, as HTML has them: a handler takes its turn where it was first set. */
export class Handlers {
  readonly #target: EventTarget
  readonly #add: Registrar
  readonly #remove: Registrar
  readonly #slots = new Map<string, { handler: unknown; readonly listener: (event: Event) => unknown }>()

  /** The target's own way to register: what a subclass makes of `addEventListener` is not the handlers' business. */
  constructor(target: EventTarget, add: Registrar, remove: Registrar) {
    this.#target = target
    this.#add = add
    this.#remove = remove
  }

  get(type: string): AnyHandler {
    return (this.#slots.get(type)?.handler ?? null) as AnyHandler
  }

  set(type: string, value: unknown): void {
    const slot = this.#slots.get(type)
    // An object that cannot be called is kept, and does nothing; whatever else is not a function is null.
    const handler = typeof value === 'function' || typeof value === 'object' ? value : null
    if (handler === null) {
      if (slot === undefined) return
      this.#slots.delete(type)
      this.#remove(type, slot.listener)
    } else if (slot === undefined) {
      const listener = (event: Event): unknown => {
        const current = this.#slots.get(type)?.handler
        if (typeof current !== 'function') return undefined
        const returned: unknown = current.call(this.#target, event)
        if (returned === false) event.preventDefault()
        // A promise that rejects is reported, as that of any listener.
        return returned
      }
      this.#slots.set(type, { handler, listener })
      this.#add(type, listener)
    } else slot.handler = handler
  }
}

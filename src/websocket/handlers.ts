type Handler = ((event: never) => unknown) | null

/** The event handler attributes `onopen` and so on, as HTML has them: a handler takes its turn where it was first set. */
export class Handlers {
  readonly #target: EventTarget
  readonly #slots = new Map<string, { handler: unknown; readonly listener: (event: Event) => void }>()

  constructor(target: EventTarget) {
    this.#target = target
  }

  get(type: string): Handler {
    return (this.#slots.get(type)?.handler ?? null) as Handler
  }

  set(type: string, value: unknown): void {
    const slot = this.#slots.get(type)
    // An object that cannot be called is kept, and does nothing; whatever else is not a function is null.
    const handler = typeof value === 'function' || typeof value === 'object' ? value : null
    if (handler === null) {
      if (slot === undefined) return
      this.#slots.delete(type)
      this.#target.removeEventListener(type, slot.listener)
    } else if (slot === undefined) {
      const listener = (event: Event): void => {
        const current = this.#slots.get(type)?.handler
        if (typeof current === 'function') current.call(this.#target, event)
      }
      this.#slots.set(type, { handler, listener })
      this.#target.addEventListener(type, listener)
    } else slot.handler = handler
  }
}

import type { Dom } from './dom.js'

type Callback = ((event: never) => unknown) | { handleEvent(event: never): unknown } | null
type Ear = (event: Event) => unknown

interface Options {
  readonly capture?: boolean
  readonly once?: boolean
  readonly passive?: boolean
  readonly signal?: AbortSignal
}

/** The public object that each platform target stands in for. */
const faces = new WeakMap<object, object>()
const shown = Symbol('shown')

/** What an event says of the platform's target, it says of the public object. */
function faceOf(target: unknown): unknown {
  return faces.get(target as object) ?? target
}

/** Properties that present the public object. `proto`: where the event's own are; not on that of every polyfill. */
export function presented(proto: object): PropertyDescriptorMap {
  if (!('target' in proto)) return {}
  const accessor = (name: string): PropertyDescriptor => ({
    configurable: true,
    get(): unknown {
      return faceOf(Reflect.get(proto, name, this))
    },
  })
  return {
    [shown]: { value: true },
    target: accessor('target'),
    currentTarget: accessor('currentTarget'),
    srcElement: accessor('srcElement'),
    composedPath: {
      configurable: true,
      value(this: Event): unknown[] {
        return (Reflect.get(proto, 'composedPath', this) as () => unknown[]).call(this).map(faceOf)
      },
    },
  }
}

function present(event: Event, face: object): void {
  if (shown in event) return
  const properties = presented(Object.getPrototypeOf(event) as object)
  properties['target'] ??= { value: face, configurable: true }
  properties['currentTarget'] ??= { value: face, configurable: true }
  Object.defineProperties(event, properties)
}

/**
 * Listeners and dispatch by an `EventTarget` of the platform, on behalf of another object.
 *
 * That object cannot be a subclass: its class exists before the platform's may, and outlives it where a test environment
 * replaces the globals.
 */
export class Target {
  readonly #face: object
  readonly #platform: EventTarget
  /** One for each callback, so that the platform recognizes a callback that it has. */
  readonly #ears = new WeakMap<object, Ear>()
  /** How often a callback was called. */
  calls = 0

  constructor(face: object, { EventTarget }: Dom) {
    this.#face = face
    this.#platform = new EventTarget()
    faces.set(this.#platform, face)
  }

  add(type: string, callback: Callback, options: Options): void {
    this.#platform.addEventListener(type, this.#ear(callback), options)
  }

  remove(type: string, callback: Callback, options: Options): void {
    this.#platform.removeEventListener(type, this.#ear(callback), options)
  }

  dispatch(event: Event): boolean {
    present(event, this.#face)
    return this.#platform.dispatchEvent(event)
  }

  #ear(callback: Callback): Ear | null {
    // Anything else is for the platform to refuse.
    if ((typeof callback !== 'object' && typeof callback !== 'function') || callback === null) return callback
    let ear = this.#ears.get(callback)
    if (ear === undefined) {
      ear = (event) => {
        this.calls++
        // A polyfill may hand over another event than was dispatched.
        present(event, this.#face)
        if (typeof callback === 'function') callback.call(this.#face, event as never)
        else callback.handleEvent(event as never)
      }
      this.#ears.set(callback, ear)
    }
    return ear
  }
}

import type { MessageData } from '../index.js'

/** Shared by all events of one read: the public socket object, the origin of its link, and the time. */
export interface EventContext {
  readonly target: object
  readonly origin: string
  readonly time: number
  /** The event being dispatched. */
  current: object | undefined
}

/**
 * Key of an event's stop flag. 1: stopPropagation (bubbling listeners are skipped); 2: stopImmediatePropagation (all
 * further listeners are skipped).
 */
export const stopped = Symbol('stopped')

/** An event being dispatched: a socket event, or an event created by the app. */
export interface Dispatched extends Event {
  [stopped]?: 0 | 1 | 2
}

type EventClass = typeof Event
type Make<S> = (context: EventContext, fields: S) => Dispatched

/** Creates socket events of one realm. Non-standard properties are read from the fields passed in. */
export interface MakeEvents {
  readonly open: Make<object>
  readonly message: Make<MessageData>
  readonly error: Make<object>
  readonly close: Make<object>
}

const inspect = Symbol.for('nodejs.util.inspect.custom')

/**
 * Creates events that are instances of the platform's classes without calling their constructors, which read the clock
 * and convert a dictionary; Node's would also make every event untrusted.
 *
 * For the same reason, `dispatchEvent` of another target rejects them. `new MessageEvent(event.type, event)` creates
 * one that it accepts.
 */
export function makeEvents(Event: EventClass, MessageEvent: EventClass, CloseEvent: EventClass): MakeEvents {
  const noPorts: readonly never[] = Object.freeze([])
  return {
    open: maker('open', Event),
    message: maker('message', MessageEvent, [], { lastEventId: '', source: null, ports: noPorts }),
    error: maker('error', Event, ['error', 'message']),
    close: maker('close', CloseEvent, ['code', 'reason', 'wasClean', 'willReconnect', 'retryDelay']),
  }
}

// Symbols instead of private names, which would differ for each generated class, and which no engine optimizes. Only
// two properties, because memory is most of the cost of an event.
const context = Symbol('context')
const fields = Symbol('fields')

/** `names`: properties read from the event's fields; `constants`: properties that are equal in all events. */
function maker<S>(
  type: string,
  { prototype: standard }: EventClass,
  names: readonly string[] = [],
  constants: object = {},
): Make<S> {
  class SocketEvent {
    declare readonly [context]: EventContext
    declare readonly [fields]: S;
    declare [stopped]?: 0 | 1 | 2

    constructor(now: EventContext, given: S) {
      this[context] = now
      this[fields] = given
    }

    get target(): object {
      return this[context].target
    }

    get srcElement(): object {
      return this[context].target
    }

    get currentTarget(): object | null {
      const { current, target } = this[context]
      return current === this ? target : null
    }

    get eventPhase(): number {
      return this.currentTarget === null ? 0 : 2
    }

    get timeStamp(): number {
      return this[context].time
    }

    get cancelBubble(): boolean {
      return this[stopped] !== undefined && this.currentTarget !== null
    }

    set cancelBubble(stops: boolean) {
      if (stops) this.stopPropagation()
    }

    get returnValue(): boolean {
      return true
    }

    set returnValue(_: boolean) {
      // Not cancelable.
    }

    composedPath(): object[] {
      return this.currentTarget === null ? [] : [this.currentTarget]
    }

    stopPropagation(): void {
      this[stopped] ??= 1
    }

    stopImmediatePropagation(): void {
      this[stopped] = 2
    }

    preventDefault(): void {
      // Not cancelable.
    }

    /** For Node's `util.inspect`; Node's own implementation requires one of Node's events. */
    [inspect](_: number, options: object, show: (value: object, options: object) => string): string {
      const shown = Object.fromEntries(own.map((name) => [name, Reflect.get(this, name)]))
      return `${standard.constructor.name} ${show(shown, options)}`
    }

    get data(): S {
      return this[fields]
    }

    get origin(): string {
      return this[context].origin
    }
  }
  const isMessage = type === 'message'
  const own = ['type', ...names, ...(isMessage ? ['data', 'origin'] : [])]
  const { prototype } = SocketEvent
  // Inherit `constructor` from `MessageEvent`.
  for (const name of ['constructor', ...(isMessage ? [] : ['data', 'origin'])]) Reflect.deleteProperty(prototype, name)
  for (const name of names) {
    const get = function (this: SocketEvent): unknown {
      return (this[fields] as Record<string, unknown>)[name]
    }
    Object.defineProperty(prototype, name, { configurable: true, enumerable: true, get })
  }
  const define = (name: string, value: unknown): unknown =>
    Object.defineProperty(prototype, name, { configurable: true, value })
  for (const [name, value] of Object.entries({ ...constants, type, isTrusted: true, ...unset })) define(name, value)
  // The platform's other getters would throw on this object, for example when it is used as an event's init dictionary.
  for (let proto = standard as object | null; proto !== null; proto = Object.getPrototypeOf(proto) as object | null) {
    for (const [name, theirs] of Object.entries(Object.getOwnPropertyDescriptors(proto))) {
      if ('get' in theirs && Object.getOwnPropertyDescriptor(prototype, name) === undefined) define(name, undefined)
    }
  }
  Object.setPrototypeOf(prototype, standard)
  return (now, given) => new SocketEvent(now, given) as unknown as Dispatched
}

const unset = { bubbles: false, cancelable: false, composed: false, defaultPrevented: false }

import type { MessageData } from '../index.js'

/** What all events of one read have in common: the socket as the app sees it, the origin of its link, and the time. */
export interface Circumstances {
  readonly target: object
  readonly origin: string
  readonly time: number
  /** The event that is being dispatched. */
  current: object | undefined
}

/** How far an event was stopped. 1: listeners without capture are not called, 2: nor is any other. */
export const stopped = Symbol('stopped')

/** An event on its way through the listeners: one of a socket, or one that the app dispatches. */
export interface Dispatched extends Event {
  [stopped]?: 0 | 1 | 2
}

type EventClass = typeof Event
type Make<S> = (circumstances: Circumstances, said: S) => Dispatched

/** The events of a socket, for one realm. Their properties that the standard does not know are read from what is passed in. */
export interface MakeEvents {
  readonly open: Make<object>
  readonly message: Make<MessageData>
  readonly error: Make<object>
  readonly close: Make<object>
}

const inspect = Symbol.for('nodejs.util.inspect.custom')

/**
 * Events that are instances of the platform's classes, and look like what these make, without being made by them: their constructors
 * read the clock and convert a dictionary, and Node's would make every event untrusted, which those of a socket are not.
 *
 * So `dispatchEvent` of another target refuses them. `new MessageEvent(event.type, event)` makes one that it takes.
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

// Not private names: a class that is made for each kind of event has names of its own each time, which no engine makes fast.
// And no more than these two, because memory is most of what an event costs.
const circumstances = Symbol('circumstances')
const said = Symbol('said')

/** `names`: properties that are read from what the event says; `constants`: those that are the same for all. */
function maker<S>(
  type: string,
  { prototype: standard }: EventClass,
  names: readonly string[] = [],
  constants: object = {},
): Make<S> {
  class Made {
    declare readonly [circumstances]: Circumstances
    declare readonly [said]: S;
    declare [stopped]?: 0 | 1 | 2

    constructor(now: Circumstances, what: S) {
      this[circumstances] = now
      this[said] = what
    }

    get target(): object {
      return this[circumstances].target
    }

    get srcElement(): object {
      return this[circumstances].target
    }

    get currentTarget(): object | null {
      const { current, target } = this[circumstances]
      return current === this ? target : null
    }

    get eventPhase(): number {
      return this.currentTarget === null ? 0 : 2
    }

    get timeStamp(): number {
      return this[circumstances].time
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
      // It cannot be cancelled.
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
      // It cannot be cancelled.
    }

    /** Node's own looks into an event of Node's. */
    [inspect](_: number, options: object, show: (value: object, options: object) => string): string {
      const shown = Object.fromEntries(own.map((name) => [name, Reflect.get(this, name)]))
      return `${standard.constructor.name} ${show(shown, options)}`
    }

    get data(): S {
      return this[said]
    }

    get origin(): string {
      return this[circumstances].origin
    }
  }
  const isMessage = type === 'message'
  const own = ['type', ...names, ...(isMessage ? ['data', 'origin'] : [])]
  const { prototype } = Made
  // That it inherits is to say `MessageEvent`.
  for (const name of ['constructor', ...(isMessage ? [] : ['data', 'origin'])]) Reflect.deleteProperty(prototype, name)
  for (const name of names) {
    const get = function (this: Made): unknown {
      return (this[said] as Record<string, unknown>)[name]
    }
    Object.defineProperty(prototype, name, { configurable: true, enumerable: true, get })
  }
  const define = (name: string, value: unknown): unknown =>
    Object.defineProperty(prototype, name, { configurable: true, value })
  for (const [name, value] of Object.entries({ ...constants, type, isTrusted: true, ...unset })) define(name, value)
  // Getters of the platform's that we do not know would throw, also where another event is made of this one.
  for (let proto = standard as object | null; proto !== null; proto = Object.getPrototypeOf(proto) as object | null) {
    for (const [name, theirs] of Object.entries(Object.getOwnPropertyDescriptors(proto))) {
      if ('get' in theirs && Object.getOwnPropertyDescriptor(prototype, name) === undefined) define(name, undefined)
    }
  }
  Object.setPrototypeOf(prototype, standard)
  return (now, what) => new Made(now, what) as unknown as Dispatched
}

const unset = { bubbles: false, cancelable: false, composed: false, defaultPrevented: false }

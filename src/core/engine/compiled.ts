import type { Given } from '../../../machines/connection.logic.js'
import { delays, entries, events, initial, input, invoking } from '../../../machines/connection.table.js'
import type { ConnectionContext, ConnectionEvent, ReadyStateTag } from '../../../machines/connection.types.js'
import type { Action, Row } from '../../../machines/table.types.js'
import type {
  ChartState,
  ConnectionSnapshot,
  Engine,
  EngineObserver,
  EngineHost,
  EngineTimers,
} from './engine.types.js'
import { placeOf, type Place } from './place.js'

class Snapshot implements ConnectionSnapshot {
  readonly place: Place
  readonly context: ConnectionContext

  constructor(place: Place, context: ConnectionContext) {
    this.place = place
    this.context = context
  }

  get state(): ChartState {
    return this.place.state
  }

  get value(): object {
    return this.place.value
  }

  hasTag(tag: ReadyStateTag): boolean {
    return this.place.tag === tag
  }
}

/** A state's timer. A connection has at most two, so a linked list is enough. */
interface Timer {
  readonly state: number
  readonly delay: number
  handle: unknown
  next: Timer | undefined
}

/** An event, the number of a state whose timer fired, or `stopping`. */
type Input = ConnectionEvent | number

/** The `Input` of `stop`. */
const stopping = -1

/** The event of a timer. Guards and updates read only its type. */
const timeUp = { type: 'xstate.after' } as unknown as ConnectionEvent

/** The moments that watchers observe, in XState's order. */
export type Moment = 'sent' | 'spawned' | 'stopped' | 'starting' | 'started' | 'taken'

/** `subject`: an event, the number of a state whose timer fired, -1 for `stop`, or a socket's generation. */
export type Watcher = (moment: Moment, subject: ConnectionEvent | number) => void

const noWatchers: readonly Watcher[] = []

/**
 * Runs the compiled chart with XState's semantics: entry in document order, exit in reverse, guards, delays, one invoked actor, and each event
 * to completion before the next. It implements only the features that the compiler accepts.
 */
export class CompiledEngine implements Engine, Given {
  snapshot: Snapshot
  /** The context that guards, updates and delays of the current event read. */
  context: ConnectionContext
  event: ConnectionEvent = timeUp
  status: 'active' | 'error' | 'stopped' = 'active'
  /** The generation of the current socket. */
  socket: number | undefined
  watchers = noWatchers
  readonly #host: EngineHost
  readonly #timers: EngineTimers
  #observer: EngineObserver | undefined
  #waiting: Timer | undefined
  #busy = false
  #spawned = 0
  /** Events sent during the processing of another one. */
  #queue: Input[] | undefined

  constructor(host: EngineHost, timers: EngineTimers) {
    this.#host = host
    this.#timers = timers
    this.context = { host, gen: 0, failures: 0, wait: 0, hinted: false, lastCount: 0, why: 'new' }
    this.snapshot = new Snapshot(placeOf(initial), this.context)
  }

  start(observer: EngineObserver): void {
    this.#observer = observer
    observer.next(this.snapshot)
  }

  send(event: ConnectionEvent): void {
    this.#notify('sent', event)
    this.#accept(event)
  }

  stop(): void {
    this.#queue = undefined
    this.#accept(stopping)
  }

  #accept(given: Input): void {
    if (this.#observer === undefined) return
    if (this.#busy) {
      ;(this.#queue ??= []).push(given)
      return
    }
    this.#busy = true
    try {
      for (let next: Input | undefined = given; next !== undefined; next = this.#queue?.shift()) this.#take(next)
    } catch (thrown) {
      this.#fail(thrown)
    } finally {
      this.#busy = false
      this.#queue = undefined
    }
  }

  #take(given: Input): void {
    if (given === stopping) this.#end()
    else if (typeof given === 'number') this.#react(timeUp, delays[given]![1])
    else this.#react(given, events[given.type])
    this.#notify('taken', given)
  }

  #react(event: ConnectionEvent, rows: readonly Row[] | undefined): void {
    if (rows === undefined) return
    const { active } = this.snapshot.place
    this.event = event
    for (const row of rows) {
      const guard = row[1]
      if (((active >> row[0]) & 1) === 0 || (guard !== 0 && !guard(this))) continue
      this.#follow(row, active)
      return
    }
  }

  #follow(row: Row, active: number): void {
    const left = active & row[2]
    const entered = row[3]
    for (let at = 4; at < row.length; at++) this.#act(row[at] as Action)
    const timers = this.#enter(entered)
    this.snapshot = new Snapshot(placeOf((active & ~left) | entered), this.context)
    // After all actions, as in XState: first stops the actor and timers of the states that were left, then starts the new ones.
    this.#clear(left)
    if ((left & invoking) !== 0) this.#dispose()
    if ((entered & invoking) !== 0) this.#dial()
    for (let timer = timers; timer !== undefined;) {
      const { next } = timer
      this.#set(timer)
      timer = next
    }
    this.#observer!.next(this.snapshot)
  }

  /** Runs the entry actions. Returns the timers to set, in document order. */
  #enter(entered: number): Timer | undefined {
    let first: Timer | undefined
    let last: Timer | undefined
    for (let state = 0, rest = entered; rest !== 0; state++, rest >>= 1) {
      if ((rest & 1) === 0) continue
      const actions = entries[state]
      if (actions !== undefined) for (const action of actions) this.#act(action)
      const delay = delays[state]
      if (delay !== undefined) {
        const timer = { state, delay: delay[0](this), handle: undefined, next: undefined }
        if (last === undefined) first = timer
        else last.next = timer
        last = timer
      }
      if (((invoking >> state) & 1) !== 0) {
        this.#spawned = input(this).gen
        this.#notify('spawned', this.#spawned)
      }
    }
    return first
  }

  #act(action: Action): void {
    if (typeof action === 'string') this.#host.effect(action)
    else this.context = { ...this.context, ...(typeof action === 'function' ? action(this) : action) }
  }

  #dial(): void {
    this.socket = this.#spawned
    this.#notify('starting', this.socket)
    this.#host.effect('dial')
    this.#notify('started', this.socket)
  }

  #dispose(): void {
    const gen = this.socket
    if (gen === undefined) return
    this.socket = undefined
    this.#host.dispose(gen)
    this.#notify('stopped', gen)
  }

  #set(timer: Timer): void {
    timer.handle = this.#timers.setTimeout(() => {
      this.#waiting = without(timer, this.#waiting!)
      this.#notify('sent', timer.state)
      this.#accept(timer.state)
    }, timer.delay)
    timer.next = this.#waiting
    this.#waiting = timer
  }

  #clear(left: number): void {
    for (let timer = this.#waiting; timer !== undefined; timer = timer.next) {
      if (((left >> timer.state) & 1) === 0) continue
      this.#waiting = without(timer, this.#waiting!)
      this.#timers.clearTimeout(timer.handle)
    }
  }

  #end(): void {
    this.#observer = undefined
    this.#queue = undefined
    this.status = 'stopped'
    this.#dispose()
    this.#clear(everyState)
  }

  /** As in XState, the observer drops the socket. */
  #fail(thrown: unknown): void {
    const observer = this.#observer
    this.#observer = undefined
    this.#queue = undefined
    this.status = 'error'
    this.#clear(everyState)
    observer?.error(thrown)
  }

  #notify(moment: Moment, subject: ConnectionEvent | number): void {
    for (const watcher of this.watchers) watcher(moment, subject)
  }
}

const everyState = -1

/** The removed timer keeps its `next`, so a loop over the list can continue. */
function without(timer: Timer, list: Timer): Timer | undefined {
  if (list === timer) return list.next
  list.next = without(timer, list.next!)
  return list
}

/** The default engine: the compiled chart, without XState and several times as fast. */
export const compiledEngine = (host: EngineHost, timers: EngineTimers): CompiledEngine =>
  new CompiledEngine(host, timers)

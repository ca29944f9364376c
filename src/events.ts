import { SignalRegistrations } from './abort-signals.js'
import { inThisZone } from './control/zone.js'
import { Listeners } from './data/listeners.js'

export interface ListenOptions {
  /** Only the next one. */
  once?: boolean | undefined
  /**
   * Stops listening when it is aborted. May live longer than the connection: once that has ended the signal holds nothing of it.
   */
  signal?: AbortSignal | undefined
}

export interface EventsHost {
  listenerThrew(type: string, thrown: unknown): void
}

/** Named lists of listeners. A listener that throws is reported and disturbs no other. */
export class Events<Map extends object> {
  readonly #lists: { [K in keyof Map]?: Listeners<Map[K]> } = {}
  readonly #host: EventsHost
  /** Few listeners have a signal. */
  #registrations: SignalRegistrations | undefined
  #resting = false

  constructor(host: EventsHost) {
    this.#host = host
  }

  /** Uses this list for one type, because its owner emits often. */
  use<K extends keyof Map & string>(type: K, list: Listeners<Map[K]>): void {
    this.#lists[type] = list
  }

  on<K extends keyof Map & string>(
    type: K,
    listener: (event: Map[K]) => unknown,
    options: ListenOptions = {},
  ): () => void {
    const { once = false, signal } = options
    if (signal?.aborted) return () => {}
    const list = (this.#lists[type] ??= new Listeners<Map[K]>((thrown) => this.#host.listenerThrew(type, thrown)))
    const call = inThisZone(listener)
    if (!once && signal === undefined) return list.add(call)
    const remove = list.add((event) => {
      if (once) off()
      // Aborted while the connection was at rest, when no signal is listened to.
      if (signal?.aborted) off()
      else return call(event)
    })
    const forget = signal === undefined ? undefined : this.#follow(signal, remove)
    const off = (): void => {
      remove()
      forget?.()
    }
    return off
  }

  /** Whether anything is to be called. */
  has(type: keyof Map & string): boolean {
    this.#registrations?.prune()
    return (this.#lists[type]?.size ?? 0) > 0
  }

  emit<K extends keyof Map & string>(type: K, event: Map[K]): void {
    this.#lists[type]?.emit(event)
  }

  /** For what may stop being true between two listeners; `undefined`: there is nothing to say any more. */
  emitCurrent<K extends keyof Map & string>(type: K, current: () => Map[K] | undefined): void {
    this.#lists[type]?.emitCurrent(current)
  }

  /** At rest, signals are not listened to, so none of them holds the listeners. */
  rest(resting: boolean): void {
    this.#resting = resting
    if (resting) this.#registrations?.rest()
    else this.#registrations?.resume()
  }

  #follow(signal: AbortSignal, end: () => void): () => void {
    if (this.#registrations === undefined) {
      this.#registrations = new SignalRegistrations()
      if (this.#resting) this.#registrations.rest()
    }
    return this.#registrations.add(signal, end)
  }
}

import { inThisZone } from './control/zone.js'
import { Listeners } from './data/listeners.js'

export interface ListenOptions {
  /** Only the next one. */
  once?: boolean | undefined
  /** Stops listening when it is aborted. */
  signal?: AbortSignal | undefined
}

export interface EventsHost {
  listenerThrew(type: string, thrown: unknown): void
}

/** Named lists of listeners. A listener that throws is reported and disturbs nobody. */
export class Events<Map extends object> {
  readonly #lists: { [K in keyof Map]?: Listeners<Map[K]> } = {}
  readonly #host: EventsHost

  constructor(host: EventsHost) {
    this.#host = host
  }

  /** The list for one type, for whoever emits often. */
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
    const remove = list.add((event) => {
      if (once) off()
      return call(event)
    })
    const off = (): void => {
      remove()
      signal?.removeEventListener('abort', off)
    }
    signal?.addEventListener('abort', off)
    return off
  }

  has(type: keyof Map & string): boolean {
    return (this.#lists[type]?.size ?? 0) > 0
  }

  emit<K extends keyof Map & string>(type: K, event: Map[K]): void {
    this.#lists[type]?.emit(event)
  }

  /** For what may stop being true between two listeners; `undefined`: there is nothing to say any more. */
  emitCurrent<K extends keyof Map & string>(type: K, current: () => Map[K] | undefined): void {
    this.#lists[type]?.emitCurrent(current)
  }
}

import { Listeners } from './listeners.js'
import { complain } from './complain.js'
import type { ConnectionError } from './errors.js'
import type { Core } from './core.js'

/** The listeners of one connection, by type. An exception in one is reported and doesn't affect others. */
export class Events {
  /** Separate, because it is called most. */
  readonly messages: Listeners<unknown>
  #lists: Record<string, Listeners<unknown> | undefined> | undefined
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
    this.messages = this.#make('message')
  }

  add(type: string, listener: (event: never) => unknown): () => void {
    return this.#listOf(type).add(listener as (event: unknown) => unknown)
  }

  /** Whether there are listeners of this type. */
  has(type: string): boolean {
    this.#core.listening?.prune()
    return (this.#lists?.[type]?.size ?? 0) > 0
  }

  emit(type: string, event: unknown): void {
    this.#lists?.[type]?.emit(event)
  }

  /** Emits an event that may become outdated between two listeners; `undefined` skips the rest. */
  emitCurrent(type: string, current: () => unknown): void {
    this.#lists?.[type]?.emitCurrent(current)
  }

  report(error: ConnectionError): void {
    if (this.has('error')) this.emit('error', error)
    else complain(error)
  }

  /** Calls one listener, guarded like added ones. */
  call<T>(type: string, listener: (event: T) => unknown, event: T): void {
    const list = this.#make(type)
    list.add(listener as (event: unknown) => unknown)
    list.emit(event)
  }

  #listOf(type: string): Listeners<unknown> {
    if (type === 'message') return this.messages
    const lists = (this.#lists ??= {})
    return (lists[type] ??= this.#make(type))
  }

  #make(type: string): Listeners<unknown> {
    return new Listeners<unknown>((thrown) => {
      // Reporting it as `error` would call the throwing listener again.
      if (type === 'error') complain(thrown)
      else this.#core.fail('ERR_LISTENER', `a '${type}' listener`, thrown)
    })
  }
}

/** Caches the result for the last argument. */
export function remember<Given, Answer>(ask: (given: Given) => Answer): (given: Given) => Answer {
  let last: { readonly given: Given; readonly answer: Answer } | undefined
  return (given) => (last?.given === given ? last : (last = { given, answer: ask(given) })).answer
}

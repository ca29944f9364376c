import { Listeners } from './listeners.js'
import { complain } from './complain.js'
import type { ConnectionError } from './errors.js'
import type { Core } from './core.js'

/** The listeners of one connection, by type. One that throws is reported and disturbs no other. */
export class Events {
  /** By itself, because it is called most. */
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

  /** Whether anything is to be called. */
  has(type: string): boolean {
    this.#core.listening?.prune()
    return (this.#lists?.[type]?.size ?? 0) > 0
  }

  emit(type: string, event: unknown): void {
    this.#lists?.[type]?.emit(event)
  }

  /** For what may stop being true between two listeners; `undefined`: there is nothing left to say. */
  emitCurrent(type: string, current: () => unknown): void {
    this.#lists?.[type]?.emitCurrent(current)
  }

  report(error: ConnectionError): void {
    if (this.has('error')) this.emit('error', error)
    else complain(error)
  }

  /** Calls one listener, guarded as those in the lists. */
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
      // A listener of `error` that throws would be told of its own throw for ever.
      if (type === 'error') complain(thrown)
      else this.#core.fail('ERR_LISTENER', `a '${type}' listener`, thrown)
    })
  }
}

/** Asks again only when it is given something else. */
export function remember<Given, Answer>(ask: (given: Given) => Answer): (given: Given) => Answer {
  let last: { readonly given: Given; readonly answer: Answer } | undefined
  return (given) => (last?.given === given ? last : (last = { given, answer: ask(given) })).answer
}

import { SignalRegistrations } from '../abort-signals.js'
import { bag, isBoolean, isFunction, oneOf } from '../checks.js'
import { guardedController } from './guarded-controller.js'
import { checkCloseArguments } from '../policies/close-codes.js'
import { resolveTarget } from '../target/provider.js'
import { checkSignal } from '../signal-options.js'
import type { BinaryType, Target } from '../transport.js'
import type { Attempt } from '../attempt.js'
import type { Connection } from '../connection.types.js'
import type { Core } from '../core.js'
import type { Face } from '../face.js'
import type { Address, Feature, FeatureTypes, Listening, Part } from '../feature.js'
import type { ConnectionState } from '../status.types.js'

/** Options of `on`. */
export interface ListenOptions {
  /** Removes the listener after its first event. */
  once?: boolean | undefined
  /**
   * Removes the listener when aborted. The signal may outlive the connection, which leaves no references in it once ended.
   */
  signal?: AbortSignal | undefined
}

interface ChecksTypes extends FeatureTypes {
  readonly methods: Pick<Connection, 'binaryType'>
  readonly listen: ListenOptions
}
/** The type of `checks()`. */
export interface ChecksFeature extends Feature<'checks', ChecksTypes, never> {}

const types = ['open', 'message', 'close', 'backoff', 'state', 'heartbeat', 'dropped', 'error']

class Checks implements Part, Address, Listening {
  readonly #core: Core
  /** Created lazily; few listeners have a signal. */
  #registrations: SignalRegistrations | undefined

  constructor(core: Core) {
    this.#core = core
  }

  /** The class with the events and options of this connection's features. */
  get #added(): typeof Face {
    return this.#core.face.constructor as typeof Face
  }

  get address(): this {
    return this
  }

  get listening(): this {
    return this
  }

  get binaryType(): BinaryType {
    return this.#core.binaryType
  }

  set binaryType(type: BinaryType) {
    this.#core.setBinaryType(oneOf('binaryType', type, ['arraybuffer', 'blob']))
  }

  onCommand(type: string, code: unknown, reason: unknown): void {
    if (type !== 'OPEN') checkCloseArguments(code, reason)
  }

  /** Also checked if the message bypasses the queue, so mistakes don't surface only on bad networks. */
  onSend(options: object): void {
    bag('send', options, this.#added.sendOptions as never[])
  }

  resolve(attempt: Attempt): Promise<Omit<Target, 'binaryType'>> {
    const { url, options, status } = this.#core
    const { protocols = [], transport } = options
    return resolveTarget({ url, protocols, transport }, () => {
      const { attempt: number, loss: previous } = status
      return { attempt: number, signal: attempt.signal, previous }
    })
  }

  controller(): AbortController {
    return guardedController((thrown) => this.#core.fail('ERR_LISTENER', "an 'abort' listener", thrown))
  }

  on(type: string, listener: (event: never) => unknown, options?: object): () => void {
    // A misspelled type would never be called.
    if (!types.includes(type)) oneOf('type', type, [...types, ...this.#added.events])
    isFunction('listener', listener)
    const { once, signal } = options === undefined ? {} : checkListenOptions(options)
    if (signal?.aborted) return () => {}
    const { events, zone } = this.#core
    const call = zone?.bind(listener as (event: unknown) => unknown) ?? (listener as (event: unknown) => unknown)
    if (once !== true && signal === undefined) return events.add(type, call)
    const remove = events.add(type, (event) => {
      if (once) off()
      // Aborted while the connection was idle, when signals are not observed.
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

  prune(): void {
    this.#registrations?.prune()
  }

  /** While ended, signals are not observed, so they retain no listeners. */
  onState(state: ConnectionState): void {
    if (state === 'ended') this.#registrations?.rest()
    else this.#registrations?.resume()
  }

  #follow(signal: AbortSignal, end: () => void): () => void {
    if (this.#registrations === undefined) {
      this.#registrations = new SignalRegistrations()
      this.onState(this.#core.status.state)
    }
    return this.#registrations.add(signal, end)
  }
}

/** Validated once, here: an invalid signal must not surface later. */
export function checkListenOptions(options: object): ListenOptions {
  const { once, signal } = bag<ListenOptions>('on', options, ['once', 'signal'])
  return {
    once: once === undefined ? undefined : isBoolean('on.once', once),
    signal: signal === undefined ? undefined : checkSignal('on.signal', signal),
  }
}

/**
 * Validates arguments at run time: results of the `url` function, close arguments, listeners, options of `send`. Throws or reports
 * `ERR_OPTION` and the like.
 */
export const checks = (): ChecksFeature => ({
  name: 'checks',
  members: ['binaryType'],
  attach: (core) => new Checks(core),
})

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

export interface ListenOptions {
  /** Only the next one. */
  once?: boolean | undefined
  /**
   * Stops listening when it is aborted. May live longer than the connection: once that has ended the signal holds nothing of it.
   */
  signal?: AbortSignal | undefined
}

interface ChecksTypes extends FeatureTypes {
  readonly methods: Pick<Connection, 'binaryType'>
  readonly listen: ListenOptions
}
export interface ChecksFeature extends Feature<'checks', ChecksTypes, never> {}

const types = ['open', 'message', 'close', 'backoff', 'state', 'heartbeat', 'dropped', 'error']

class Checks implements Part, Address, Listening {
  readonly #core: Core
  /** Few listeners have a signal. */
  #registrations: SignalRegistrations | undefined

  constructor(core: Core) {
    this.#core = core
  }

  /** What the features of this connection add and read. */
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

  /** Checked also when the message goes straight out: a mistake is not to show only when the network is bad. */
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
    // A misspelt type would never be heard.
    if (!types.includes(type)) oneOf('type', type, [...types, ...this.#added.events])
    isFunction('listener', listener)
    const { once, signal } = options === undefined ? {} : checkListenOptions(options)
    if (signal?.aborted) return () => {}
    const { events, zone } = this.#core
    const call = zone?.bind(listener as (event: unknown) => unknown) ?? (listener as (event: unknown) => unknown)
    if (once !== true && signal === undefined) return events.add(type, call)
    const remove = events.add(type, (event) => {
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

  prune(): void {
    this.#registrations?.prune()
  }

  /** At rest, signals are not listened to, so none of them holds the listeners. */
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

/** Looked at here, once: what is wrong must not show only when the signal is first listened to. */
function checkListenOptions(options: object): ListenOptions {
  const { once, signal } = bag<ListenOptions>('on', options, ['once', 'signal'])
  return {
    once: once === undefined ? undefined : isBoolean('on.once', once),
    signal: signal === undefined ? undefined : checkSignal('on.signal', signal),
  }
}

/** Checks what the app gives while the connection lives: URLs, headers, close codes, listeners, options of `send`. */
export const checks = (): ChecksFeature => ({
  name: 'checks',
  members: ['binaryType'],
  attach: (core) => new Checks(core),
})

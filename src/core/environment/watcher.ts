import type { EnvironmentSignal } from '../../../machines/connection.types.js'
import { explain, type Reporter } from '../errors.js'
import { onRejection } from '../guards.js'
import type { Clock } from '../time/timers.js'
import type { Environment } from './environment.js'
import { offWake, onWake, type WakeListener } from './wake.js'
import { outsideAngular } from './zone.js'

export interface EnvironmentWatcherOptions {
  readonly clock: Clock
  readonly environment: Environment
}

/** Receives the signals, and failures of the environment. */
export interface EnvironmentListener extends Reporter {
  onSignal(signal: EnvironmentSignal): void
}

/** Observes the environment while the connection is not idle or ended. Contains its exceptions and reports them. */
export class EnvironmentWatcher implements WakeListener {
  readonly #options: EnvironmentWatcherOptions
  readonly #listener: EnvironmentListener
  /** Set while observing. `stop`: the function that `subscribe` returned. */
  #listening: { stop: unknown } | undefined
  #hidden = false
  /** Ignores gaps in time: in a hidden page they come from throttled timers, not from sleep. */
  #ignoresGaps = false

  constructor(options: EnvironmentWatcherOptions, listener: EnvironmentListener) {
    this.#options = options
    this.#listener = listener
  }

  get online(): boolean {
    return this.#guard(() => this.#options.environment.online()) !== false
  }

  /** The page is hidden, so the browser may throttle its timers. */
  get hidden(): boolean {
    return this.#hidden
  }

  start(): void {
    if (this.#listening !== undefined) return
    const { clock, environment } = this.#options
    const listening: { stop: unknown } = (this.#listening = { stop: undefined })
    this.#hidden = this.#ignoresGaps = false
    this.#guard(() => onWake(clock, this))
    const notify = (signal: EnvironmentSignal): void => {
      // Signals after `stop` are ignored.
      if (this.#listening === listening) this.#handle(signal)
    }
    listening.stop = this.#guard(() => outsideAngular(() => environment.subscribe(notify)))
  }

  stop(): void {
    const listening = this.#listening
    if (listening === undefined) return
    this.#listening = undefined
    this.#guard(() => offWake(this.#options.clock, this))
    const { stop } = listening
    if (typeof stop === 'function') this.#guard(stop as () => void)
  }

  woke(): void {
    if (this.#listening !== undefined && !this.#ignoresGaps) this.#handle('woke')
  }

  clockFailed(thrown: unknown): void {
    this.#listener.fail('ERR_ENVIRONMENT', 'the environment', thrown)
  }

  #handle(signal: EnvironmentSignal): void {
    if (typeof signal !== 'string') {
      this.clockFailed(new TypeError(explain('ERR_ENVIRONMENT', 'not-a-signal', [typeof signal])))
      return
    }
    if (signal === 'hidden') this.#hidden = this.#ignoresGaps = true
    else if (signal === 'visible' || signal === 'restored') this.#hidden = this.#ignoresGaps = false
    // Chromium resumes pages that stay hidden.
    else if (signal === 'resume') this.#ignoresGaps = false
    this.#listener.onSignal(signal)
  }

  #guard<T>(call: () => T): T | undefined {
    try {
      const returned = call()
      onRejection(returned, (thrown) => this.clockFailed(thrown))
      return returned
    } catch (thrown) {
      this.clockFailed(thrown)
      return undefined
    }
  }
}

import type { Reporter } from '../errors.js'
import { checkHeartbeat, type Heartbeat } from './profile.js'

/**
 * Reads the app's heartbeat object on each access, because the app may change its fields while connected. Reading never throws: if the
 * object is invalid, its last valid state is used, and the error is reported once.
 */
export class LiveHeartbeat implements Heartbeat {
  readonly #given: Heartbeat
  #last: Heartbeat
  #isSound = true
  reporter: Reporter | undefined

  /** Throws `ERR_OPTION` as `checkHeartbeat` does. */
  constructor(given: unknown) {
    this.#last = checkHeartbeat(given)
    this.#given = given as Heartbeat
  }

  get interval(): number {
    return this.#now.interval
  }

  get timeout(): number {
    return this.#now.timeout
  }

  get when(): Heartbeat['when'] {
    return this.#now.when
  }

  get proof(): Heartbeat['proof'] {
    return this.#now.proof
  }

  get ping(): Heartbeat['ping'] {
    const { ping } = this.#now
    return typeof ping === 'function' ? ping.bind(this.#given) : ping
  }

  get classify(): NonNullable<Heartbeat['classify']> {
    return this.#now.classify?.bind(this.#given) as NonNullable<Heartbeat['classify']>
  }

  get answer(): NonNullable<Heartbeat['answer']> {
    return this.#now.answer?.bind(this.#given) as NonNullable<Heartbeat['answer']>
  }

  get withhold(): boolean {
    return this.#now.withhold !== false
  }

  get retry(): Heartbeat['retry'] {
    return this.#now.retry?.bind(this.#given)
  }

  get #now(): Heartbeat {
    try {
      this.#last = checkHeartbeat(this.#given)
      this.#isSound = true
    } catch (thrown) {
      if (this.#isSound) this.reporter?.fail('ERR_POLICY', 'the heartbeat', thrown)
      this.#isSound = false
    }
    return this.#last
  }
}

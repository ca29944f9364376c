import type { Effect } from '../../../../machines/connection.types.js'
import type { EngineHost } from '../../../../src/core/engine/engine.types.js'
import { delayOf, type DelayName } from './clock.js'

type PortDelay = Exclude<DelayName, 'wait'>

/** The host's answers during one step, and its faults. */
export interface Answers {
  readonly livenessCount: number
  readonly trafficCounts: boolean
  readonly paused: boolean
  readonly moving: boolean
  readonly canPing: boolean
  readonly dialledOffline: boolean
  readonly delays: Readonly<Record<PortDelay, number>>
  /** The name of the function that throws. */
  readonly throws: string | undefined
}

/** Answers as configured and records each call. */
export class StepHost implements EngineHost {
  answers: Answers
  /** Called inside each effect. */
  inside: () => void = () => {}
  readonly #log: string[]

  constructor(answers: Answers, log: string[]) {
    this.answers = answers
    this.#log = log
  }

  #answer<K extends Exclude<keyof Answers, 'delays' | 'throws'>>(name: K): Answers[K] {
    this.#mayThrow(name)
    return this.answers[name]
  }

  #delay(name: PortDelay): number {
    this.#mayThrow(name)
    return this.answers.delays[name]
  }

  #mayThrow(name: string): void {
    if (this.answers.throws === name) throw new Error(`${name} throws`)
  }

  get livenessCount(): number {
    return this.#answer('livenessCount')
  }

  get trafficCounts(): boolean {
    return this.#answer('trafficCounts')
  }

  get paused(): boolean {
    return this.#answer('paused')
  }

  get moving(): boolean {
    return this.#answer('moving')
  }

  get canPing(): boolean {
    return this.#answer('canPing')
  }

  get dialledOffline(): boolean {
    return this.#answer('dialledOffline')
  }

  get checkInterval(): number {
    return this.#delay('checkInterval')
  }

  get timeout(): number {
    return this.#delay('timeout')
  }

  get probe(): number {
    return this.#delay('probe')
  }

  get grace(): number {
    return this.#delay('grace')
  }

  get closeTimeout(): number {
    return this.#delay('closeTimeout')
  }

  get stableAfter(): number {
    return this.#delay('stableAfter')
  }

  connectTimeout(failures: number): number {
    return this.#delay('connectTimeout') + failures * 16
  }

  effect(name: Effect): void {
    this.#log.push(name)
    this.#mayThrow(name)
    this.inside()
  }

  dispose(gen: number): void {
    this.#log.push(`dispose ${gen}`)
    this.inside()
  }

  toJSON(): string {
    return '[host]'
  }
}

export const usualAnswers: Answers = {
  livenessCount: 0,
  trafficCounts: true,
  paused: false,
  moving: false,
  canPing: true,
  dialledOffline: false,
  delays: {
    connectTimeout: delayOf('connectTimeout', 500),
    closeTimeout: delayOf('closeTimeout', 100),
    stableAfter: delayOf('stableAfter', 60_000),
    checkInterval: delayOf('checkInterval', 60),
    timeout: delayOf('timeout', 400),
    probe: delayOf('probe', 300),
    grace: delayOf('grace', 0),
  },
  throws: undefined,
}

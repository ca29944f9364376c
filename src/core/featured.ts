import { makeError } from './errors.js'
import { onRejection } from './guards.js'
import type { Heartbeat } from './policies/profile.js'
import type { MessageData } from './transport.js'
import type { Core } from './core.js'
import type {
  Address,
  AnyFeature,
  Coder,
  Feature,
  Framing,
  LateMoments,
  Listening,
  Moments,
  Part,
  Patience,
  Preparation,
  Pressure,
  Queue,
  Surroundings,
  Zone,
} from './feature.js'
import { TaskQueue } from './task-queue.js'

const none: readonly never[] = []

const roles = [
  'codec',
  'framing',
  'queue',
  'heartbeat',
  'preparation',
  'patience',
  'address',
  'listening',
  'pressure',
  'environment',
  'zone',
] as const

/** The features of one connection: who plays which role, and who wants which moment. */
export abstract class Featured extends TaskQueue {
  /** The parts of the features, in their order, and those that came later. */
  parts: readonly Part[] = none
  /** As many as there are features. */
  featured: readonly Part[] = none
  // Roles.
  readonly codec: Coder | undefined
  readonly framing: Framing | undefined
  queue!: Queue
  heartbeat!: Heartbeat
  readonly preparation: Preparation | undefined
  readonly patience: Patience | undefined
  readonly address: Address | undefined
  readonly listening: Listening | undefined
  readonly pressure: Pressure | undefined
  readonly environment: Surroundings | undefined
  readonly zone: Zone | undefined
  /** Those that take part in receiving: most connections have none. */
  protected interceptors: readonly Moments[] | undefined
  protected recipients: readonly Moments[] | undefined
  protected fullness: readonly Moments[] | undefined
  #features: readonly AnyFeature[] = none

  /** Gives each feature its part. Throws `ERR_OPTION` for features that don't go together. */
  protected attachAll(features: readonly AnyFeature[], core: Core): void {
    if (features.length === 0) return
    this.#features = features
    this.featured = features.map((feature, at) => this.#attach(feature, at, core))
    // What a feature uses while it is attached comes after them all.
    this.#listen(this.parts === none ? this.featured : [...this.featured, ...this.parts])
  }

  #attach(feature: AnyFeature, at: number, core: Core): Part {
    const { name, needs = none }: Feature = feature
    for (const need of needs) {
      const place = this.#placeOf(need)
      if (place === -1 || place >= at) throw makeError('ERR_OPTION', 'feature-missing', [name, need])
    }
    const part: Part = feature.attach(core)
    for (const role of roles) {
      if (part[role] === undefined) continue
      if (this[role] !== undefined) throw makeError('ERR_OPTION', 'role-taken', [name, role])
      ;(this as Record<(typeof roles)[number], unknown>)[role] = part[role]
    }
    return part
  }

  /** Adds moments for a layer that comes later. Returns what removes them. */
  use(moments: LateMoments<never, never>): () => void {
    this.#listen([...this.parts, moments])
    let isUsed = true
    return () => {
      if (!isUsed) return
      isUsed = false
      // One of them, where one object is used twice.
      const at = this.parts.lastIndexOf(moments)
      this.#listen(this.parts.filter((_, index) => index !== at))
    }
  }

  /** Asks each part that has this moment. One that throws is reported, and the next is asked. */
  each(moment: keyof Moments, ask: (part: Moments) => unknown): void {
    for (const part of this.parts) {
      // One before it may have taken it out.
      if (part[moment] === undefined || !this.parts.includes(part)) continue
      try {
        this.#noPromise(moment, ask(part))
      } catch (thrown) {
        this.fail('ERR_LISTENER', moment, thrown)
      }
    }
  }

  /** `each` for what comes with every message: whether one answered `true`, after which no other is asked. */
  protected any(
    moment: 'isFull' | 'onMessage' | 'onDelivered',
    parts: readonly Moments[],
    message?: unknown,
    data?: MessageData,
  ): boolean {
    const before = this.parts
    for (const part of parts) {
      if (before !== this.parts && !this.parts.includes(part)) continue
      try {
        const answer: unknown = part[moment]!(message, data!)
        if (answer === true && moment !== 'onDelivered') return true
        this.#noPromise(moment, answer)
      } catch (thrown) {
        this.fail('ERR_LISTENER', moment, thrown)
      }
    }
    return false
  }

  /** Nobody waits for the answer of a moment, so what it rejects with is reported. */
  #noPromise(moment: keyof Moments, answer: unknown): void {
    if (typeof answer === 'object') onRejection(answer, (thrown) => this.fail('ERR_LISTENER', moment, thrown))
  }

  #listen(parts: readonly Part[]): void {
    const having = (moment: keyof Moments): readonly Moments[] | undefined => {
      const found = parts.filter((each) => each[moment] !== undefined)
      return found.length > 0 ? found : undefined
    }
    this.parts = parts
    this.interceptors = having('onMessage')
    this.recipients = having('onDelivered')
    this.fullness = having('isFull')
  }

  /** What a feature of this name does for this connection. */
  part(name: string): Part | undefined {
    return this.featured[this.#placeOf(name)]
  }

  #placeOf(name: string): number {
    return this.#features.findIndex((feature) => feature.name === name)
  }
}

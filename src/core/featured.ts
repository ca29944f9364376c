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

/** The features of one connection, with their roles and moments. */
export abstract class Featured extends TaskQueue {
  /** The parts of the features, in order, then those added by `use`. */
  parts: readonly Part[] = none
  /** One part per feature. */
  featured: readonly Part[] = none
  // Roles.
  readonly codec: Coder | undefined
  /** That of the current link. */
  framing: Framing | undefined
  queue!: Queue
  /** That of the current link. */
  heartbeat!: Heartbeat
  readonly preparation: Preparation | undefined
  readonly patience: Patience | undefined
  readonly address: Address | undefined
  readonly listening: Listening | undefined
  readonly pressure: Pressure | undefined
  readonly environment: Surroundings | undefined
  readonly zone: Zone | undefined
  /** Parts with a per-message moment; `undefined` in most connections. */
  protected interceptors: readonly Moments[] | undefined
  protected recipients: readonly Moments[] | undefined
  protected fullness: readonly Moments[] | undefined
  #features: readonly AnyFeature[] = none

  /** Creates the parts. Throws `ERR_OPTION` for features that conflict or are in the wrong order. */
  protected attachAll(features: readonly AnyFeature[], core: Core): void {
    if (features.length === 0) return
    this.#features = features
    this.featured = features.map((feature, at) => this.#attach(feature, at, core))
    // Parts added with `use` while attaching come last.
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

  /** Adds moments of a later layer. Returns a function that removes them. */
  use(moments: LateMoments<never, never>): () => void {
    this.#listen([...this.parts, moments])
    let isUsed = true
    return () => {
      if (!isUsed) return
      isUsed = false
      // Only one of them, if an object was added twice.
      const at = this.parts.lastIndexOf(moments)
      this.#listen(this.parts.filter((_, index) => index !== at))
    }
  }

  /** Calls this moment of each part. Exceptions are reported, and the next part follows. */
  each(moment: keyof Moments, ask: (part: Moments) => unknown): void {
    for (const part of this.parts) {
      // An earlier part may have removed it.
      if (part[moment] === undefined || !this.parts.includes(part)) continue
      try {
        this.#noPromise(moment, ask(part))
      } catch (thrown) {
        this.fail('ERR_LISTENER', moment, thrown)
      }
    }
  }

  /** `each` for per-message moments. Returns true once one returned `true`; the rest is skipped. */
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
        const answer: unknown = part[moment]!(message as never, data!)
        if (answer === true && moment !== 'onDelivered') return true
        this.#noPromise(moment, answer)
      } catch (thrown) {
        this.fail('ERR_LISTENER', moment, thrown)
      }
    }
    return false
  }

  /** Moments are not awaited, so a rejection is reported. */
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

  /** The part of the feature with this name. */
  part(name: string): Part | undefined {
    return this.featured[this.#placeOf(name)]
  }

  #placeOf(name: string): number {
    return this.#features.findIndex((feature) => feature.name === name)
  }
}

import type { PrincipalLimits } from './limits.js'
import type { LiveSession } from './session.js'

/** The sessions on this node, by id. */
export class Registry {
  readonly #sessions = new Map<string, LiveSession>()
  readonly #limits: PrincipalLimits

  constructor(limits: PrincipalLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#sessions.size
  }

  get(id: string): LiveSession | undefined {
    return this.#sessions.get(id)
  }

  /** A copy, because sessions leave while they are visited. */
  all(): LiveSession[] {
    return [...this.#sessions.values()]
  }

  add(session: LiveSession): void {
    this.#sessions.set(session.id, session)
    this.#limits.count(session.principal, 1)
  }

  /** Does nothing if a later object has taken its place. */
  remove(session: LiveSession): void {
    if (this.#sessions.get(session.id) !== session) return
    this.#sessions.delete(session.id)
    this.#limits.count(session.principal, -1)
  }
}

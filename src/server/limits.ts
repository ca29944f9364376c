import type { Clock } from '../core/time/timers.js'
import type { ServerSettings } from './options.js'

const minute = 60_000

interface Usage {
  sessions: number
  /** The rates count in windows of a minute that begin with the first use. */
  since: number
  hellos: number
  replayed: number
}

/** Counts what each principal uses on this node. Those that use nothing are forgotten by `prune`. */
export class PrincipalLimits {
  readonly #most: ServerSettings['limits']
  readonly #clock: Clock
  readonly #usage = new Map<string, Usage>()

  constructor(most: ServerSettings['limits'], clock: Clock) {
    this.#most = most
    this.#clock = clock
  }

  /** Counts a hello. Returns false if the principal has said too many. */
  hello(principal: string): boolean {
    return ++this.#of(principal).hellos <= this.#most.hellosPerMinute
  }

  /** Counts bytes that are sent again. Returns false once they are too many. */
  replay(principal: string, bytes: number): boolean {
    const usage = this.#of(principal)
    usage.replayed += bytes
    return usage.replayed <= this.#most.replayedBytesPerMinute
  }

  mayBegin(principal: string): boolean {
    return this.#of(principal).sessions < this.#most.sessions
  }

  /** A session of the principal began (1) or is gone (-1). */
  count(principal: string, change: 1 | -1): void {
    this.#of(principal).sessions += change
  }

  prune(): void {
    const now = this.#clock.now()
    for (const [principal, { sessions, since }] of this.#usage) {
      if (sessions === 0 && now - since > minute) this.#usage.delete(principal)
    }
  }

  #of(principal: string): Usage {
    const now = this.#clock.now()
    let usage = this.#usage.get(principal)
    if (usage === undefined) this.#usage.set(principal, (usage = { sessions: 0, since: now, hellos: 0, replayed: 0 }))
    if (now - usage.since > minute) Object.assign(usage, { since: now, hellos: 0, replayed: 0 })
    return usage
  }
}

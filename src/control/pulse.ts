import type { Brake } from '../data/brake.js'
import type { Inbound } from '../data/inbound.js'
import type { ErrorCode } from '../errors.js'
import { isData, type Heartbeat } from '../policies/heartbeat.js'
import type { Data, Socket } from '../transports/transport.js'
import type { Timers } from './clock.js'

export interface PulseParts {
  readonly heartbeat: Heartbeat
  readonly timers: Timers
  readonly inbound: Pick<Inbound<unknown>, 'expecting' | 'expectProof' | 'proofs'>
  readonly brake: Pick<Brake, 'held'>
  /** Proof of life, or the lack of a reason to ask for one. */
  readonly alive: () => void
  /** We read again after a pause so long that silence went unjudged. */
  resumed(): void
  answered(rtt: number): void
  readonly failed: (code: ErrorCode, what: string, thrown: unknown) => void
}

/** A loop that was held up could not read the answer: it gets at least this long to do so. Milliseconds. */
const leastLeft = 1_000

/** What the heartbeat does when the chart says so: sends the ping, times the pong. When and whether, the chart decides. */
export class Pulse {
  readonly #parts: PulseParts
  #pingedAt = 0
  #awaitingPong = false
  #pausedAt = 0

  constructor(parts: PulseParts) {
    this.#parts = parts
  }

  /** How much of `timeout` is left to the ping that is out; all of it if none is. Milliseconds. */
  get left(): number {
    const { heartbeat, inbound, timers } = this.#parts
    const left = inbound.expecting ? this.#pingedAt + heartbeat.timeout - timers.now() : 0
    // One that is overdue was not waited for: the machine slept, or we did not read.
    return left > 0 ? Math.max(leastLeft, left) : heartbeat.timeout
  }

  ping(socket: Socket): void {
    const { heartbeat, inbound, timers, failed, alive } = this.#parts
    const { ping } = heartbeat
    inbound.expectProof()
    this.#pingedAt = timers.now()
    if (ping === 'none') return
    let data: Data | undefined
    try {
      if (ping !== 'protocol') {
        data = ping()
        if (!isData(data)) throw new TypeError(`heartbeat.ping gave ${typeof data}, which cannot be sent`)
      }
    } catch (thrown) {
      failed('ERR_POLICY', 'heartbeat.ping', thrown)
      // Nothing was asked, so the silence that follows proves nothing.
      alive()
      return
    }
    this.#awaitingPong = true
    try {
      if (data === undefined) socket.ping?.()
      else socket.send(data)
    } catch {
      // It has closed and we have not heard of it yet: its close is on the way.
    }
  }

  pong(): void {
    if (!this.#awaitingPong) return
    this.#awaitingPong = false
    this.#parts.answered(Math.max(0, this.#parts.timers.now() - this.#pingedAt))
  }

  /** Reading was stopped, or goes on. */
  paused(held: boolean): void {
    const now = this.#parts.timers.now()
    if (held) this.#pausedAt = now
    // A shorter pause than from one look to the next has kept nothing from being judged.
    else if (now - this.#pausedAt >= this.#parts.heartbeat.interval / 2) this.#parts.resumed()
  }

  /** The socket is gone; nobody owes us a pong. */
  reset(): void {
    this.#awaitingPong = false
  }
}

import type { Inbound } from '../data/inbound.js'
import type { Reporter } from '../errors.js'
import { isData, type Heartbeat } from '../policies/heartbeat.js'
import type { Data, Socket } from '../transports/transport.js'
import type { Timers } from './timers.js'

export interface PulseHost extends Reporter {
  readonly timers: Timers
  readonly data: { readonly inbound: Pick<Inbound<unknown>, 'expecting' | 'expectProof'> }
  /** Proof of life, or the lack of a reason to ask for one. */
  alive(): void
  /** We read again after a pause so long that silence went unjudged. */
  resumed(): void
  answered(rtt: number): void
}

/** A loop that was held up could not read the answer: it gets at least this long to do so. Milliseconds. */
const leastLeft = 1_000

/** What the heartbeat does when the chart says so: sends the ping, times the pong. When and whether, the chart decides. */
export class Pulse {
  readonly #heartbeat: Heartbeat
  readonly #host: PulseHost
  #pingedAt = 0
  #awaitingPong = false
  #pausedAt = 0

  constructor(heartbeat: Heartbeat, host: PulseHost) {
    this.#heartbeat = heartbeat
    this.#host = host
  }

  /** How much of `timeout` is left to the ping that is out; all of it if none is. Milliseconds. */
  get left(): number {
    const { timeout } = this.#heartbeat
    const { data, timers } = this.#host
    const left = data.inbound.expecting ? this.#pingedAt + timeout - timers.now() : 0
    // One that is overdue was not waited for: the machine slept, or we did not read.
    return left > 0 ? Math.max(leastLeft, left) : timeout
  }

  ping(socket: Socket): void {
    const { ping } = this.#heartbeat
    this.#host.data.inbound.expectProof()
    this.#pingedAt = this.#host.timers.now()
    if (ping === 'none') return
    let data: Data | undefined
    try {
      if (ping !== 'protocol') {
        data = ping()
        if (!isData(data)) throw new TypeError(`heartbeat.ping gave ${typeof data}, which cannot be sent`)
      }
    } catch (thrown) {
      this.#host.fail('ERR_POLICY', 'heartbeat.ping', thrown)
      // Nothing was asked, so the silence that follows proves nothing.
      this.#host.alive()
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
    this.#host.answered(Math.max(0, this.#host.timers.now() - this.#pingedAt))
  }

  /** Reading was stopped, or goes on. */
  paused(held: boolean): void {
    const now = this.#host.timers.now()
    if (held) this.#pausedAt = now
    // A shorter pause than from one look to the next has kept nothing from being judged.
    else if (now - this.#pausedAt >= this.#heartbeat.interval / 2) this.#host.resumed()
  }

  /** The socket is gone; nobody owes us a pong. */
  reset(): void {
    this.#awaitingPong = false
  }
}

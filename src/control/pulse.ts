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

/** More pings than this without an answer: the server answers none, and the oldest need not be remembered. */
const mostOutstanding = 1_000

/** A loop that was held up could not read the answer: it gets at least this long to do so. Milliseconds. */
const leastLeft = 1_000

/** What the heartbeat does when the chart says so: sends the ping, times the pong. When and whether, the chart decides. */
export class Pulse {
  readonly #heartbeat: Heartbeat
  readonly #host: PulseHost
  #pingedAt = 0
  /** When each ping of this link went out that has no answer yet. Answers come in the order of the pings. */
  #outstanding: number[] = []
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
    if (this.#outstanding.push(this.#pingedAt) > mostOutstanding) this.#outstanding.shift()
    try {
      if (data === undefined) socket.ping?.()
      else socket.send(data)
    } catch {
      // It has closed and we have not heard of it yet: its close is on the way.
    }
  }

  /** Whether it is the answer to a ping that is outstanding. If so, its round trip is reported. */
  pong(): boolean {
    const pingedAt = this.#outstanding.shift()
    if (pingedAt === undefined) return false
    // RFC 6455 §5.5.3: a peer may answer only the latest of several pings.
    if (this.#heartbeat.ping === 'protocol') this.#outstanding = []
    this.#host.answered(Math.max(0, this.#host.timers.now() - pingedAt))
    return true
  }

  /** Reading was stopped, or goes on. */
  paused(held: boolean): void {
    const now = this.#host.timers.now()
    if (held) this.#pausedAt = now
    // A shorter pause than from one look to the next has kept nothing from being judged.
    else if (now - this.#pausedAt >= this.#heartbeat.interval / 2) this.#host.resumed()
  }

  /** The socket is gone, and its answers with it. */
  reset(): void {
    this.#outstanding = []
  }
}

import type { Inbound } from '../data/inbound.js'
import type { Outbound, Tally } from '../data/outbound.js'
import type { Reporter } from '../errors.js'
import { ignore, onRejection } from '../guards.js'
import { isData, type Heartbeat } from '../policies/heartbeat.js'
import type { Data, Socket } from '../transports/transport.js'
import { Patience } from './patience.js'
import { Progress } from './progress.js'
import type { Timers } from './timers.js'

export interface PulseHost extends Reporter {
  readonly timers: Timers
  readonly data: {
    readonly inbound: Pick<Inbound<unknown>, 'expecting' | 'expectProof'>
    readonly outbound: Pick<Outbound<unknown>, 'handed' | 'prove' | 'uncertain'>
  }
  /** Proof of life, or the lack of a reason to ask for one. */
  alive(): void
  /** We read again after a pause so long that silence went unjudged. */
  resumed(): void
  answered(rtt: number): void
}

/** A ping on its way, and what its answer will prove: all that was handed to the socket before it. */
interface Ping {
  readonly at: number
  readonly handed: Tally
}

/** A server that answers none must not make the list grow. The oldest are kept: an answer taken for that of a later ping would prove too much. */
const mostOutstanding = 1_000

/** A loop that was held up could not read the answer: it gets at least this long to do so. Milliseconds. */
const leastLeft = 1_000

/** What the heartbeat does when the chart says so: sends the ping, times the pong. When and whether, the chart decides. */
export class Pulse {
  readonly #heartbeat: Heartbeat
  readonly #host: PulseHost
  #pingedAt = 0
  /** The pings of this link that have no answer yet. Answers come in the order of the pings. */
  #outstanding: Ping[] = []
  #pausedAt = 0
  readonly #progress: Progress
  readonly #patience = new Patience()

  constructor(heartbeat: Heartbeat, host: PulseHost) {
    this.#heartbeat = heartbeat
    this.#host = host
    this.#progress = new Progress(heartbeat.proof)
  }

  /** How long an answer may take on this link. Milliseconds. */
  get timeout(): number {
    return this.#heartbeat.timeout * this.#patience.factor
  }

  /** How much of `timeout` is left to the ping that is out; all of it if none is. Milliseconds. */
  get left(): number {
    const { timeout } = this
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
        onRejection(data, ignore)
        if (!isData(data)) throw new TypeError(`heartbeat.ping gave ${typeof data}, which cannot be sent`)
      }
    } catch (thrown) {
      this.#host.fail('ERR_POLICY', 'heartbeat.ping', thrown)
      // Nothing was asked, so the silence that follows proves nothing.
      this.#host.alive()
      return
    }
    if (this.#outstanding.length < mostOutstanding) {
      this.#outstanding.push({ at: this.#pingedAt, handed: this.#host.data.outbound.handed })
    }
    try {
      if (data === undefined) socket.ping?.()
      else socket.send(data)
    } catch {
      // It has closed and we have not heard of it yet: its close is on the way.
    }
  }

  /** Whether it is the answer to a ping that is outstanding. If so, its round trip is reported. */
  pong(): boolean {
    const isProtocol = this.#heartbeat.ping === 'protocol'
    // RFC 6455 §5.5.3: a peer may answer only the latest of several pings, and the transport reports no other answer.
    const ping = isProtocol ? this.#outstanding.pop() : this.#outstanding.shift()
    if (ping === undefined) return false
    if (isProtocol) this.#outstanding = []
    const { outbound } = this.#host.data
    const rtt = Math.max(0, this.#host.timers.now() - ping.at)
    const before = outbound.uncertain.bytes
    outbound.prove(ping.handed)
    if (rtt <= this.#heartbeat.timeout) this.#patience.answered(before - outbound.uncertain.bytes)
    this.#host.answered(rtt)
    return true
  }

  /** From now on it counts whether bytes move. */
  watch(socket: Socket): void {
    this.#progress.watch(socket)
  }

  /** Bytes have moved since. */
  moves(socket: Socket): boolean {
    return this.#progress.moves(socket)
  }

  /** What the socket was receiving when it was last watched could not be seen. */
  get blind(): boolean {
    return this.#progress.blind
  }

  /** A link was given up for want of an answer. */
  gaveUp(link: { readonly unproved: number; readonly blind: boolean }): void {
    this.#patience.gaveUp(link)
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
    this.#progress.reset()
  }
}

import type { Heartbeat } from '../policies/heartbeat.js'
import type { Socket, Throughput } from '../transports/transport.js'

/**
 * Whether bytes still move on a link whose answer is overdue: a message that takes longer than the heartbeat allows is slow, not lost.
 *
 * Bytes written count only if some were waiting. A system goes on taking what it can buffer long after the link has died; once its
 * buffer is full it takes more only when the peer has acknowledged what came before.
 */
export class Progress {
  readonly #proof: Heartbeat['proof']
  #last: Throughput | undefined

  constructor(proof: Heartbeat['proof']) {
    this.#proof = proof
  }

  /** The socket doesn't say how far it has come. */
  get blind(): boolean {
    return this.#last === undefined
  }

  /** Notes how far the socket is now. */
  watch(socket: Socket): void {
    this.#last = socket.throughput?.()
  }

  /** Whether it has come further since. Where only a pong proves life, what was read proves nothing. */
  moves(socket: Socket): boolean {
    const before = this.#last
    const now = socket.throughput?.()
    if (before === undefined || now === undefined) return false
    if (this.#proof === 'any' && now.read > before.read) return true
    return before.waiting > 0 && (now.written > before.written || now.waiting < before.waiting)
  }

  reset(): void {
    this.#last = undefined
  }
}

import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** The channel on which Node and Deno announce each TCP client socket. */
const channel = 'net.client.socket'

/**
 * Finds the TCP sockets that an agent opens for one handshake. An agent hands its socket over only when it is usable,
 * so `ws` cannot drop a socket whose proxy has not answered `CONNECT`. Active only while handshakes are pending; idle,
 * it costs nothing.
 */
export class DialTracker {
  readonly #context = new AsyncLocalStorage<Dial>()
  #pending = 0

  /** Starts tracking one handshake. Call `release` on the result when it is over. */
  begin(): Dial {
    this.#pending += 1
    if (this.#pending === 1) subscribe(channel, this.#note)
    return new Dial(this.#context, () => {
      this.#pending -= 1
      if (this.#pending > 0) return
      unsubscribe(channel, this.#note)
      // Before Node 24, an enabled storage slows down every promise in the process.
      this.#context.disable()
    })
  }

  readonly #note = (message: unknown): void => {
    this.#context.getStore()?.note((message as { socket: Socket }).socket)
  }
}

/** The sockets of one handshake. */
export class Dial {
  readonly #context: AsyncLocalStorage<Dial>
  #done: (() => void) | undefined
  #sockets: Socket[] = []

  constructor(context: AsyncLocalStorage<Dial>, done: () => void) {
    this.#context = context
    this.#done = done
  }

  run<T>(make: () => T): T {
    return this.#context.run(this, make)
  }

  note(socket: Socket): void {
    if (this.#done !== undefined) this.#sockets.push(socket)
  }

  /**
   * Ends tracking. `isGivenUp`: destroys the sockets that were opened for the handshake; otherwise they belong to the
   * link or the agent.
   */
  release(isGivenUp: boolean): void {
    if (isGivenUp) for (const socket of this.#sockets) socket.destroy()
    this.#sockets = []
    this.#done?.()
    this.#done = undefined
  }
}

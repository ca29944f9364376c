import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** Published by Node and Deno for every TCP socket that a client opens. */
const channel = 'net.client.socket'

/**
 * Finds the TCP sockets that an agent opens for one handshake. An agent hands a socket over only once it is of use, so
 * `ws` cannot drop one whose proxy has not answered `CONNECT`. It runs on as long as handshakes are pending, and costs
 * nothing otherwise.
 */
export class DialTracker {
  readonly #context = new AsyncLocalStorage<Dial>()
  #pending = 0

  /** Runs `make` and notes the sockets that it opens, also later. `release` must follow. */
  begin(): Dial {
    this.#pending += 1
    if (this.#pending === 1) subscribe(channel, this.#note)
    return new Dial(this.#context, () => {
      this.#pending -= 1
      if (this.#pending > 0) return
      unsubscribe(channel, this.#note)
      // Before Node 24 a storage in use slows down every promise of the process.
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
   * The handshake is over: what the agent opened is its own, or the link's.
   *
   * `isGivenUp`: the handshake is given up, and so is what was opened for it.
   */
  release(isGivenUp: boolean): void {
    if (isGivenUp) for (const socket of this.#sockets) socket.destroy()
    this.#sockets = []
    this.#done?.()
    this.#done = undefined
  }
}

import type { Socket } from '../transports/transport.js'

export interface BrakeHost {
  /** Reading was stopped, or goes on. */
  paused(held: boolean): void
}

/** Stops reading while anybody wants it stopped, so that the network pushes back on a server that is faster than its reader. */
export class Brake {
  readonly #host: BrakeHost
  #holders = 0
  /** How many sockets there have been: who held an old one has no say over the new one. */
  #sockets = 0
  #socket: Socket | undefined

  constructor(host: BrakeHost) {
    this.#host = host
  }

  get held(): boolean {
    return this.#holders > 0
  }

  attach(socket: Socket): void {
    this.#socket = socket
  }

  /** The socket is gone, and with it whatever held it. */
  detach(): void {
    this.#socket = undefined
    this.#sockets++
    if (!this.held) return
    this.#holders = 0
    this.#host.paused(false)
  }

  /** Stops reading until the returned function is called. `undefined`: there is no socket, or its transport cannot pause. */
  hold(): (() => void) | undefined {
    const socket = this.#socket
    if (socket?.pause === undefined || socket.resume === undefined) return undefined
    if (++this.#holders === 1) {
      socket.pause()
      this.#host.paused(true)
    }
    const held = this.#sockets
    let holds = true
    return () => {
      if (!holds || this.#sockets !== held) return
      holds = false
      if (--this.#holders > 0) return
      socket.resume!()
      this.#host.paused(false)
    }
  }
}

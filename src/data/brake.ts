import type { Socket } from '../transports/transport.js'

/** Stops reading while anybody wants it stopped, so that the network pushes back on a server that is faster than its reader. */
export class Brake {
  readonly #changed: (held: boolean) => void
  readonly #holders = new Set<object>()
  #socket: Socket | undefined

  constructor(changed: (held: boolean) => void) {
    this.#changed = changed
  }

  get held(): boolean {
    return this.#holders.size > 0
  }

  attach(socket: Socket): void {
    this.#socket = socket
  }

  /** The socket is gone, and with it whatever held it. */
  detach(): void {
    this.#socket = undefined
    if (!this.held) return
    this.#holders.clear()
    this.#changed(false)
  }

  /** Stops reading until the returned function is called. `undefined`: there is no socket, or its transport cannot pause. */
  hold(): (() => void) | undefined {
    const socket = this.#socket
    if (socket?.pause === undefined || socket.resume === undefined) return undefined
    const holder = {}
    this.#holders.add(holder)
    if (this.#holders.size === 1) {
      socket.pause()
      this.#changed(true)
    }
    return () => {
      if (!this.#holders.delete(holder) || this.held) return
      socket.resume!()
      this.#changed(false)
    }
  }
}

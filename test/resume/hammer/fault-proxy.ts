import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

export type Direction = 'up' | 'down'

/** One connection through the proxy. What is held arrives late, when it is let go. */
export class ProxiedLink {
  readonly #sockets: Readonly<Record<Direction, Socket>>
  readonly #held: Record<Direction, Buffer[] | undefined> = { up: undefined, down: undefined }
  readonly #gone: () => void

  constructor(near: Socket, far: Socket, gone: () => void) {
    // Each direction is named by the socket that it is written to.
    this.#sockets = { up: far, down: near }
    this.#gone = gone
    this.#forward(near, 'up')
    this.#forward(far, 'down')
  }

  #forward(from: Socket, direction: Direction): void {
    const to = this.#sockets[direction]
    from.setNoDelay(true)
    from.on('error', () => {})
    from.on('data', (bytes: Buffer) => {
      const held = this.#held[direction]
      if (held !== undefined) held.push(bytes)
      else if (!to.write(bytes)) {
        from.pause()
        to.once('drain', () => from.resume())
      }
    })
    from.on('close', () => {
      // The end of a held direction is held too.
      if (this.#held[direction] === undefined) this.#end()
    })
  }

  /** The link looks fine, and nothing arrives. */
  hold(...directions: readonly Direction[]): void {
    for (const direction of directions) this.#held[direction] ??= []
  }

  /** What was held arrives now. */
  letGo(): void {
    for (const direction of ['up', 'down'] as const) {
      const held = this.#held[direction]
      this.#held[direction] = undefined
      for (const bytes of held ?? []) this.#sockets[direction].write(bytes)
    }
    if (this.#sockets.up.destroyed || this.#sockets.down.destroyed) this.#end()
  }

  reset(): void {
    for (const socket of [this.#sockets.up, this.#sockets.down]) socket.resetAndDestroy()
    this.#gone()
  }

  finish(): void {
    this.#end()
  }

  #end(): void {
    for (const socket of [this.#sockets.up, this.#sockets.down]) {
      socket.end()
      // What is still buffered may never leave.
      socket.destroySoon()
    }
    this.#gone()
  }
}

/** A proxy for TCP in front of a node or a store. */
export class FaultProxy {
  readonly #server: Server
  readonly links = new Set<ProxiedLink>()
  target: number
  #isSilent = false

  private constructor(target: number) {
    this.target = target
    this.#server = createServer((near) => this.#join(near))
  }

  static async start(target: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Nothing passes on any link, and new ones get no answer. */
  silence(): void {
    this.#isSilent = true
    for (const link of this.links) link.hold('up', 'down')
  }

  heal(): void {
    this.#isSilent = false
    for (const link of this.links) link.letGo()
  }

  close(): void {
    this.#server.close()
    for (const link of this.links) link.reset()
  }

  #join(near: Socket): void {
    const link: ProxiedLink = new ProxiedLink(near, connect(this.target, '127.0.0.1'), () => this.links.delete(link))
    this.links.add(link)
    if (this.#isSilent) link.hold('up', 'down')
  }
}

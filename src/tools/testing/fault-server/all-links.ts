import type { Acts, Link, LinkDirection, SwallowOptions } from './acts.js'
import type { FrameKind } from './frames.js'
import type { Direction } from './lane.js'

/** Applies link faults to all current links. For future links, use rules. */
export abstract class AllLinks implements Acts {
  abstract get links(): readonly Link[]

  swallow(direction?: LinkDirection, options?: SwallowOptions): void {
    for (const link of this.links) link.swallow(direction, options)
  }

  heal(): void {
    for (const link of this.links) link.heal()
  }

  delay(ms: number | (() => number), direction?: LinkDirection): void {
    for (const link of this.links) link.delay(ms, direction)
  }

  throttle(bytesPerSecond: number, direction?: LinkDirection): void {
    for (const link of this.links) link.throttle(bytesPerSecond, direction)
  }

  drop(direction: Direction, ...kinds: FrameKind[]): void {
    for (const link of this.links) link.drop(direction, ...kinds)
  }

  ignoreClose(): void {
    for (const link of this.links) link.ignoreClose()
  }

  noPong(): void {
    for (const link of this.links) link.noPong()
  }

  send(data: string | Uint8Array): void {
    for (const link of this.#upgraded()) link.send(data)
  }

  ping(payload?: string | Uint8Array): void {
    for (const link of this.#upgraded()) link.ping(payload)
  }

  sendRaw(bytes: Uint8Array): void {
    for (const link of this.#upgraded()) link.sendRaw(bytes)
  }

  reset(): void {
    for (const link of this.links) link.reset()
  }

  cut(): void {
    for (const link of this.links) link.cut()
  }

  /** Closes every link with a closing handshake; the server keeps listening. */
  closeLinks(code?: number, reason?: string): void {
    for (const link of this.#upgraded()) link.close(code, reason)
  }

  /** Injecting a frame during a handshake would be a different fault. */
  #upgraded(): Link[] {
    return this.links.filter((link) => link.upgraded)
  }
}

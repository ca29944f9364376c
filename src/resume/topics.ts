import type { Frame, Hello, Joined } from './protocol.js'

/** The position in one topic. */
interface Position {
  readonly topic: string
  ep: string
  off: number
}

/** The client's position in each topic of its session. */
export class Topics {
  readonly #positions = new Map<string, Position>()
  /** By the id on this link. */
  readonly #ids = new Map<number, Position>()

  /** Ids hold on one link. */
  unlink(): void {
    this.#ids.clear()
  }

  clear(): void {
    this.#ids.clear()
    this.#positions.clear()
  }

  /** As in a hello. */
  get positions(): Hello['topics'] {
    if (this.#positions.size === 0) return undefined
    return Object.fromEntries(Array.from(this.#positions, ([topic, { ep, off }]) => [topic, [ep, off] as const]))
  }

  /** Messages of this topic follow. Returns the last received offset if some after it are lost. */
  join({ id, topic, ep, off, lost }: Joined): number | undefined {
    const known = this.#positions.get(topic)
    const position = known ?? { topic, ep, off }
    this.#positions.set(topic, position)
    this.#ids.set(id, position)
    const last = position.off
    if (lost !== true && position.ep === ep && off <= last) return undefined
    position.ep = ep
    position.off = off
    return last
  }

  /** Returns false if there is no such topic. */
  leave(id: number): boolean {
    const position = this.#ids.get(id)
    if (position === undefined) return false
    this.#positions.delete(position.topic)
    return this.#ids.delete(id)
  }

  /** Whether this message is the next one. Returns undefined for a gap and for an unknown topic. */
  take({ topic: id, number }: Frame): boolean | undefined {
    const position = this.#ids.get(id)
    if (position === undefined || number > position.off + 1) return undefined
    if (number <= position.off) return false
    position.off = number
    return true
  }
}

import { seeded } from '../storm/random.js'

/** Something to choose, and how often in proportion to the others. */
export type Weighted<T> = readonly [weight: number, make: (draw: Draw) => T]

/** Choices that come out the same for the same seed. */
export class Draw {
  readonly random: () => number

  constructor(seed: number) {
    this.random = seeded(seed)
  }

  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.random() * (max - min + 1))
  }

  chance(part: number): boolean {
    return this.random() < part
  }

  of<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)]!
  }

  among<T>(table: readonly Weighted<T>[]): T {
    let left = this.random() * table.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, make] of table) {
      left -= weight
      if (left < 0) return make(this)
    }
    return table.at(-1)![1](this)
  }
}

/** One seed out of several numbers, so that each step has numbers of its own, whatever the steps before it used up. */
export function seedOf(...parts: readonly number[]): number {
  let seed = 0x9e3779b9
  for (const part of parts) seed = Math.imul(seed ^ (part | 0), 0x85ebca6b) + 0xc2b2ae35
  return seed | 0
}

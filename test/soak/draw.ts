import { seeded } from '../storm/random.js'

/** A choice and its relative weight. */
export type Weighted<T> = readonly [weight: number, make: (draw: Draw) => T]

/** Choices that are reproducible for a seed. */
export class Draw {
  readonly random: () => number

  constructor(seed: number) {
    this.random = seeded(seed)
  }

  /** An integer from `min` to `max`, inclusive. */
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

/** Derives one seed from several numbers, so each step has its own, independent of earlier steps. */
export function seedOf(...parts: readonly number[]): number {
  let seed = 0x9e3779b9
  for (const part of parts) seed = Math.imul(seed ^ (part | 0), 0x85ebca6b) + 0xc2b2ae35
  return seed | 0
}

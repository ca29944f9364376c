import { acts, type Act } from './acts.js'
import { arrivals, type Arrival } from './arrivals.js'
import { Draw, seedOf } from './draw.js'
import { endings, type Ending } from './endings.js'

/** What happens from one `open` to the next. */
export interface Step {
  readonly acts: readonly { readonly act: Act; /** Milliseconds. */ readonly pause: number }[]
  readonly ending: Ending
  /** What happens to the following dials, one each. */
  readonly arrivals: readonly Arrival[]
}

/** A step depends only on the seed and its number, so network timing does not change later steps. */
export function stepOf(seed: number, lane: number, number: number): Step {
  const draw = new Draw(seedOf(seed, lane, number))
  const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)
  return {
    acts: times(draw.whole(0, 4), () => ({ act: draw.among(acts), pause: draw.of([0, 0, 1, 3]) })),
    ending: draw.among(endings),
    arrivals: times(draw.of([0, 0, 1, 1, 2]), () => draw.among(arrivals)),
  }
}

export function describe({ acts, ending, arrivals }: Step): string {
  const list = (names: readonly string[]): string => (names.length === 0 ? '-' : names.join('; '))
  return `acts: ${list(acts.map(({ act }) => act.name))} | end: ${ending.name} | then: ${list(arrivals.map(({ name }) => name))}`
}

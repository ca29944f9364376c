import { verdict } from '../shared/statistics.js'
import { markdown } from '../storm/table.js'
import { entries, peers, type Entry } from './entries.js'

/** Bytes, minified and gzipped. */
export interface Weight {
  readonly entry: Entry
  readonly own: number
  readonly withXState: number
}

const kb = (bytes: number): string => `${(bytes / 1e3).toFixed(1)} kB`

interface Goal {
  /** The entry, by its place in the list. */
  readonly of: string
  readonly title: string
  /** Bytes. */
  readonly bound: number
}

const core = entries[0]!.name

export const goals: readonly Goal[] = [
  { of: core, title: 'own code of `statewire`', bound: 6_000 },
  { of: '`statewire/websocket`', title: '`statewire/websocket` adds', bound: 2_000 },
  { of: '`statewire` and `/ws`, without ws', title: '`statewire/ws` adds', bound: 1_500 },
]

/** What was meant, what the entries weigh, and what the peers do (in their order). */
export function tables(weights: readonly Weight[], others: readonly number[]): string[] {
  const of = (name: string): number => weights.find(({ entry }) => entry.name === name)!.own
  const beyond = (bytes: number): number => bytes - of(core)
  return [
    markdown(
      ['goal', 'at most', 'measured', ''],
      goals.map(({ of: name, title, bound }) => {
        const bytes = name === core ? of(name) : beyond(of(name))
        return [title, kb(bound), kb(bytes), verdict({ low: bytes, high: bytes }, bound)]
      }),
    ),
    markdown(
      ['imported', 'own code', 'beyond the core', 'with XState'],
      weights.map(({ entry, own, withXState }) => [
        entry.name,
        kb(own),
        own > of(core) ? kb(beyond(own)) : '–',
        withXState > own ? kb(withXState) : 'needs none',
      ]),
    ),
    markdown(
      ['peer', 'minified and gzipped'],
      peers.map((name, at) => [name, kb(others[at]!)]),
    ),
  ]
}

import { verdict } from '../shared/statistics.js'
import { markdown } from '../../test/storm/table.js'
import { entries, peers } from './entries.js'

const kb = (bytes: number): string => `${(bytes / 1e3).toFixed(1)} kB`

interface Goal {
  readonly of: string
  readonly title: string
  /** Bytes. */
  readonly bound: number
}

export const goals: readonly Goal[] = [
  {
    of: '`connect`, `webSocketTransport`, `textHeartbeat`',
    title: '`connect`, `webSocketTransport`, `textHeartbeat`',
    bound: 8_000,
  },
  { of: '`createConnection`', title: '`createConnection`', bound: 16_000 },
  { of: '`ReconnectingWebSocket`', title: '`ReconnectingWebSocket`', bound: 12_000 },
  { of: '`createConnection`, `wsTransport`', title: '`wsTransport` adds', bound: 1_500 },
]

/** Bytes by entry, and by peer. */
export interface Weights {
  readonly entries: ReadonlyMap<string, number>
  readonly peers: ReadonlyMap<string, number>
}

/** The goals, the sizes of the entries, and those of the peers. */
export function tables(weights: Weights): string[] {
  const of = (name: string): number => weights.entries.get(name)!
  const added = (name: string): number | undefined => {
    const beyond = entries.find((entry) => entry.name === name)?.beyond
    return beyond === undefined ? undefined : of(name) - of(beyond)
  }
  return [
    markdown(
      ['goal', 'at most', 'measured', ''],
      goals.map(({ of: name, title, bound }) => {
        const bytes = added(name) ?? of(name)
        return [title, kb(bound), kb(bytes), verdict({ low: bytes, high: bytes }, bound)]
      }),
    ),
    markdown(
      ['imported', 'minified and gzipped', 'beyond `createConnection`'],
      entries.map(({ name }) => {
        const beyond = added(name)
        return [name, kb(of(name)), beyond === undefined ? '–' : kb(beyond)]
      }),
    ),
    markdown(
      ['peer', 'minified and gzipped'],
      peers.map(({ name }) => [name, kb(weights.peers.get(name)!)]),
    ),
  ]
}

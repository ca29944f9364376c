import { confidence, ratios, showSpread, spread, verdict, type Samples, type Spread } from '../shared/statistics.js'
import { grouped, markdown } from '../../test/storm/table.js'
import type { Weighed } from './lockstep.js'

/** By contender, in order, and by round; the first is the baseline. */
export type All = ReadonlyMap<string, readonly Weighed[]>

interface Goal {
  readonly title: string
  readonly of: string
  readonly what: 'heap' | 'timers' | 'creation' | 'reconnect'
  readonly bound: number
}

export const goals: readonly Goal[] = [
  { title: 'heap beyond the socket, `createConnection`', of: 'statewire/ws', what: 'heap', bound: 4_500 },
  { title: 'heap beyond the socket, `connect`', of: 'statewire/core', what: 'heap', bound: 2_500 },
  { title: 'CPU to open, `createConnection`', of: 'statewire/ws', what: 'creation', bound: 1.25 },
  { title: 'CPU to open, `connect`', of: 'statewire/core', what: 'creation', bound: 1.25 },
  { title: 'CPU to reconnect, `createConnection`', of: 'statewire/ws', what: 'reconnect', bound: 1.75 },
  { title: 'CPU to reconnect, `connect`', of: 'statewire/core', what: 'reconnect', bound: 1.75 },
  { title: 'idle timers, `createConnection`', of: 'statewire/ws', what: 'timers', bound: 2 },
]

const kilobytes = ({ low, middle, high }: Spread): string =>
  showSpread({ low: low / 1e3, middle: middle / 1e3, high: high / 1e3 }, 1)

/** Figures of one contender: bytes beyond the socket, timers, or the ratio to the bare socket in the same batch. */
function samples(all: All, name: string, what: Goal['what']): Samples {
  const [bare] = all.values()
  return all.get(name)!.map((weighed, round) => {
    const base = bare![round]!
    if (what === 'heap') return [weighed.heap - base.heap]
    return what === 'timers' ? [weighed.timers] : ratios(weighed[what], base[what])
  })
}

function goalRow(all: All, { title, of, what, bound }: Goal): string[] {
  const found = samples(all, of, what)
  const { middle } = spread(found.flat())
  const sure = confidence(found)
  const show = (value: number): string => (what === 'heap' ? `${(value / 1e3).toFixed(1)} kB` : value.toFixed(2))
  return [title, show(bound), show(middle), `${show(sure.low)}–${show(sure.high)}`, verdict(sure, bound)]
}

export function tables(count: number, all: All): string[] {
  const names = [...all.keys()]
  const bare = names[0]
  const cost = (name: string, what: 'creation' | 'reconnect'): string => {
    const { middle } = spread(all.get(name)!.flatMap((weighed) => weighed[what]))
    const text = `${(middle / 1e3).toFixed(0)} µs`
    return name === bare ? text : `${text}, × ${showSpread(spread(samples(all, name, what).flat()))}`
  }
  return [
    markdown(
      ['goal', 'at most', 'measured', '95 of 100 runs between', ''],
      goals.filter(({ of }) => all.has(of)).map((goal) => goalRow(all, goal)),
    ),
    markdown(
      [
        `${grouped(count)} open`,
        'heap each, kB',
        'beyond the socket, kB',
        'CPU to open',
        'CPU to reconnect',
        'timers each',
      ],
      names.map((name) => [
        name,
        kilobytes(spread(all.get(name)!.map(({ heap }) => heap))),
        name === bare ? '–' : kilobytes(spread(samples(all, name, 'heap').flat())),
        cost(name, 'creation'),
        cost(name, 'reconnect'),
        spread(samples(all, name, 'timers').flat()).middle.toFixed(1),
      ]),
    ),
  ]
}

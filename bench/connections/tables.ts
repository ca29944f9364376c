import { ratios, showSpread, spread, verdict, type Spread } from '../shared/statistics.js'
import { grouped, markdown } from '../storm/table.js'
import type { Rates } from './chart.js'
import type { Weighed } from './run-process.js'

/** By contender, in their order; the first is what the others are compared with. */
export type All = ReadonlyMap<string, readonly Weighed[]>

/** Bytes of heap beyond the socket, and timers, of a connection that is open and at rest. */
export const goals = { heap: 8_000, timers: 2 }

const of = (all: All, name: string, what: keyof Weighed): number[] => all.get(name)!.map((each) => each[what])

const kilobytes = ({ low, middle, high }: Spread): string =>
  showSpread({ low: low / 1e3, middle: middle / 1e3, high: high / 1e3 }, 1)

const perSecond = ({ low, middle, high }: Spread): string =>
  `${Math.round(middle / 1e3)}k (${Math.round(low / 1e3)}k–${Math.round(high / 1e3)}k)`

export function tables(count: number, all: All, rates: Rates): string[] {
  const [bare = '', ours = ''] = all.keys()
  const beyond = (name: string): Spread => {
    const socket = of(all, bare, 'heap')
    return spread(of(all, name, 'heap').map((heap, round) => heap - socket[round]!))
  }
  const cost = (name: string, what: 'creation' | 'reconnect'): string => {
    const [mine, base] = [of(all, name, what), of(all, bare, what)]
    const { middle } = spread(mine)
    const text = `${(middle / 1e3).toFixed(0)} µs`
    return name === bare ? text : `${text}, × ${showSpread(spread(ratios(mine, base)), 1)}`
  }
  const timers = spread(of(all, ours, 'timers'))
  const heap = beyond(ours)
  return [
    markdown(
      ['goal', 'at most', 'measured', ''],
      [
        [
          `heap of \`${ours}\`, beyond the socket`,
          `${(goals.heap / 1e3).toFixed(1)} kB`,
          `${kilobytes(heap)} kB`,
          verdict(heap, goals.heap),
        ],
        ['its timers, at rest', `${goals.timers}`, timers.middle.toFixed(1), verdict(timers, goals.timers)],
      ],
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
      [...all.keys()].map((name) => [
        name,
        kilobytes(spread(of(all, name, 'heap'))),
        name === bare ? '–' : kilobytes(beyond(name)),
        cost(name, 'creation'),
        cost(name, 'reconnect'),
        spread(of(all, name, 'timers')).middle.toFixed(1),
      ]),
    ),
    markdown(
      ['the chart', 'events a second of CPU'],
      [
        ['an event that changes nothing', perSecond(rates.ignored)],
        ['a look that finds silence, and the answer to its ping', perSecond(rates.heartbeat)],
      ],
    ),
  ]
}

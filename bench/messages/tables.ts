import {
  confidence,
  confidenceOfRatio,
  ratios,
  showSpread,
  sideOf,
  spread,
  verdict,
  type Samples,
} from '../shared/statistics.js'
import { markdown } from '../../test/storm/table.js'
import { describeCase, type Case } from './cases.js'
import type { Contender } from './client.js'
import type { Group } from './contenders.js'
import type { Result } from './run-process.js'

/** The part of a group that a table needs. */
export interface Named extends Pick<Group, 'title'> {
  readonly bare: Pick<Contender, 'name'>
  readonly contenders: readonly Pick<Contender, 'name' | 'role'>[]
}

/** The measurements of a group: by contender, by process, by case. */
export type Measured = readonly (readonly (readonly Result[])[])[]

const bareCost = (results: readonly Result[]): string =>
  `${spread(results.flatMap((each) => each.bare)).middle.toFixed(0)} ns`

/** Of the bare socket, by process. */
const ofBare = (results: readonly Result[]): Samples => results.map(({ bare, costs }) => ratios(costs, bare))

interface Competitor {
  readonly name: string
  readonly samples: Samples
}

const middle = ({ samples }: Competitor): number => spread(samples.flat()).middle

const words = { below: 'ahead of', above: 'behind', unclear: 'level with' } as const

/** statewire's best against the best peer. `level`: the difference is not significant. */
function beside(ours: Competitor, peers: readonly Competitor[]): { word: string; text: string } {
  const best = peers.reduce((a, b) => (middle(b) < middle(a) ? b : a))
  const word = words[sideOf(confidenceOfRatio(ours.samples, best.samples), 1)]
  return { word, text: `${word} ${best.name}, ${(middle(ours) / middle(best)).toFixed(2)}` }
}

function competitors({ contenders }: Named, at: number, measured: Measured): (Competitor & { role: string })[] {
  return contenders.map(({ name, role }, contender) => ({
    name,
    role,
    samples: ofBare(measured[contender]!.map((run) => run[at]!)),
  }))
}

export function columns(group: Named): string[] {
  return [group.title, group.bare.name, ...group.contenders.map(({ name }) => name), 'statewire beside the best peer']
}

/** A figure that does not differ significantly from the bare socket's is marked. */
function cell(samples: Samples): string {
  const unclear = sideOf(confidence(samples), 1) === 'unclear'
  return `${unclear ? '≈ ' : ''}${showSpread(spread(samples.flat()))}`
}

interface Row {
  readonly case: Case
  readonly cells: readonly string[]
  /** Compares statewire with the best peer. */
  readonly word: string
}

function rows(group: Named, measured: Measured): Row[] {
  return measured[0]![0]!.map(({ case: order }, at) => {
    const all = competitors(group, at, measured)
    const { word, text } = beside(
      all.find(({ role }) => role === 'ours')!,
      all.filter(({ role }) => role === 'peer'),
    )
    const bare = bareCost(measured.flatMap((runs) => runs.map((run) => run[at]!)))
    return { case: order, word, cells: [describeCase(order), bare, ...all.map(({ samples }) => cell(samples)), text] }
  })
}

/** One table for incoming and one for outgoing messages. */
export function tables(group: Named, measured: Measured): string[] {
  const all = rows(group, measured)
  return (['receive', 'send'] as const).flatMap((direction) => {
    const some = all.filter((each) => each.case.direction === direction)
    return some.length > 0
      ? [
          markdown(
            columns(group),
            some.map(({ cells }) => cells),
          ),
        ]
      : []
  })
}

interface Goal {
  readonly direction: Case['direction']
  readonly bursts: readonly number[]
  /** As a multiple of the bare socket's cost. */
  readonly bound: number
}

/** For 64 B text over `ws`. */
export const goals: readonly Goal[] = [
  { direction: 'receive', bursts: [1, 10, 100, 1_000], bound: 1.03 },
  { direction: 'send', bursts: [1], bound: 1.05 },
  { direction: 'send', bursts: [10], bound: 0.35 },
  { direction: 'send', bursts: [100], bound: 0.12 },
]

/** The goals, and whether they are met. They apply to the first group. */
export function goalTable(groups: readonly Named[], measured: readonly Measured[]): string {
  const [first, runs] = [groups[0]!, measured[0]!]
  const ours = first.contenders.findIndex(({ role }) => role === 'ours')
  const lines = goals.flatMap(({ direction, bursts, bound }) =>
    runs[ours]![0]!.flatMap(({ case: each }, at) => {
      const meant =
        each.direction === direction &&
        each.size === 64 &&
        each.kind === 'text' &&
        !each.deflate &&
        bursts.includes(each.burst)
      if (!meant) return []
      const samples = ofBare(runs[ours]!.map((run) => run[at]!))
      const sure = confidence(samples)
      const figure = spread(samples.flat()).middle.toFixed(3)
      const between = `${sure.low.toFixed(3)}–${sure.high.toFixed(3)}`
      return [[describeCase(each), `≤ ${bound}`, figure, between, verdict(sure, bound)]]
    }),
  )
  const hasPeers = first.contenders.some(({ role }) => role === 'peer')
  const standing = hasPeers ? groups.flatMap((group, at) => rows(group, measured[at]!).map(({ word }) => word)) : []
  const count = (word: string): number => standing.filter((each) => each === word).length
  const behind = count(words.above)
  const all = `${count(words.below)} ahead, ${count(words.unclear)} level, ${behind} behind`
  return markdown(
    ['goal', 'of the bare socket', 'measured', '95 of 100 runs between', ''],
    hasPeers
      ? [...lines, ['every row beside the best peer', 'ahead or level', all, '', behind === 0 ? 'met' : 'not met']]
      : lines,
  )
}

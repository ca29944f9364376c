import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { spread, verdict } from '../shared/statistics.js'
import { markdown } from '../../test/storm/table.js'
import { wires, type Own } from './wires.js'

/** By name, and by process. */
export type OwnCosts = ReadonlyMap<string, readonly Own[]>

/** Nanoseconds from the transport's call to the app's listener. */
export const ownGoal = 6
/** The case that the goal applies to. */
const meant = ['connect', 'createConnection']

const script = fileURLToPath(new URL('./own-process.ts', import.meta.url))

async function measure(name: string): Promise<Own> {
  const child = fork(script, [name, '40', '200000'], { execArgv: ['--import', 'tsx'] })
  const [own] = (await once(child, 'message')) as [Own]
  return own
}

/** Alternating, one process each. */
export async function ownCosts(processes: number, progress: (name: string) => void): Promise<OwnCosts> {
  const costs = new Map<string, Own[]>(Object.keys(wires).map((name) => [name, []]))
  for (let time = 0; time < processes; time++)
    for (const [name, each] of costs) {
      progress(name)
      each.push(await measure(name))
    }
  return costs
}

const show = (values: readonly number[]): string => {
  const { middle } = spread(values)
  return `${middle.toFixed(1)} (${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)})`
}

export function ownTable(costs: OwnCosts): string {
  return markdown(
    ['ns between transport and listener', 'receive 64 B text', 'goal', '', 'send 64 B text'],
    [...costs].map(([name, each]) => {
      const receive = each.map((own) => own.receive)
      const { middle } = spread(receive)
      const judged = meant.includes(name) ? [`≤ ${ownGoal}`, verdict({ low: middle, high: middle }, ownGoal)] : ['', '']
      return [name, show(receive), ...judged, show(each.map((own) => own.send))]
    }),
  )
}

// One run in a process of its own: how a process's code is compiled and its memory laid out decides some per cents for as
// long as it lives, so the figures come from several.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { cases, describeCase, type Case } from './cases.js'
import { groups } from './contenders.js'
import { Trial } from './trial.js'

export interface RunOrder {
  readonly rounds: number
  readonly full: boolean
  /** Only cases whose name has this in it. */
  readonly only: string
}

export interface Result {
  readonly group: number
  readonly order: Case
  /** By contender, then by round. Nanoseconds of processor time for each message. */
  readonly costs: number[][]
}

export type Said = { readonly progress: string } | { readonly result: Result }

const say = (said: Said): void => void process.send!(said)

/** In turns, each round in another order; the first rounds, which compile, do not count. */
async function measure(trials: readonly Trial[], order: Case, rounds: number): Promise<number[][]> {
  const costs: number[][] = trials.map(() => [])
  for (let round = -3; round < rounds; round++) {
    say({ progress: `${describeCase(order)}: round ${Math.max(0, round + 1)} of ${rounds}` })
    for (let turn = 0; turn < trials.length; turn++) {
      const at = (turn + round + 3) % trials.length
      const cost = await trials[at]!.run(order)
      if (round >= 0) costs[at]!.push(cost)
    }
  }
  return costs
}

async function run({ rounds, full, only }: RunOrder): Promise<void> {
  const script = fileURLToPath(new URL('./server-process.ts', import.meta.url))
  const server = fork(script, [], { execArgv: ['--import', 'tsx'] })
  const [ports] = (await once(server, 'message')) as [Record<'plain' | 'deflating', number>]
  const orders = (['receive', 'send'] as const)
    .flatMap((direction) => cases(direction, full))
    .filter((each) => describeCase(each).includes(only))
  // Listed before any peer puts another class into the global scope.
  for (const [group, { contenders, deflate: can }] of groups().entries()) {
    for (const deflate of can ? [false, true] : [false]) {
      const chosen = orders.filter((each) => each.deflate === deflate)
      if (chosen.length === 0) continue
      const url = `ws://127.0.0.1:${deflate ? ports.deflating : ports.plain}`
      const trials = await Promise.all(contenders.map((each) => Trial.open(each, url, deflate)))
      for (const order of chosen) say({ result: { group, order, costs: await measure(trials, order, rounds) } })
      for (const trial of trials) trial.close()
    }
  }
  server.disconnect()
}

if (process.send !== undefined) {
  // Whoever started it is gone, or has all it wanted.
  process.on('disconnect', () => process.exit())
  await run(JSON.parse(process.argv[2]!) as RunOrder)
  process.disconnect()
}

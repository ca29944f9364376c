// One contender and the bare socket in one process. Separate processes keep contenders from affecting each other's
// compilation; and because compilation and memory layout vary by a few percent between processes, the figures come from
// several.
import { cases, describeCase, type Case, type Choice } from './cases.js'
import { groups } from './contenders.js'
import { Trial } from './trial.js'

export interface RunOrder {
  readonly group: number
  readonly contender: number
  readonly rounds: number
  readonly choice: Choice
  /** Only cases whose name contains this. */
  readonly only: string
  readonly ports: Record<'plain' | 'deflating', number>
}

export interface Result {
  readonly case: Case
  /** Nanoseconds of processor time per message, by round. */
  readonly bare: readonly number[]
  readonly costs: readonly number[]
}

export type Said = { readonly progress: string } | { readonly result: Result }

const say = (said: Said): void => void process.send!(said)

/** The number of warm-up rounds, which do not count. */
const warmUp = 2

/** Alternating, in reverse order each round. */
async function measure(bare: Trial, contender: Trial, order: Case, rounds: number): Promise<Result> {
  const of = new Map<Trial, number[]>([
    [bare, []],
    [contender, []],
  ])
  for (let round = -warmUp; round < rounds; round++) {
    for (const trial of round % 2 === 0 ? [bare, contender] : [contender, bare]) {
      const cost = await trial.run(order)
      if (round >= 0) of.get(trial)!.push(cost)
    }
  }
  return { case: order, bare: of.get(bare)!, costs: of.get(contender)! }
}

async function run({ group: at, contender, rounds, choice, only, ports }: RunOrder): Promise<void> {
  const group = groups()[at]!
  for (const deflate of group.deflate ? [false, true] : [false]) {
    const chosen = cases(choice, only).filter((each) => each.deflate === deflate)
    if (chosen.length === 0) continue
    const url = `ws://127.0.0.1:${deflate ? ports.deflating : ports.plain}`
    // The bare socket first, because a peer may replace the global class.
    const bare = await Trial.open(group.bare, url, deflate)
    const trial = await Trial.open(group.contenders[contender]!, url, deflate)
    // After large buffers, garbage collection makes every later message cost half a microsecond more.
    for (const each of chosen.toSorted((a, b) => a.size - b.size)) {
      say({ progress: describeCase(each) })
      say({ result: await measure(bare, trial, each, rounds * (group.weighed ? each.weight : 1)) })
    }
    bare.close()
    trial.close()
  }
}

if (process.send !== undefined) {
  // The parent process has exited or is done.
  process.on('disconnect', () => process.exit())
  await run(JSON.parse(process.argv[2]!) as RunOrder)
  process.disconnect()
}

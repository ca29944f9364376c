import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { Interruption } from '../../src/tools/cli/interruption.js'
import { whole } from '../../bench/shared/command.js'
import { ProgressBar } from '../../bench/shared/progress-bar.js'
import type { Over } from './settings.js'
import { mutants, type Mutant } from './mutants.js'
import { soak, type Outcome } from './soak.js'
import { summary } from './summary.js'
import { Violation } from './violation.js'

const usage = `Runs thousands of reconnects under random faults. Nothing may be left over afterwards.

Usage: npm run soak -- [options]

  --seed N         determines the actions of app, server and network (default: random, printed)
  --reconnects N   number of reconnects of both connections together (default 10000)
  --warm-up N      reconnects before that, not measured (default: half as many, at most 1000)
  --bound KB       allowed heap growth (default 512); short runs need more, because code is still being compiled
  --over NAME      ws, global (the runtime's WebSocket) or both (default both)
  --mutant NAME    plant a defect: ${Object.keys(mutants).join(', ')}`

const options = {
  seed: { type: 'string' },
  reconnects: { type: 'string', default: '10000' },
  'warm-up': { type: 'string' },
  bound: { type: 'string', default: '512' },
  over: { type: 'string', default: 'both' },
  mutant: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** A process that has nothing to do is to end within this. Milliseconds. */
const farewell = 10_000

function oversOf(name: string): readonly Over[] {
  if (name !== 'ws' && name !== 'global' && name !== 'both') {
    throw new RangeError(`--over ${name} must be ws, global or both`)
  }
  if (name !== 'ws' && globalThis.WebSocket === undefined) {
    throw new RangeError('this runtime has no global WebSocket: Node 20 needs --experimental-websocket')
  }
  return name === 'both' ? ['ws', 'global'] : [name]
}

function mutantOf(name: string | undefined): Mutant | undefined {
  if (name === undefined || name in mutants) return name as Mutant | undefined
  throw new RangeError(`--mutant ${name} must be one of: ${Object.keys(mutants).join(', ')}`)
}

async function run(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return console.log(usage)
  const seed = whole('seed', values.seed ?? String(randomInt(2 ** 31)), 0, 2 ** 31)
  const reconnects = whole('reconnects', values.reconnects, 1, 100_000_000)
  const tenth = Math.min(1_000, Math.ceil(reconnects / 2))
  const warmUp = whole('warm-up', values['warm-up'] ?? String(tenth), 1, 1_000_000)
  const bound = 1_000 * whole('bound', values.bound, 0, 1_000_000)
  const overs = oversOf(values.over)
  const mutant = mutantOf(values.mutant)
  const again = `npm run soak -- --seed ${seed} --reconnects ${reconnects} --warm-up ${warmUp} --bound ${values.bound} --over ${values.over}${mutant === undefined ? '' : ` --mutant '${mutant}'`}`
  console.log(`seed ${seed}`)
  const interruption = new Interruption(process.stdout)
  // Node would end without a word if a promise that we wait for were never settled.
  const emptied = (): never => {
    console.log(`\nVIOLATION nothing is left that could happen, and the run is not over\nseed ${seed}; again: ${again}`)
    process.exit(1)
  }
  process.once('beforeExit', emptied)
  const bar = new ProgressBar(process.stderr)
  let outcome: Outcome
  try {
    const { signal } = interruption
    const progress = (done: number, of: number, heap: number): void =>
      bar.show(done, of, `heap ${(heap / 1e6).toFixed(2)} MB`)
    outcome = await soak({ seed, reconnects, warmUp, bound, overs, mutant, signal, progress })
  } catch (error) {
    bar.clear()
    if (interruption.exitCode !== undefined) console.log(`stopped after ${bar.done} reconnects`)
    else {
      if (error instanceof Violation && error.cause !== undefined) console.log(error.cause)
      console.log(error instanceof Violation ? `\nVIOLATION ${error.message}` : error)
    }
    console.log(`seed ${seed}; again: ${again}`)
    // What a defect has left behind is not to keep us.
    process.exit(interruption.exitCode ?? 1)
  } finally {
    bar.clear()
    process.off('beforeExit', emptied)
    interruption.stop()
  }
  console.log(`\n${summary(outcome, { seed, reconnects, warmUp, bound })}\n\nagain: ${again}`)
  setTimeout(() => {
    console.log(`\nVIOLATION the process does not end: ${process.getActiveResourcesInfo().join(', ')}`)
    process.exit(1)
  }, farewell).unref()
}

try {
  await run()
} catch (error) {
  const mistyped = error instanceof RangeError || (error instanceof TypeError && 'code' in error)
  console.error(mistyped ? `${error.message}\n\n${usage}` : error)
  process.exitCode = mistyped ? 2 : 1
}

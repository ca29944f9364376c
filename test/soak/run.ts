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

const usage = `Reconnects thousands of times under random faults, then checks that nothing leaked.

Usage: npm run soak -- [options]

  --seed N         seed for the app, the server and the network (default: random; it is printed)
  --reconnects N   reconnects to measure, over all connections (default 10000)
  --warm-up N      reconnects before measuring starts (default: half of --reconnects, at most 1000)
  --bound KB       maximum heap growth (default 512); short runs need more, for code still being compiled
  --over NAME      ws, global (the runtime's WebSocket) or both (default both)
  --mutant NAME    inject a defect that the run must find: ${Object.keys(mutants).join(', ')}`

const options = {
  seed: { type: 'string' },
  reconnects: { type: 'string', default: '10000' },
  'warm-up': { type: 'string' },
  bound: { type: 'string', default: '512' },
  over: { type: 'string', default: 'both' },
  mutant: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** How long an idle process may take to exit. Milliseconds. */
const exitTimeout = 10_000

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
  // Otherwise Node exits silently if an awaited promise never settles.
  const emptied = (): never => {
    console.log(`\nVIOLATION the event loop is empty before the run is complete\nseed ${seed}; again: ${again}`)
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
    // Exit despite leftovers of a defect.
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
  }, exitTimeout).unref()
}

try {
  await run()
} catch (error) {
  const mistyped = error instanceof RangeError || (error instanceof TypeError && 'code' in error)
  console.error(mistyped ? `${error.message}\n\n${usage}` : error)
  process.exitCode = mistyped ? 2 : 1
}

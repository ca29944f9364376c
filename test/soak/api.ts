import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { run, subjects, type Subject } from './api/run.js'
import { mutants, type Mutant } from './api/mutants.js'
import { run as command, whole } from '../../bench/shared/command.js'

const usage = `Runs random sequences of API calls, with valid and invalid arguments, under random faults. Nothing may be lost, duplicated, thrown or left over.

Usage: npm run soak:api -- [options]

  --seed N        determines the calls and the faults (default: random, printed)
  --sequences N   number of sequences, of up to 40 steps each (default 30000)
  --sockets N     how many of them use real sockets to a fault server (default: one in a hundred)
  --only SUBJECT  ${subjects.join(', ')} (default: all)
  --path PATH     replay the sequence with this path, as printed with a failure; needs --seed and --only
  --mutant NAME   plant a defect: ${mutants.join(', ')}`

const options = {
  seed: { type: 'string', default: String(randomInt(2 ** 31 - 1)) },
  sequences: { type: 'string', default: '30000' },
  sockets: { type: 'string' },
  only: { type: 'string' },
  path: { type: 'string' },
  mutant: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const { values } = parseArgs({ options })
if (values.help) console.log(usage)
else {
  await command('soak:api', async () => {
    process.exitCode = await soak()
  })
}

async function soak(): Promise<number> {
  const seed = whole('seed', values.seed, -(2 ** 31), 2 ** 31 - 1)
  const sequences = whole('sequences', values.sequences, 1, 1e9)
  const sockets = values.sockets === undefined ? Math.ceil(sequences / 100) : whole('sockets', values.sockets, 0, 1e9)
  const faked = Math.max(0, sequences - sockets)
  const shares: Record<Subject, number> = {
    connection: Math.ceil(faked / 2),
    'drop-in': Math.floor(faked / 2),
    sockets,
  }
  if (values.only !== undefined && !subjects.includes(values.only as Subject))
    throw new RangeError(`--only: ${subjects.join(', ')}`)
  if (values.mutant !== undefined && !mutants.includes(values.mutant as Mutant))
    throw new RangeError(`--mutant: ${mutants.join(', ')}`)
  console.log(`seed ${seed}`)
  for (const subject of subjects) {
    const share = values.only === undefined ? shares[subject] : values.only === subject ? sequences : 0
    if (share === 0) continue
    const begun = performance.now()
    try {
      // Sequential, so that an uncaught error can be attributed to its run.
      const figures = await run({ subject, sequences: share, seed, path: values.path, mutant: values.mutant as Mutant })
      const seconds = ((performance.now() - begun) / 1_000).toFixed(0)
      console.log(`${subject}: ${describe(figures)}, in ${seconds} s`)
    } catch (error) {
      const { message, cause } = error as Error
      const [, path = ''] = /path: "([^"]*)"/.exec(message) ?? []
      console.log(`VIOLATION over ${subject}\n${message}\n${(cause as Error | undefined)?.message ?? ''}`)
      console.log(`again: npm run soak:api -- --seed ${seed} --sequences ${share} --only ${subject} --path ${path}`)
      return 1
    }
  }
  return 0
}

function describe(figures: object): string {
  return Object.entries(figures)
    .map(([name, count]) => `${(count as number).toLocaleString('en-US')} ${name}`)
    .join(', ')
}

import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeCase, type Case } from './messages/cases.js'
import { groups, packages, type Group } from './messages/contenders.js'
import type { Result, RunOrder, Said } from './messages/run-process.js'
import { made, today, write } from './shared/page.js'
import { ratios, showSpread, spread } from './shared/statistics.js'
import { Progress } from './storm/progress.js'
import { markdown } from './storm/table.js'

const usage = `What a message costs, in and out: statewire beside bare sockets and beside its peers, in turns. Prints Markdown.

Usage: npm run bench:messages -- [options]

  --processes N  how many processes do the same, one after the other (default 5)
  --rounds N     how often each one has its turn in each of them (default 7)
  --full         every size, kind, burst and compression with every other, instead of each by itself
  --only TEXT    only cases whose name has this in it
  --write        puts the tables into docs/performance.md

The peers are packages of their own: npm ci --prefix bench`

const options = {
  processes: { type: 'string', default: '5' },
  rounds: { type: 'string', default: '7' },
  full: { type: 'boolean', default: false },
  only: { type: 'string', default: '' },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const progress = new Progress(process.stderr)

function whole(option: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new RangeError(`--${option} (${text}) must be a whole number, 1 or more`)
}

function runOnce(order: RunOrder, shown: string): Promise<Result[]> {
  const script = fileURLToPath(new URL('./messages/run-process.ts', import.meta.url))
  const child = fork(script, [JSON.stringify(order)])
  const results: Result[] = []
  child.on('message', (said: Said) => {
    if ('progress' in said) progress.show(`${shown}: ${said.progress}`)
    else results.push(said.result)
  })
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => (code === 0 ? resolve(results) : reject(new Error(`a run ended with ${code}`))))
  })
}

/** The rounds of all processes, as if they were those of one. */
function merge(runs: readonly Result[][]): Result[] {
  return runs[0]!.map((first, at) => ({
    ...first,
    costs: first.costs.map((_, contender) => runs.flatMap((run) => run[at]!.costs[contender]!)),
  }))
}

function row({ contenders }: Group, order: Case, costs: readonly (readonly number[])[]): string[] {
  const base = costs[contenders.findIndex(({ role }) => role === 'bare')]!
  const cells = contenders.flatMap(({ role }, at) => (role === 'ours' ? [showSpread(ratios(costs[at]!, base))] : []))
  const peers = contenders
    .flatMap(({ role, name }, at) => (role === 'peer' ? [{ name, ratio: ratios(costs[at]!, base) }] : []))
    .sort((a, b) => a.ratio.middle - b.ratio.middle)
  const { name, ratio } = peers[0]!
  return [describeCase(order), `${spread(base).middle.toFixed(0)} ns`, ...cells, `${showSpread(ratio)} ${name}`]
}

function tables(results: readonly Result[]): string[] {
  return groups().flatMap((group, at) =>
    (['receive', 'send'] as const).flatMap((direction) => {
      const rows = results
        .filter((each) => each.group === at && each.order.direction === direction)
        .map(({ order, costs }) => row(group, order, costs))
      const named = (role: string): string[] =>
        group.contenders.flatMap((each) => (each.role === role ? [each.name] : []))
      const columns = [group.title, `CPU of ${named('bare')[0]}`, ...named('ours'), 'best peer']
      return rows.length > 0 ? [markdown(columns, rows)] : []
    }),
  )
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return console.log(usage)
  const order = { rounds: whole('rounds', values.rounds), full: values.full, only: values.only }
  const processes = whole('processes', values.processes)
  if (values.write && values.only !== '') throw new RangeError('--write needs all cases: leave --only out')
  const absent = packages.filter((name) => !existsSync(new URL(`node_modules/${name}/package.json`, import.meta.url)))
  if (absent.length > 0)
    throw new RangeError(`Not installed: ${absent.join(', ')}. Run this first: npm ci --prefix bench`)
  const runs: Result[][] = []
  for (let run = 1; run <= processes; run++) runs.push(await runOnce(order, `process ${run} of ${processes}`))
  progress.clear()
  const command = `npm run bench:messages${values.full ? ' -- --full' : ''}`
  const block = [made(command, today(), process.version), ...tables(merge(runs))].join('\n\n')
  console.log(block)
  if (values.write) write('messages', block)
}

try {
  await main()
} catch (error) {
  progress.clear()
  // Whoever typed the command wants a sentence; a fault of ours comes with its stack.
  const mistyped = error instanceof RangeError || (error instanceof TypeError && 'code' in error)
  console.error(mistyped ? `${error.message}\n\nnpm run bench:messages -- --help tells more.` : error)
  process.exitCode = mistyped ? 2 : 1
}

import { parseArgs } from 'node:util'
import { chartRates, chartTables } from './connections/chart.js'
import { contenders } from './connections/contenders.js'
import { round, type Weighed } from './connections/lockstep.js'
import { tables } from './connections/tables.js'
import { run, whole } from './shared/command.js'
import { made, today, write } from './shared/page.js'
import { ProgressBar } from './shared/progress-bar.js'
import { grouped } from '../test/storm/table.js'

const usage = `Measures the heap of an open connection, the CPU time to open and reopen it over real sockets, and the chart's events. Prints Markdown.

Usage: npm run bench:connections -- [options]

  --count N   connections that are open at once (default 10,000, or as many as the limit of open files allows)
  --rounds N  rounds, each in new processes (default 3)
  --only TEXT only contenders whose name contains this text, and ws
  --quick     1,000 at once, in one round
  --write     write the tables to docs/performance.md`

const options = {
  count: { type: 'string' },
  rounds: { type: 'string' },
  only: { type: 'string', default: '' },
  quick: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** File descriptors that a process needs in addition. */
const besides = 200

/** The requested number, or fewer with a warning if the system limits open files. */
function allowed(count: number): number {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft: number | 'unlimited' } } }
  const limit = report.userLimits?.open_files?.soft ?? 'unlimited'
  if (limit === 'unlimited' || count + besides <= limit) return count
  const fewer = Math.max(1, limit - besides)
  console.error(`ulimit -n is ${grouped(limit)}: ${grouped(fewer)} connections in place of ${grouped(count)}`)
  return fewer
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return console.log(usage)
  if (values.write && values.quick) throw new RangeError('--write needs a whole run: leave --quick out')
  if (values.write && values.only !== '') throw new RangeError('--write needs all contenders: leave --only out')
  const count = allowed(whole('count', values.count ?? (values.quick ? '1000' : '10000'), 1, 1_000_000))
  const rounds = whole('rounds', values.rounds ?? (values.quick ? '1' : '3'), 1, 1_000)
  const names = Object.keys(contenders).filter((name) => name.includes(values.only))
  if (names.length === 0) throw new RangeError(`--only ${values.only} is in no contender's name`)
  if (!names.includes('ws')) names.unshift('ws')
  const all = new Map<string, Weighed[]>(names.map((name) => [name, []]))
  const bar = new ProgressBar(process.stderr)
  for (let done = 0; done < rounds; done++) {
    const weighed = await round(names, count, (batches, of) =>
      bar.show(done * of + batches, rounds * of, `round ${done + 1}`),
    )
    for (const [name, each] of weighed) all.get(name)!.push(each)
  }
  bar.clear()
  const rates = await chartRates(15)
  const heading = made('npm run bench:connections', today(), process.version)
  const block = [heading, ...tables(count, all), ...chartTables(rates)].join('\n\n')
  console.log(block)
  if (values.write) write('connections', block)
}

await run('bench:connections', main)

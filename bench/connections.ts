import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chartRates } from './connections/chart.js'
import { contenders } from './connections/contenders.js'
import type { Weighed } from './connections/run-process.js'
import { tables } from './connections/tables.js'
import { run, whole } from './shared/command.js'
import { made, today, write } from './shared/page.js'
import { ProgressBar } from './shared/progress-bar.js'
import { grouped } from './storm/table.js'

const usage = `What an open connection weighs, what it costs to make one and to make it anew, over real sockets; what the chart takes.

Usage: npm run bench:connections -- [options]

  --count N   how many are open at once (default 10,000, or as many as the limit of open files allows)
  --rounds N  how often each is weighed, in a process of its own (default 3)
  --quick     1,000 at once, in one round
  --write     puts the tables into docs/performance.md

The peers are packages of their own: npm ci --prefix bench`

const options = {
  count: { type: 'string' },
  rounds: { type: 'string' },
  quick: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const script = (name: string): string => fileURLToPath(new URL(`./connections/${name}.ts`, import.meta.url))

/** What a process has open besides. */
const besides = 200

/** As many as were asked for; fewer, and said so, where the system allows a process no more files. */
function allowed(count: number): number {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft: number | 'unlimited' } } }
  const limit = report.userLimits?.open_files?.soft ?? 'unlimited'
  if (limit === 'unlimited' || count + besides <= limit) return count
  const fewer = Math.max(1, limit - besides)
  console.error(`ulimit -n is ${grouped(limit)}: ${grouped(fewer)} connections in place of ${grouped(count)}`)
  return fewer
}

async function weigh(name: string, count: number, progress: (done: number) => void): Promise<Weighed> {
  const server = fork(script('server-process'), [], { execArgv: ['--import', 'tsx'] })
  const [port] = (await once(server, 'message')) as [number]
  const execArgv = ['--expose-gc', '--import', 'tsx']
  const child = fork(script('run-process'), [name, `ws://127.0.0.1:${port}`, `${count}`], { execArgv })
  const weighed = await new Promise<Weighed>((resolve, reject) => {
    child.on('message', (said: { progress: number } | { weighed: Weighed }) =>
      'progress' in said ? progress(said.progress) : resolve(said.weighed),
    )
    child.on('exit', (code) => reject(new Error(`${name} ended with ${code} and said nothing`)))
  })
  server.disconnect()
  return weighed
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return console.log(usage)
  if (values.write && values.quick) throw new RangeError('--write needs a whole run: leave --quick out')
  const count = allowed(whole('count', values.count ?? (values.quick ? '1000' : '10000'), 1, 1_000_000))
  const rounds = whole('rounds', values.rounds ?? (values.quick ? '1' : '3'), 1, 1_000)
  const names = Object.keys(contenders)
  const all = new Map<string, Weighed[]>(names.map((name) => [name, []]))
  const bar = new ProgressBar(process.stderr)
  const total = rounds * names.length * count
  let before = 0
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      // In turns, each round in another order: what the machine does besides hits them all.
      const name = names[(turn + round) % names.length]!
      all.get(name)!.push(await weigh(name, count, (done) => bar.show(before + done, total, `open: ${name}`)))
      before += count
    }
  }
  bar.clear()
  const rates = await chartRates(15)
  const block = [made('npm run bench:connections', today(), process.version), ...tables(count, all, rates)].join('\n\n')
  console.log(block)
  if (values.write) write('connections', block)
}

await run('bench:connections', main)

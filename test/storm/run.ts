import { parseArgs } from 'node:util'
import { whole } from '../../bench/shared/command.js'
import { Progress } from './progress.js'
import { realStorm } from './real.js'
import { schedules, type Schedule } from './schedules.js'
import { simulate, type Scenario } from './simulation.js'
import { medianOf, summarize, type Summary } from './summary.js'
import { grouped, markdown, seconds, table } from './table.js'

const usage = `Simulates how many clients return at once after an outage, for each policy. Prints Markdown.

Usage: npm run storm -- [options]

  --clients N    clients that lose the link at once (default 1000000; 2000 with --real)
  --outage MS    duration of the outage (default 0 and 30000; 3000 with --real)
  --seed N       the first seed (default 1)
  --seeds N      number of seeds; prints their median (default 20 up to 100000 clients, else 1)
  --capacity N   clients per second that the server accepts (default: all)
  --spread MS    clients detect the loss up to this much later (default 0)
  --real         use real connections to a real server, which is killed and restarted
  --port N       port of that server (default 21987)`

const options = {
  clients: { type: 'string' },
  outage: { type: 'string' },
  seed: { type: 'string', default: '1' },
  seeds: { type: 'string' },
  capacity: { type: 'string' },
  spread: { type: 'string', default: '0' },
  real: { type: 'boolean', default: false },
  port: { type: 'string', default: '21987' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const read = () => parseArgs({ options }).values
type Values = ReturnType<typeof read>

const progress = new Progress(process.stderr)

function simulateAll(values: Values): void {
  const clients = whole('clients', values.clients ?? '1000000', 1, 10_000_000)
  const outages = values.outage === undefined ? [0, 30_000] : [whole('outage', values.outage, 0, 3_600_000)]
  const seed = whole('seed', values.seed, 0, 2 ** 31)
  const seeds = whole('seeds', values.seeds ?? (clients <= 100_000 ? '20' : '1'), 1, 10_000)
  const spread = whole('spread', values.spread, 0, 600_000)
  const capacity = values.capacity === undefined ? Infinity : whole('capacity', values.capacity, 1, 100_000_000)

  function run(schedule: Schedule, scenario: Omit<Scenario, 'seed'>): Summary {
    return medianOf(
      Array.from({ length: seeds }, (_, index) => {
        progress.show(`${schedule.name}, outage ${scenario.outage} ms, seed ${seed + index}`)
        return summarize(simulate(schedule, { ...scenario, seed: seed + index }))
      }),
    )
  }

  const started = performance.now()
  const conditions = [
    `${grouped(clients)} clients`,
    seeds === 1 ? `seed ${seed}` : `median of the seeds ${seed} to ${seed + seeds - 1}`,
    ...(spread === 0 ? [] : [`losses spread over ${spread} ms`]),
    ...(capacity === Infinity ? [] : [`a server that takes ${grouped(capacity)} per second`]),
  ].join(', ')
  for (const outage of outages) {
    const scenario = { clients, outage, capacity, spread }
    const rows = schedules.map((schedule) => ({ name: schedule.name, ...run(schedule, scenario) }))
    progress.clear()
    console.log(`${outage === 0 ? 'A blip' : `${outage / 1_000} s away`}: ${conditions}\n\n${table(rows, clients)}\n`)
  }
  console.error(`${((performance.now() - started) / 1_000).toFixed(1)} s`)
}

async function runReal(values: Values): Promise<void> {
  // Each client takes two sockets and some memory on this machine.
  const clients = whole('clients', values.clients ?? '2000', 1, 5_000)
  const outage = whole('outage', values.outage ?? '3000', 0, 60_000)
  const port = whole('port', values.port, 1_024, 65_535)
  const rows: string[][] = []
  for (const schedule of schedules) {
    progress.show(schedule.name)
    const { away, due, arrived, p50, p99 } = await realStorm({ clients, outage, port, schedule })
    rows.push([schedule.name, seconds(away), grouped(due), grouped(arrived), seconds(p50), seconds(p99)])
  }
  progress.clear()
  const columns = ['policy', 'away', 'peak due per 100 ms', 'peak arrived per 100 ms', 'p50', 'p99']
  console.log(`${grouped(clients)} real connections, the server killed and started again ${outage / 1_000} s later\n`)
  console.log(markdown(columns, rows))
}

try {
  const values = read()
  if (values.help) console.log(usage)
  else if (values.real) await runReal(values)
  else simulateAll(values)
} catch (error) {
  progress.clear()
  // A usage error prints a message; a bug, or a storm that never ended, prints its stack.
  const mistyped = error instanceof RangeError || (error instanceof TypeError && 'code' in error)
  console.error(mistyped ? `${error.message}\n\n${usage}` : error)
  process.exitCode = mistyped ? 2 : 1
}

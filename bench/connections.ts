import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chartRates } from './connections/chart.js'
import { contenders } from './connections/contenders.js'
import type { Weighed } from './connections/run-process.js'
import { made, today, write } from './shared/page.js'
import { showSpread, spread, type Spread } from './shared/statistics.js'
import { Progress } from './storm/progress.js'
import { markdown } from './storm/table.js'

const usage = `What an open connection weighs, what it costs to make one and to make it anew, over real sockets; what the chart takes.

Usage: npm run bench:connections -- [options]

  --count N   how many are open at once (default 10,000)
  --rounds N  how often each is weighed, in a process of its own (default 3)
  --write     puts the tables into docs/performance.md

The peers are packages of their own: npm ci --prefix bench`

const options = {
  count: { type: 'string', default: '10000' },
  rounds: { type: 'string', default: '3' },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const progress = new Progress(process.stderr)

function whole(option: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new RangeError(`--${option} (${text}) must be a whole number, 1 or more`)
}

const script = (name: string): string => fileURLToPath(new URL(`./connections/${name}.ts`, import.meta.url))

async function weigh(name: string, count: number): Promise<Weighed> {
  const server = fork(script('server-process'), [], { execArgv: ['--import', 'tsx'] })
  const [port] = (await once(server, 'message')) as [number]
  const execArgv = ['--expose-gc', '--import', 'tsx']
  const child = fork(script('run-process'), [name, `ws://127.0.0.1:${port}`, `${count}`], { execArgv })
  const weighed = await new Promise<Weighed>((resolve, reject) => {
    child.on('message', (said: { progress: string } | { weighed: Weighed }) =>
      'progress' in said ? progress.show(said.progress) : resolve(said.weighed),
    )
    child.on('exit', (code) =>
      reject(new Error(`${name} ended with ${code} and said nothing; ulimit -n must be above ${count}`)),
    )
  })
  server.disconnect()
  return weighed
}

const kilobytes = (value: Spread): string =>
  showSpread({ low: value.low / 1e3, middle: value.middle / 1e3, high: value.high / 1e3 }, 1)

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return console.log(usage)
  const [count, rounds] = [whole('count', values.count), whole('rounds', values.rounds)]
  const names = Object.keys(contenders)
  const all = new Map<string, Weighed[]>(names.map((name) => [name, []]))
  // In turns, so that what the machine does besides hits them all.
  for (let round = 0; round < rounds; round++) for (const name of names) all.get(name)!.push(await weigh(name, count))
  progress.clear()
  const of = (name: string, what: keyof Weighed): number[] => all.get(name)!.map((each) => each[what])
  const bare = of(names[0]!, 'heap')
  const rows = names.map((name) => [
    name,
    kilobytes(spread(of(name, 'heap'))),
    name === names[0] ? '–' : kilobytes(spread(of(name, 'heap').map((heap, at) => heap - bare[at]!))),
    `${(spread(of(name, 'creation')).middle / 1e3).toFixed(0)} µs`,
    `${(spread(of(name, 'reconnect')).middle / 1e3).toFixed(0)} µs`,
    spread(of(name, 'timers')).middle.toFixed(1),
  ])
  const rates = await chartRates(15)
  const perSecond = ({ low, middle, high }: Spread): string =>
    `${Math.round(middle / 1e3)}k (${Math.round(low / 1e3)}k–${Math.round(high / 1e3)}k)`
  const block = [
    made('npm run bench:connections', today(), process.version),
    markdown(
      [
        `${count.toLocaleString('en-GB')} open`,
        'heap each, kB',
        'beyond the socket, kB',
        'CPU to open',
        'CPU to reconnect',
        'timers each',
      ],
      rows,
    ),
    markdown(
      ['the chart', 'events a second of CPU'],
      [
        ['an event that changes nothing', perSecond(rates.ignored)],
        ['a look that finds silence, and the answer to its ping', perSecond(rates.heartbeat)],
      ],
    ),
  ].join('\n\n')
  console.log(block)
  if (values.write) write('connections', block)
}

try {
  await main()
} catch (error) {
  progress.clear()
  // Whoever typed the command wants a sentence; a fault of ours comes with its stack.
  const mistyped = error instanceof RangeError || (error instanceof TypeError && 'code' in error)
  console.error(mistyped ? `${error.message}\n\nnpm run bench:connections -- --help tells more.` : error)
  process.exitCode = mistyped ? 2 : 1
}

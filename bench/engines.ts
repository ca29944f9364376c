import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compiledEngine } from '../dist/src/core/engine/compiled.js'
import type { EngineTimers, MakeEngine } from '../dist/src/core/engine/engine.types.js'
import { xstateEngine } from '../dist/src/xstate/engine.js'
import { weigh } from './bundle/entries.js'
import { run, whole } from './shared/command.js'
import { ratios, showSpread, spread, type Spread } from './shared/statistics.js'
import { markdown } from '../test/storm/table.js'

const usage = `Measures the events per second of CPU time that each engine handles, and its size. Prints Markdown.

Usage: npm run bench:engines -- [options]

  --rounds N  rounds for each engine (default 15)
  --events N  events per round (default 200,000)`

const options = {
  rounds: { type: 'string', default: '15' },
  events: { type: 'string', default: '200000' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** Answers to guards and delays: nothing has arrived, and nothing blocks. */
const host = {
  livenessCount: 0,
  trafficCounts: true,
  paused: false,
  moving: false,
  canPing: true,
  dialledOffline: false,
  checkInterval: 1_000,
  timeout: 500,
  probe: 100,
  grace: 0,
  closeTimeout: 100,
  stableAfter: Infinity,
  connectTimeout: () => 1_000,
  effect() {},
  dispose() {},
  toJSON: () => '[host]',
}

/** Keeps the timer that was set last. */
class LastTimer implements EngineTimers {
  callback: () => void = () => {}

  setTimeout(callback: () => void): number {
    this.callback = callback
    return 0
  }

  clearTimeout(): void {}
}

/** An open, stable chart. */
function opened(make: MakeEngine): {
  readonly ignored: (events: number) => void
  readonly lookAndAnswer: (events: number) => void
} {
  const timers = new LastTimer()
  const engine = make(host, timers)
  engine.start({
    next() {},
    error(thrown) {
      throw thrown
    },
  })
  engine.send({ type: 'OPEN' })
  const { gen } = engine.snapshot.context
  for (const type of ['socket.resolved', 'socket.opened', 'socket.prepared'] as const) engine.send({ type, gen })
  engine.send({ type: 'HEALTHY' })
  engine.send({ type: 'environment.online', wait: 0 })
  engine.send({ type: 'socket.alive', gen })
  return {
    // Already stable, so the check changes nothing.
    ignored(events) {
      for (let each = 0; each < events; each++) engine.send({ type: 'HEALTHY' })
    },
    // A check that finds silence, and the reply to its ping: two events, with one timer each.
    lookAndAnswer(events) {
      for (let each = 0; each < events; each += 2) {
        timers.callback()
        engine.send({ type: 'socket.alive', gen })
      }
    },
  }
}

function rate(events: number, work: (events: number) => void): number {
  const before = process.cpuUsage()
  work(events)
  const { user, system } = process.cpuUsage(before)
  return (events * 1e6) / (user + system)
}

const thousands = ({ middle, low, high }: Spread): string => {
  const shown = (value: number): string => Math.round(value / 1_000).toLocaleString('en-GB')
  return `${shown(middle)} k (${shown(low)} to ${shown(high)})`
}

const file = (path: string): string => fileURLToPath(new URL(`../dist/src/${path}`, import.meta.url))
const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`

const engines = [
  ['compiled', compiledEngine, `export * from '${file('core/engine/compiled.js')}'`],
  ['XState', xstateEngine, `export * from '${file('xstate/engine.js')}'`],
] as const

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) {
    console.log(usage)
    return
  }
  const rounds = whole('rounds', values.rounds, 1, 1_000)
  const events = whole('events', values.events, 2, 100_000_000)
  const charts = engines.map(([name, make]) => ({
    name,
    chart: opened(make),
    ignored: [] as number[],
    heartbeat: [] as number[],
  }))
  // Alternating, so that other load on the machine affects both alike; warm-up rounds do not count.
  for (let round = -3; round < rounds; round++) {
    for (const { chart, ignored, heartbeat } of charts) {
      const [one, two] = [rate(events, chart.ignored), rate(events, chart.lookAndAnswer)]
      if (round < 0) continue
      ignored.push(one)
      heartbeat.push(two)
    }
  }
  const [compiled, xstate] = charts as [(typeof charts)[0], (typeof charts)[0]]
  const ratio = (of: 'ignored' | 'heartbeat'): string => `${showSpread(spread(ratios(compiled[of], xstate[of])), 1)} ×`
  const weights = await Promise.all(engines.map(([, , contents]) => weigh(contents)))
  console.log(
    markdown(
      ['events a second of CPU', 'compiled', 'XState', 'ratio'],
      [
        ['ignored', ...charts.map((each) => thousands(spread(each.ignored))), ratio('ignored')],
        ['look and answer', ...charts.map((each) => thousands(spread(each.heartbeat))), ratio('heartbeat')],
        ['minified and gzipped', ...weights.map(kilobytes), `${(weights[0]! / weights[1]!).toFixed(2)} ×`],
      ],
    ),
  )
}

await run('bench:engines', main)

import { parseArgs } from 'node:util'
import { createConnection, type Connection } from '../src/index.js'
import { FakeTransport, settle, TestClock } from '../src/tools/testing/browser.js'
import { markdown } from '../test/storm/table.js'

const usage = `Measures the cost of adding, using and removing many listeners, subscribers, readers, waits or signals. Prints Markdown.

Usage: npm run bench:lists -- [options]

  --most N    the largest number of each (default 100,000); also a tenth and a hundredth of it
  --rounds N  rounds, of which the best counts (default 5)

The last column is the ratio of the cost of one among the most to one among the fewest. Near 1 the number doesn't matter;
a list that is copied or searched for each would give 100.`

const options = {
  most: { type: 'string', default: '100000' },
  rounds: { type: 'string', default: '5' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

interface World {
  readonly connection: Connection
  readonly transport: FakeTransport
}

type Work = (count: number, world: World) => unknown

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)

const open = async ({ transport }: World): Promise<void> => {
  await settle()
  transport.last.accept()
  await settle()
}

const leave = (offs: readonly (() => void)[]): void => {
  for (const off of offs) off()
}

const works: readonly (readonly [string, Work])[] = [
  ['`on`, and off, in order', (count, { connection }) => leave(times(count, () => connection.on('message', () => {})))],
  [
    '`on`, and off, last come first gone',
    (count, { connection }) => leave(times(count, () => connection.on('message', () => {})).reverse()),
  ],
  [
    '`on`, one message for all',
    async (count, world) => {
      times(count, () => world.connection.on('message', () => {}))
      await open(world)
      world.transport.last.message('x')
    },
  ],
  [
    '`on` with `once`, one message for all',
    async (count, world) => {
      times(count, () => world.connection.on('message', () => {}, { once: true }))
      await open(world)
      world.transport.last.message('x')
    },
  ],
  [
    '`on` with a signal, and abort',
    (count, { connection }) => {
      const controller = new AbortController()
      times(count, () => connection.on('message', () => {}, { signal: controller.signal }))
      controller.abort()
    },
  ],
  ['`subscribe`, and off', (count, { connection }) => leave(times(count, () => connection.subscribe(() => {})))],
  [
    '`messages()`, and `return()`',
    (count, { connection }) => {
      for (const reader of times(count, () => connection.messages())) void reader.return?.()
    },
  ],
  [
    '`messages()` with a signal, and abort',
    (count, { connection }) => {
      const controller = new AbortController()
      times(count, () => connection.messages({ signal: controller.signal }))
      controller.abort()
    },
  ],
  [
    '`opened()`, and open',
    async (count, world) => {
      const waits = Promise.all(times(count, () => world.connection.opened()))
      await open(world)
      await waits
    },
  ],
  [
    '`drained()`, and drained',
    async (count, world) => {
      world.connection.send('x')
      const waits = Promise.all(times(count, () => world.connection.drained()))
      await open(world)
      await waits
    },
  ],
  [
    '`ended()` and `close()`, and ended',
    async (count, { connection }) => {
      const waits = times(count, () => connection.ended())
      await Promise.all([...waits, ...times(count, () => connection.close())])
    },
  ],
  [
    '`opened()` with a signal, and abort',
    async (count, { connection }) => {
      const controller = new AbortController()
      const waits = times(count, () => connection.opened({ signal: controller.signal }))
      controller.abort()
      await Promise.allSettled(waits)
    },
  ],
]

/** Processor nanoseconds each, the best of several rounds: other load only adds time. */
async function cost(work: Work, count: number, rounds: number): Promise<number> {
  let best = Infinity
  for (let round = 0; round < rounds; round++) {
    const transport = new FakeTransport()
    const world = { transport, connection: createConnection('ws://bench.test/', { transport, clock: new TestClock() }) }
    ;(globalThis as { gc?: () => void }).gc?.()
    const began = process.cpuUsage()
    await work(count, world)
    best = Math.min(best, process.cpuUsage(began).user)
    void world.connection.close()
    await settle()
  }
  return (best * 1_000) / count
}

const { values } = parseArgs({ options })
if (values.help) console.log(usage)
else {
  const most = Number(values.most)
  const rounds = Number(values.rounds)
  if (!(most >= 100 && rounds >= 1))
    throw new RangeError(`--most must be 100 or more, and --rounds 1 or more\n\n${usage}`)
  const counts = [most / 100, most / 10, most].map(Math.floor)
  // Warm up, so that compiling is not measured.
  for (const [, work] of works) await cost(work, counts[0]!, 3)
  const rows: string[][] = []
  for (const [name, work] of works) {
    const costs: number[] = []
    for (const count of counts) costs.push(await cost(work, count, rounds))
    const ratio = costs.at(-1)! / costs[0]!
    rows.push([name, ...costs.map((each) => Math.round(each).toLocaleString('en')), ratio.toFixed(1)])
  }
  const head = counts.map((count) => `ns each of ${count.toLocaleString('en')}`)
  console.log(markdown(['', ...head, 'ratio'], rows))
}

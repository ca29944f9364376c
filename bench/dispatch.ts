import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { groups, type Group } from './dispatch/contenders.js'
import { Listening, type Order } from './dispatch/measure.js'
import { run, whole } from './shared/command.js'
import { Progress } from '../test/storm/progress.js'
import { quantile } from '../test/storm/summary.js'
import { markdown } from '../test/storm/table.js'

const usage = `Measures the CPU time of a message on its way to a listener: the drop-in class and other clients, over the same sockets. Prints Markdown.

Usage: npm run bench:dispatch -- [options]

  --rounds N    rounds for each contender (default 31)
  --messages N  messages per round (default 10,000)
  --size N      characters per message (default 64)`

const options = {
  rounds: { type: 'string', default: '31' },
  messages: { type: 'string', default: '10000' },
  size: { type: 'string', default: '64' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** Alternating, so that other load on the machine affects all alike; warm-up rounds do not count. */
async function compare({ contenders }: Group, url: string, order: Order, rounds: number): Promise<readonly number[][]> {
  const progress = new Progress(process.stderr)
  const listening = await Promise.all(contenders.map(({ dial }) => Listening.on(dial(url))))
  const costs: number[][] = contenders.map(() => [])
  for (let round = -3; round < rounds; round++) {
    progress.show(`${contenders[0]!.name}: turn ${Math.max(0, round + 1)} of ${rounds}`)
    for (let turn = 0; turn < listening.length; turn++) {
      const at = (turn + round + 3) % listening.length
      const cost = await listening[at]!.receive(order)
      if (round >= 0) costs[at]!.push(cost)
    }
  }
  for (const each of listening) each.close()
  progress.clear()
  return costs
}

function report({ inner, contenders }: Group, costs: readonly number[][]): string {
  const rows = contenders.map(({ name }, at) => {
    const sorted = costs[at]!.toSorted((a, b) => a - b)
    const ratios = costs[at]!.map((cost, round) => cost / costs[0]![round]!).sort((a, b) => a - b)
    const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(ratios, part).toFixed(2))
    return [name, `${quantile(sorted, 0.5).toFixed(0)} ns`, middle!, `${low} to ${high}`]
  })
  return markdown([`over ${inner}`, 'CPU per message', 'of the class alone', 'middle half'], rows)
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return console.log(usage)
  const order = {
    messages: whole('messages', values.messages, 1, 10_000_000),
    size: whole('size', values.size, 1, 100_000_000),
  }
  const rounds = whole('rounds', values.rounds, 1, 1_000_000)
  const script = fileURLToPath(new URL('./dispatch/server-process.ts', import.meta.url))
  const server = fork(script, [], { execArgv: ['--import', 'tsx'] })
  const [port] = (await once(server, 'message')) as [number]
  console.log(
    `Node ${process.version}, text of ${order.size} characters, ${rounds} turns of ${order.messages} messages each`,
  )
  for (const group of groups()) {
    console.log(`\n${report(group, await compare(group, `ws://127.0.0.1:${port}`, order, rounds))}`)
  }
  server.disconnect()
}

await run('bench:dispatch', main)

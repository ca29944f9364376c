import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Order, Report } from './sessions/peer-process.js'
import { crowd, crowdTable } from './sessions/crowd.js'
import { idleHeap, heapTable } from './sessions/heap.js'
import { run, whole } from './shared/command.js'
import { made, today, write } from './shared/page.js'
import { spread, type Spread } from './shared/statistics.js'

const usage = `Measures what a session costs: processor time per message with and without, in alternation; memory; many sessions on one node.

Usage: npm run bench:sessions -- [options]

  --rounds N     rounds for each case (default 9)
  --messages N   messages per round (default 20000)
  --crowd N      sessions on one node (default 10000; 0 leaves it out)
  --write        write the tables to docs/performance.md`

const options = {
  rounds: { type: 'string', default: '9' },
  messages: { type: 'string', default: '20000' },
  crowd: { type: 'string', default: '10000' },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const script = fileURLToPath(new URL('./sessions/peer-process.ts', import.meta.url))
const sizes = [32, 1_024] as const
const ends = ['client', 'server'] as const
type End = (typeof ends)[number]

/** A server and a client, each in its process. */
interface Pair {
  readonly server: ChildProcess
  readonly client: ChildProcess
}

async function said<T>(child: ChildProcess, is: (message: unknown) => message is T): Promise<T> {
  for (;;) {
    const [message] = (await once(child, 'message')) as [unknown]
    if (is(message)) return message
  }
}
const isText =
  (text: string) =>
  (message: unknown): message is string =>
    message === text
const isPort = (message: unknown): message is { port: number } =>
  typeof message === 'object' && message !== null && 'port' in message
const isReport = (message: unknown): message is Report =>
  typeof message === 'object' && message !== null && 'cpu' in message

async function pair(role: 'plain' | 'session'): Promise<Pair> {
  const server = fork(script, [role])
  const { port } = await said(server, isPort)
  const client = fork(script, [role, String(port)])
  await said(client, isText('ready'))
  return { server, client }
}

/** Microseconds of processor time per message, of each end. */
async function transfer(
  { server, client }: Pair,
  from: End,
  count: number,
  size: number,
): Promise<Record<End, number>> {
  const [sender, receiver] = from === 'client' ? [client, server] : [server, client]
  const done = [said(sender, isText('done')), said(receiver, isText('done'))]
  receiver.send({ do: 'receive', count, size } satisfies Order)
  sender.send({ do: 'send', count, size } satisfies Order)
  await Promise.all(done)
  const reports = Promise.all([said(client, isReport), said(server, isReport)])
  for (const child of [client, server]) child.send('stop')
  const [ofClient, ofServer] = await reports
  return { client: ofClient.cpu / count, server: ofServer.cpu / count }
}

interface Row {
  readonly name: string
  readonly plain: Spread
  readonly session: Spread
  readonly ratio: Spread
}

async function costs(rounds: number, messages: number): Promise<Row[]> {
  const [plain, session] = [await pair('plain'), await pair('session')]
  const rows: Row[] = []
  for (const size of sizes) {
    for (const from of ends) {
      const values: Record<'plain' | 'session', Record<End, number>[]> = { plain: [], session: [] }
      // The first round warms up.
      for (let round = 0; round <= rounds; round++) {
        const [one, other] = [
          await transfer(plain, from, messages, size),
          await transfer(session, from, messages, size),
        ]
        if (round === 0) continue
        values.plain.push(one)
        values.session.push(other)
      }
      for (const end of ends) {
        const of = (which: 'plain' | 'session'): number[] => values[which].map((each) => each[end])
        const ratios = of('session').map((value, round) => value / of('plain')[round]!)
        const verb = end === from ? 'sends' : 'receives'
        rows.push({
          name: `${end} ${verb} ${size} B`,
          plain: spread(of('plain')),
          session: spread(of('session')),
          ratio: spread(ratios),
        })
      }
    }
  }
  for (const child of Object.values({ ...plain, three: session.server, four: session.client })) child.disconnect()
  return rows
}

const shown = ({ low, middle, high }: Spread, digits = 2): string =>
  `${middle.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`

function costTable(rows: readonly Row[]): string {
  return [
    'Processor time per message, in microseconds: median and middle half of the rounds. The plain server is bare `ws`.',
    '',
    '| | plain | with a session | ratio |',
    '|---|---|---|---|',
    ...rows.map(
      ({ name, plain, session, ratio }) => `| ${name} | ${shown(plain)} | ${shown(session)} | ${shown(ratio)} |`,
    ),
  ].join('\n')
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return console.log(usage)
  const rounds = whole('rounds', values.rounds, 1, 1_000)
  const messages = whole('messages', values.messages, 1_000, 1_000_000)
  const many = whole('crowd', values.crowd, 0, 50_000)
  const blocks = [costTable(await costs(rounds, messages)), heapTable(await idleHeap())]
  if (many > 0) blocks.push(crowdTable(await crowd(many)))
  const block = [made('npm run bench:sessions', today(), process.version), ...blocks].join('\n\n')
  console.log(block)
  if (values.write) write('sessions', block)
}

await run('bench:sessions', main)

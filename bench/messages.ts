import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cases, describeCase, type Choice } from './messages/cases.js'
import { groups, type Group } from './messages/contenders.js'
import { ownCosts, ownTable } from './messages/own.js'
import type { Result, RunOrder, Said } from './messages/run-process.js'
import { goalTable, tables, type Measured } from './messages/tables.js'
import { run, whole } from './shared/command.js'
import { made, today, write } from './shared/page.js'
import { ProgressBar } from './shared/progress-bar.js'

const usage = `Measures the CPU time of a message, in and out: statewire, bare sockets and other clients, in alternation. Prints Markdown.

Usage: npm run bench:messages -- [options]

  --processes N  processes for each contender, one after the other (default 3)
  --rounds N     rounds for each case in each process; cases with a goal get twice as many (default 5)
  --full         vary every size, kind, burst and compression with every other, instead of separately
  --only TEXT    only cases whose name contains this text
  --quick        a few cases over ws, in one process and three rounds
  --goals        only cases with a goal, without other clients, in nine processes
  --write        write the tables to docs/performance.md`

const options = {
  processes: { type: 'string' },
  rounds: { type: 'string' },
  full: { type: 'boolean', default: false },
  only: { type: 'string', default: '' },
  quick: { type: 'boolean', default: false },
  goals: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const script = (name: string): string => fileURLToPath(new URL(`./messages/${name}.ts`, import.meta.url))

async function measure(order: RunOrder, progress: (text: string) => void): Promise<Result[]> {
  const child: ChildProcess = fork(script('run-process'), [JSON.stringify(order)])
  const results: Result[] = []
  child.on('message', (said: Said) => {
    if ('progress' in said) progress(said.progress)
    else results.push(said.result)
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  if (code !== 0) throw new Error(`a run ended with ${signal ?? code}`)
  // In listed order, not in order of measurement.
  const names = cases(order.choice, order.only).map(describeCase)
  const place = (result: Result): number => names.indexOf(describeCase(result.case))
  return results.sort((a, b) => place(a) - place(b))
}

/** The contenders, by their indexes in the existing groups. */
function chosenGroups(choice: Choice): Group[] {
  const [overWs, ...more] = groups()
  if (choice === 'quick') return [overWs!]
  if (choice !== 'goals') return [overWs!, ...more]
  // A prefix, so that indexes match those of all.
  return [{ ...overWs!, contenders: overWs!.contenders.slice(0, 2) }]
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return console.log(usage)
  const { full, quick, goals } = values
  if ([full, quick, goals].filter(Boolean).length > 1)
    throw new RangeError('--full, --quick and --goals are choices: leave all but one of them out')
  if (values.write && (quick || goals || values.only !== ''))
    throw new RangeError('--write needs all cases: leave --quick, --goals and --only out')
  const choice: Choice = full ? 'all' : quick ? 'quick' : goals ? 'goals' : 'some'
  const rounds = whole('rounds', values.rounds ?? (quick ? '3' : '5'), 1, 10_000)
  const processes = whole('processes', values.processes ?? (quick ? '1' : goals ? '9' : '3'), 1, 1_000)

  const server = fork(script('server-process'), [], { execArgv: ['--import', 'tsx'] })
  const [ports] = (await once(server, 'message')) as [RunOrder['ports']]
  const all = chosenGroups(choice)
  const bar = new ProgressBar(process.stderr)
  const measured = all.map(({ contenders }) => contenders.map((): Result[][] => []))
  if (cases(choice, values.only).length === 0) throw new RangeError(`--only ${values.only} is in no case's name`)
  const steps = all.map(({ deflate }) => cases(choice, values.only).filter((each) => deflate || !each.deflate).length)
  const total = processes * all.reduce((sum, { contenders }, at) => sum + contenders.length * steps[at]!, 0)
  let done = 0
  // The processes alternate between contenders, so that other load on the machine affects all.
  for (let time = 0; time < processes; time++) {
    for (const [group, { title, contenders }] of all.entries()) {
      for (const [contender, { name }] of contenders.entries()) {
        const order = { group, contender, rounds, choice, only: values.only, ports }
        const results = await measure(order, (text) => bar.show(done++, total, `${name} ${title}: ${text}`))
        measured[group]![contender]!.push(results)
      }
    }
  }
  server.disconnect()
  const own = await ownCosts(quick ? 1 : 5, (name) => bar.show(total, total, `in this process: ${name}`))
  bar.clear()

  const command = `npm run bench:messages${full ? ' -- --full' : ''}`
  const found = measured as readonly Measured[]
  const grids = goals ? [] : all.flatMap((group, at) => tables(group, found[at]!))
  const block = [made(command, today(), process.version), goalTable(all, found), ownTable(own), ...grids].join('\n\n')
  console.log(block)
  if (values.write) write('messages', block)
}

await run('bench:messages', main)

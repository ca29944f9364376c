import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { faults } from './clients/faults.js'
import type { Peer } from './clients/peer.js'
import { peers } from './clients/peers.js'
import { include, render, type Report } from './clients/report.js'
import { runAll, type Outcome } from './clients/runner.js'
import { pick } from './clients/selection.js'
import { describe } from './clients/versions.js'
import { Progress } from '../storm/progress.js'

const usage = `Applies every fault to statewire and to other clients, over real sockets. Prints Markdown.

Usage: npm run faults -- [options]

  --only NAME,…   only these clients: ${peers.map(({ name }) => name).join(', ')}
  --fault NAME,…  only these faults: ${faults.map(({ name }) => name).join(', ')}
  --jobs N        trials at once (default 8: they mostly wait)
  --json          print the cells as JSON
  --write         write the table to docs/failures.md; only with all clients and faults`

const options = {
  only: { type: 'string' },
  fault: { type: 'string' },
  jobs: { type: 'string', default: '8' },
  json: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const page = fileURLToPath(new URL('../../docs/failures.md', import.meta.url))
const progress = new Progress(process.stderr)

function reportOf(outcomes: readonly Outcome[], chosen: readonly Peer[]): Report {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    columns: chosen.map(describe),
    rows: faults
      .map(({ name, title }) => ({
        title,
        cells: chosen.flatMap((peer) => outcomes.find((o) => o.peer === peer && o.fault.name === name)?.cell ?? []),
      }))
      .filter(({ cells }) => cells.length > 0),
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return console.log(usage)
  const jobs = Number(values.jobs)
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 64)
    throw new RangeError('--jobs must be a whole number from 1 to 64')
  const all = values.only === undefined && values.fault === undefined
  if (values.write && !all) throw new RangeError('--write requires all peers and faults: omit --only and --fault')
  const chosen = pick('only', peers, values.only)
  const rows = pick('fault', faults, values.fault)

  const trials = rows.flatMap((fault) => chosen.map((peer) => ({ peer, fault })))
  const started = performance.now()
  const outcomes = await runAll(trials, jobs, (ended, running) => {
    const names = running.map(({ peer, fault }) => `${peer.name} ${fault.name}`).join(', ')
    progress.show(`${ended} of ${trials.length}: ${names}`.slice(0, (process.stderr.columns ?? 80) - 1))
  })
  progress.clear()
  const block = render(reportOf(outcomes, chosen))
  if (values.json)
    console.log(JSON.stringify(outcomes.map((o) => ({ peer: o.peer.name, fault: o.fault.name, cell: o.cell }))))
  else console.log(block)
  if (values.write) writeFileSync(page, include(readFileSync(page, 'utf8'), block))
  console.error(`${trials.length} trials in ${((performance.now() - started) / 1_000).toFixed(0)} s`)
  if (outcomes.some(({ cell }) => cell.startsWith('trial failed'))) process.exitCode = 1
}

try {
  await main()
} catch (error) {
  progress.clear()
  // A usage error prints a message; a bug prints its stack.
  const mistyped = error instanceof RangeError || (error instanceof TypeError && 'code' in error)
  console.error(mistyped ? `${error.message}\n\nSee npm run faults -- --help.` : error)
  process.exitCode = mistyped ? 2 : 1
}

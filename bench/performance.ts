import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { run } from './shared/command.js'

const usage = `Runs bench:messages, bench:connections and bench:bundle, one after the other.

Usage: npm run bench -- [options]

  --quick  a few cases and rounds: checks that it runs, and shows the order of magnitude
  --write  write all tables to docs/performance.md`

const options = {
  quick: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return console.log(usage)
  if (values.write && values.quick) throw new RangeError('--write needs a whole run: leave --quick out')
  // The bundle's size does not depend on the run.
  for (const command of ['messages', 'connections', 'bundle']) {
    const given = [...(values.write ? ['--write'] : []), ...(values.quick && command !== 'bundle' ? ['--quick'] : [])]
    // Run through npm, because each script sets its own Node flags.
    const child = spawn('npm', ['run', '-s', `bench:${command}`, '--', ...given], { stdio: 'inherit' })
    const [code] = (await once(child, 'exit')) as [number | null]
    if (code !== 0) throw new Error(`bench:${command} ended with ${code}`)
    console.log()
  }
}

await run('bench', main)

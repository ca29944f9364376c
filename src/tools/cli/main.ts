#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { inspect as inspectValue } from 'node:util'
import { ConnectionError } from '../../index.js'
import { isUsageError, UsageError, type Command, type Surroundings } from './command.js'
import { connect } from './connect/connect.js'
import { inspect } from './inspect/inspect.js'
import { lab } from './lab/lab.js'
import { didYouMean, nearest, parseOptions } from './options.js'
import { harmless, printable } from './terminal/untrusted.js'

const commands: readonly Command[] = [connect, inspect, lab]

function usage(): string {
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`)
  return `One WebSocket connection that stays alive.

Usage: statewire <command> [options]

Commands:
${list.join('\n')}

Options:
  -h, --help     this, or after a command: what it does and takes
  -v, --version  the version`
}

function version(): string {
  const file = new URL('../../../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

async function dispatch([name, ...args]: readonly string[], around: Surroundings): Promise<number> {
  const command = commands.find((each) => each.name === name)
  if (command !== undefined) {
    if (args.includes('--help') || args.includes('-h')) console.log(command.usage)
    else return command.run(args, around)
    return 0
  }
  if (name === undefined) throw new UsageError('which command?')
  if (!name.startsWith('-')) {
    const meant = nearest(
      name,
      commands.map((each) => each.name),
    )
    throw new UsageError(`there is no command '${name}'${didYouMean(meant)}`)
  }
  const options = { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } } as const
  const { values } = parseOptions({ args: [name, ...args], options })
  console.log(values.version ? version() : usage())
  return 0
}

/** The exit code; whatever goes wrong is said on stderr, in words for whoever typed the command. */
async function main(): Promise<number> {
  const { argv, stdin, stdout, stderr, env } = process
  try {
    return await dispatch(argv.slice(2), { stdin, stdout, stderr, env })
  } catch (error) {
    if (isUsageError(error)) {
      const command = commands.find(({ name }) => name === argv[2])
      const names = `The commands: ${commands.map(({ name }) => name).join(', ')}. `
      const where = command === undefined ? `${names}See statewire --help.` : `See statewire ${command.name} --help.`
      console.error(`statewire: ${printable(error.message)}\n${where}`)
      return 2
    }
    if (error instanceof ConnectionError && error.code === 'ERR_MISSING_PEER') {
      console.error(
        'statewire: this needs the package ws, version 8.23 or later, which is not installed here.\nRun: npm install ws',
      )
      return 1
    }
    if ((error as Partial<NodeJS.ErrnoException>).syscall === 'listen') {
      console.error(`statewire: cannot listen: ${printable((error as Error).message)}`)
      return 1
    }
    console.error(harmless(inspectValue(error)))
    return 1
  }
}

// Not `process.exit`: what is written to a pipe goes out first, and whatever we had left running would show.
process.exitCode = await main()

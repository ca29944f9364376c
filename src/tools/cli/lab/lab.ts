import { UsageError, type Command, type Surroundings } from '../command.js'
import { showTo } from '../inspect/show.js'
import { parseOptions } from '../options.js'
import { Interruption } from '../interruption.js'
import { Paper, Screen, type Output } from '../terminal/screen.js'
import { styleFor } from '../terminal/style.js'
import { fit, paintLine } from '../terminal/text.js'
import { faultList, healing } from './faults.js'
import { interactive, liveOf } from './interactive.js'
import { Rig } from './rig.js'
import { liveRows } from './rows.js'
import { Site } from './site.js'
import { tour } from './tour.js'

const usage = `Break a connection and watch it recover.

Usage: statewire lab [--page] [--port <number>]
       statewire lab --tour [--deadline <seconds>]

Sends numbered messages through a local fault server and serves a page with
live statecharts of this connection and one in the browser, which can use a
session on two nodes that you can kill. Inject a fault:

${[...faultList, healing].map(({ key, name, effect }) => `  ${key}  ${name.padEnd(11)} ${effect}`).join('\n')}

Without a terminal, runs the tour: all faults a script can check.

Options:
      --page                serve only the page, until interrupted
      --port <number>       page port (default: any free port)
      --tour                run the tour, even in a terminal
      --deadline <seconds>  limit per recovery (default: 10)
  -h, --help                show this help

Exit codes: 0 quit, or all recovered in time; 1 if not; 2 usage error;
128 + signal number.
Environment: STATEWIRE_INSPECT=ADDRESS shows it in statewire inspect;
NO_COLOR=1 disables color.`

interface Options {
  readonly tour: boolean
  readonly page: boolean
  /** 0: any free port. */
  readonly port: number
  /** Milliseconds. */
  readonly deadline: number | undefined
}

function parse(args: readonly string[]): Options {
  const { values } = parseOptions({
    args: [...args],
    options: {
      tour: { type: 'boolean', default: false },
      page: { type: 'boolean', default: false },
      port: { type: 'string' },
      deadline: { type: 'string' },
    },
  })
  const { tour, page } = values
  if (tour && (page || values.port !== undefined))
    throw new UsageError('--tour cannot be combined with --page or --port')
  const port = within(
    '--port',
    values.port,
    'a port from 0 to 65535',
    (given) => Number.isInteger(given) && given >= 0 && given <= 65_535,
  )
  const deadline = within(
    '--deadline',
    values.deadline,
    'a number of seconds, above 0 and at most 3600',
    (given) => given > 0 && given <= 3_600,
  )
  return { tour, page, port: port ?? 0, deadline: deadline && deadline * 1_000 }
}

function within(
  name: string,
  text: string | undefined,
  wanted: string,
  fits: (given: number) => boolean,
): number | undefined {
  if (text === undefined) return undefined
  const given = Number(text)
  if (text.trim() === '' || !fits(given)) throw new UsageError(`${name} (${text}) must be ${wanted}`)
  return given
}

/** Allows for the longest backoff and a slow machine. Milliseconds. */
const defaultDeadline = 10_000

const refreshEvery = 100

async function play(rig: Rig, out: NodeJS.WriteStream, hasRows: boolean, deadline: number, signal: AbortSignal) {
  let place = ''
  const paint = styleFor(out)
  const present = (width: number): string[] =>
    [fit([[{ text: place, tone: 'strong' }]], width), ...liveRows(liveOf(rig), width)].map((row) =>
      paintLine(row, paint),
    )
  const output: Output = hasRows ? new Screen(out, paint, present) : new Paper(out)
  const ticker = setInterval(() => output.refresh(), refreshEvery)
  try {
    return await tour(rig, output, { deadline, signal, playing: (next) => (place = next) })
  } finally {
    clearInterval(ticker)
    output.stop()
  }
}

async function run(args: readonly string[], { stdin, stdout, env }: Surroundings): Promise<number> {
  const options = parse(args)
  const hasRows = stdout.isTTY && env['TERM'] !== 'dumb'
  const isTour = options.tour || (!options.page && (!hasRows || !stdin.isTTY))
  if (!isTour && options.deadline !== undefined) throw new UsageError('--deadline requires --tour')
  const interruption = new Interruption(stdout)
  try {
    await using rig = await Rig.start()
    const relay = showTo(env, rig.connection, { name: 'statewire lab' })
    try {
      if (isTour) {
        const passed = await play(rig, stdout, hasRows, options.deadline ?? defaultDeadline, interruption.signal)
        return interruption.exitCode ?? (passed ? 0 : 1)
      }
      await using site = await Site.start(rig, options.port)
      if (options.page) {
        console.log(`The lab is at ${site.url} until you press Ctrl-C.`)
        await interruption.come()
      } else await interactive(rig, site.url, stdin, stdout, interruption)
    } finally {
      relay?.close()
    }
    return interruption.exitCode ?? 0
  } catch (error) {
    // The signal aborted a wait.
    if (interruption.exitCode !== undefined) return interruption.exitCode
    throw error
  } finally {
    interruption.stop()
  }
}

export const lab: Command = { name: 'lab', summary: 'break a connection and watch it recover', usage, run }

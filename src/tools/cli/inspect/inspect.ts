import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { ConnectionError } from '../../../index.js'
import { createRelay, type Relay, type Census, type Replay } from '../../inspect/relay/index.js'
import { UsageError, type Command, type Surroundings } from '../command.js'
import { parseOptions } from '../options.js'
import { Interruption } from '../interruption.js'
import { counted } from '../status/ending.js'
import { Paper, Screen, type Output } from '../terminal/screen.js'
import { styleFor } from '../terminal/style.js'
import { paintLine, truncate } from '../terminal/text.js'
import { printable } from '../terminal/untrusted.js'
import { openBrowser } from './browser.js'

const usage = `Watch connections live, in a browser on this machine.

Usage: statewire inspect [--port <n>] [--origin <origin>] [--open]
       statewire inspect --replay <file> [--port <n>] [--open]

Starts a relay on the loopback interface and prints two addresses: one to open, and one to start an
application with. Nothing is attached to its connections before somebody looks. They tell of
states, counters and close codes; URLs, headers, subprotocols, messages and close reasons stay where
they are.

Options:
      --port <n>         where to listen (a free port)
      --origin <origin>  a page from there may tell too, such as http://localhost:5173 (may be
                         repeated)
      --open             open the page in a browser; BROWSER says in which
      --replay <file>    show what statewire connect --record, or the viewer, has kept
  -h, --help             this

Environment: where STATEWIRE_INSPECT is set, applications are waited for at that address, so that
they need not be started anew; its last part has to be random, 22 letters and digits or more.

Exit codes: 1 when the port is taken; 2 for a command line that makes no sense; 128 + the signal's
number when interrupted, which is how it ends.`

interface Options {
  readonly port: number
  /** What the address to tell ends with; `undefined`: a new one. */
  readonly token: string | undefined
  readonly origins: readonly string[]
  readonly open: boolean
  readonly replay: Replay | undefined
}

function recording(path: string): Replay {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`--replay ${path} cannot be read: ${(error as Error).message}`)
  }
  const [first = ''] = /\S.*/.exec(text) ?? []
  try {
    const { type } = JSON.parse(first) as { type?: unknown }
    if (typeof type === 'string') return { name: basename(path), text }
  } catch {
    // Said below.
  }
  throw new UsageError(`--replay ${path} is no recording: it has to be JSON Lines, one inspection message a line`)
}

/** The address to tell that the environment has already: so that applications need not be started anew with us. */
function given({ STATEWIRE_INSPECT: url }: Surroundings['env']): { port: string; token: string } | undefined {
  if (url === undefined || url === '') return undefined
  const [, port, token] = /^ws:\/\/(?:127\.0\.0\.1|localhost):(\d+)\/([^/]+)\/?$/.exec(url) ?? []
  if (port !== undefined && token !== undefined) return { port, token }
  throw new UsageError('STATEWIRE_INSPECT must be an address of this machine, such as ws://127.0.0.1:4400/TOKEN')
}

function parse(args: readonly string[], env: Surroundings['env']): Options {
  const options = {
    port: { type: 'string' },
    origin: { type: 'string', multiple: true, default: [] as string[] },
    open: { type: 'boolean', default: false },
    replay: { type: 'string' },
  } as const
  const { values } = parseOptions({ args: [...args], options })
  const { origin, open, replay } = values
  if (replay !== undefined && origin.length > 0) throw new UsageError('--origin has no use with --replay')
  const known = replay === undefined ? given(env) : undefined
  if (known !== undefined && values.port !== undefined) {
    throw new UsageError('--port has no use where STATEWIRE_INSPECT says the address')
  }
  const port = values.port ?? known?.port ?? '0'
  if (!/^\d+$/.test(port)) throw new UsageError(`--port (${port}) must be a whole number from 0 to 65535`)
  const recorded = replay === undefined ? undefined : recording(replay)
  return { port: Number(port), token: known?.token, origins: origin, open, replay: recorded }
}

async function start({ port, token, origins, replay }: Options): Promise<Relay> {
  const more = { ...(token !== undefined && { token }), ...(replay !== undefined && { replay }) }
  try {
    return await createRelay({ port, origins, ...more })
  } catch (error) {
    if (error instanceof ConnectionError && error.code === 'ERR_OPTION') throw new UsageError(error.message)
    throw error
  }
}

/** What there is to do, for whoever has just started it. */
function introduction({ url, viewerUrl }: Relay, replay: Replay | undefined): string[] {
  if (replay !== undefined)
    return [`Open this, on this machine, to see ${printable(replay.name)}:`, `  ${viewerUrl}`, '']
  return [
    'Open this, on this machine:',
    `  ${viewerUrl}`,
    'and start the application with',
    `  STATEWIRE_INSPECT=${url}`,
    'which statewire connect and statewire lab know, and an application of yours uses like this:',
    "  import { linkRelay } from 'statewire/inspect'",
    "  import { wsTransport } from 'statewire/ws'",
    '  const { STATEWIRE_INSPECT: relay } = process.env',
    '  if (relay) linkRelay(relay, { transport: wsTransport() }).show(connection)',
    '',
  ]
}

function describe({ applications, connections, viewers }: Census): string {
  return [counted(applications, 'application'), counted(connections, 'connection'), counted(viewers, 'viewer')].join(
    ', ',
  )
}

function outputFor({ stdout, env }: Surroundings, relay: Relay): Output {
  if (!stdout.isTTY || env['TERM'] === 'dumb') return new Paper(stdout)
  const paint = styleFor(stdout)
  return new Screen(stdout, paint, (width) => {
    const { viewers } = relay.census
    const line = [{ text: describe(relay.census), tone: viewers > 0 ? 'good' : 'plain' } as const]
    return [paintLine(truncate(line, width), paint)]
  })
}

/** The least time between two lines about who is there. Milliseconds. */
const pace = 100

/** Prints who is there, but not each of thousands of changes, and nothing while stdout takes no more. Returns what to call after a change. */
function printer(output: Output, stdout: NodeJS.WriteStream, relay: Relay): () => void {
  let timer: NodeJS.Timeout | undefined
  let isDue = false
  const print = (): void => {
    timer = undefined
    if (!isDue) return
    if (!stdout.writableNeedDrain) {
      isDue = false
      output.print(describe(relay.census))
    }
    timer = setTimeout(print, pace).unref()
  }
  return () => {
    isDue = true
    if (timer === undefined) print()
  }
}

async function run(args: readonly string[], around: Surroundings): Promise<number> {
  const options = parse(args, around.env)
  const relay = await start(options)
  const interruption = new Interruption(around.stdout)
  const output = outputFor(around, relay)
  let tidy = (): void => {}
  try {
    output.print(...introduction(relay, options.replay))
    relay.on(output instanceof Paper ? printer(output, around.stdout, relay) : () => output.refresh())
    if (options.open) {
      tidy = openBrowser(relay.viewerUrl, around.env, (why) => output.say(`No browser was opened (${printable(why)}).`))
    }
    await interruption.come()
    return interruption.exitCode ?? 0
  } finally {
    tidy()
    output.stop()
    await relay.close()
    interruption.stop()
  }
}

export const inspect: Command = { name: 'inspect', summary: 'watch connections live, in a browser', usage, run }

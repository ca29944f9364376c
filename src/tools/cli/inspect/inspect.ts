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

Usage: statewire inspect [--port <number>] [--origin <origin>] [--open]
       statewire inspect --replay <file> [--port <number>] [--open]

Starts a relay on the loopback interface and prints two addresses: one to open
in a browser, and one for your application. Connections are not observed until
a viewer connects. The relay gets states, counters and close codes, but no
URLs, headers, subprotocols, messages or close reasons.

Options:
      --port <number>    relay port (default: any free port)
      --origin <origin>  also accept pages from this origin, such as
                         http://localhost:5173; repeatable
      --open             open the page in a browser, BROWSER if set
      --replay <file>    show a recording of statewire connect --record, or of
                         the viewer
  -h, --help             show this help

Exit codes: 1 port taken; 2 usage error; 128 + signal number, the normal end.
Environment: STATEWIRE_INSPECT=ADDRESS listens at that address, so that you
need not restart your applications. Its last part must be random: 22 or more
letters and digits.`

interface Options {
  readonly port: number
  /** The secret part of the application's address. `undefined`: generate one. */
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
    // Thrown below.
  }
  throw new UsageError(
    `--replay ${path} is not a recording: use a JSON Lines file with one inspection message per line`,
  )
}

/** Parses STATEWIRE_INSPECT, which keeps the address of the last relay. */
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
  if (replay !== undefined && origin.length > 0) throw new UsageError('--origin cannot be combined with --replay')
  const known = replay === undefined ? given(env) : undefined
  if (known !== undefined && values.port !== undefined) {
    throw new UsageError('--port cannot be combined with STATEWIRE_INSPECT, which contains a port')
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

/** The first lines of output: what to open, and how to connect an application. */
function introduction({ url, viewerUrl }: Relay, replay: Replay | undefined): string[] {
  if (replay !== undefined)
    return [`Open this page on this machine to see ${printable(replay.name)}:`, `  ${viewerUrl}`, '']
  return [
    'Open this page on this machine:',
    `  ${viewerUrl}`,
    'and start your application with',
    `  STATEWIRE_INSPECT=${url}`,
    'statewire connect and statewire lab use that variable. In your application, write:',
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

/** The minimum time between two census lines. Milliseconds. */
const pace = 100

/** Returns a function to call after each change. It prints the census at most every `pace`, and not while stdout is full. */
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

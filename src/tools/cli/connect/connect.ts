import { fstatSync } from 'node:fs'
import { UsageError, type Command, type Surroundings } from '../command.js'
import { inspect } from '../inspect/inspect.js'
import { Interruption } from '../interruption.js'
import { Recording } from './recording.js'
import { Session } from './session.js'
import { parse, type Settings, type StatusForm } from './settings.js'
import { tlsOf } from './tls.js'
import { BinaryFiles } from './binary-files.js'

const usage = `Talk to a WebSocket server from the terminal or a pipe.

Usage: statewire connect [options] <url>
       statewire connect --replay <file>

Sends each line of stdin as a text message and writes each message to stdout as
a line. Replaces lost and silently dead links, and queues lines meanwhile.
Status goes to stderr.

Options:
  -H, --header <line>      send this header, 'Name: value'; @FILE reads lines
                           that other users cannot see (repeatable)
  -p, --protocol <name>    offer this subprotocol (repeatable)
      --resume             use a session (resume.v1): after a loss, nothing is lost
                           or sent twice; exit code 0: the server handled it all
      --auth <text>        credentials for --resume; @FILE reads them from a file
      --ca <file>          trust these certificates (PEM), not the default ones
  -k, --insecure           skip verification of the server's certificate: anyone
                           on the network path can read and change the traffic
      --proxy <url>        use this HTTP proxy: http://[USER:PASSWORD@]HOST:PORT
      --cert <file>        client certificate (PEM); requires --key
      --key <file>         key of the client certificate (PEM)
      --heartbeat <how>    ping: protocol pings (default)
                           text:PING=PONG: send PING, expect PONG (default:
                           pong); neither is shown
                           server: expect pings or messages from the server
                           off: none
      --interval <s>       maximum silence before a ping (default: 20)
      --timeout <s>        limit for the reply (default: 10)
      --no-reconnect       end with the first link
      --give-up-after <s>  end after this long without a link, from the start or
                           after a loss (default: never)
  -1, --once               end after the first message
  -w, --wait <s>           after the input, end after this much silence, or
                           'forever' (default: 1; at a prompt 0; with empty
                           input or --once forever)
      --send <form>        input lines are text (default), or hex or base64 of
                           binary messages
      --json               write every event, including messages, as a JSON line
      --binary <form>      write binary messages as hex (default), base64 or raw
      --save <directory>   write each binary message to a new file, and its path
                           to stdout
      --record <file>      write activity, without messages, as JSON Lines for
                           statewire inspect --replay
      --status <form>      live: one row; lines: one line per change; off
                           (default: live on a terminal unless stdout is a pipe)
  -q, --quiet              same as --status off; errors are still printed
  -h, --help               show this help

Keys: Ctrl-D ends the input; Ctrl-C closes the connection, again exits at once.
Exit codes: 0 closed by you, or by the server with 1000, 1001 or no code;
1 failed or gave up, or input was not sent or may not have arrived; 2 usage
error; 128 + signal number (141: stdout was closed).
Environment: STATEWIRE_INSPECT=ADDRESS shows it in statewire inspect;
NO_COLOR=1 disables color.`

/** Reports a file that cannot be opened as a usage error. */
async function opened<T>(option: string, path: string, open: (path: string) => Promise<T>): Promise<T> {
  try {
    return await open(path)
  } catch (error) {
    throw new UsageError(`--${option} ${path} cannot be used: ${(error as Error).message}`)
  }
}

/** Whether stdout goes to another program, which may write to the same terminal. */
function isPiped(out: NodeJS.WritableStream): boolean {
  try {
    const is = fstatSync((out as Partial<{ fd: number }>).fd ?? 1)
    return is.isFIFO() || is.isSocket()
  } catch {
    return false
  }
}

function statusForm({ status }: Settings, { stdout, stderr, env }: Surroundings): StatusForm {
  const able = stderr.isTTY && env['TERM'] !== 'dumb'
  if (status === 'live' && !able) throw new UsageError('--status live needs a terminal on stderr')
  return status ?? (able && !isPiped(stdout) ? 'live' : 'lines')
}

async function run(args: readonly string[], around: Surroundings): Promise<number> {
  if (args.some((arg) => /^--replay(?:=|$)/.test(arg))) return inspect.run(args, around)
  const settings = parse(args)
  const { stdout, stderr } = around
  if (settings.binary === 'raw' && stdout.isTTY)
    throw new UsageError('--binary raw cannot be used on a terminal; redirect stdout')
  const status = statusForm(settings, around)
  const tls = tlsOf(settings)
  const binaryFiles = settings.save === undefined ? undefined : await opened('save', settings.save, BinaryFiles.open)
  const recording = settings.record === undefined ? undefined : await opened('record', settings.record, Recording.open)
  const interruption = new Interruption(stdout)
  // A closed stderr is ignored.
  stderr.on('error', () => {})
  try {
    const code = await new Session(settings, around, interruption, { tls, binaryFiles, recording, status }).run()
    if (interruption.exitCode === undefined) return code
    // A reader that has stopped reading would keep this process alive.
    setTimeout(() => process.exit(interruption.exitCode), 1_000).unref()
    return interruption.exitCode
  } finally {
    interruption.stop()
  }
}

export const connect: Command = { name: 'connect', summary: 'talk to a WebSocket server', usage, run }

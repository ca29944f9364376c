import { fstatSync } from 'node:fs'
import { UsageError, type Command, type Surroundings } from '../command.js'
import { inspect } from '../inspect/inspect.js'
import { Interruption } from '../interruption.js'
import { Recording } from './recording.js'
import { Session } from './session.js'
import { parse, type Settings, type StatusForm } from './settings.js'
import { tlsOf } from './tls.js'
import { BinaryFiles } from './binary-files.js'

const usage = `Talk to a WebSocket server, for as long as you like.

Usage: statewire connect [options] <url>
       statewire connect --replay <file>

Each line of stdin becomes a text message, each message a line of stdout. A link that is lost, or
silently dead, is replaced; what is sent meanwhile waits. How the connection is stands on stderr.

Options:
  -H, --header <line>      send this header, 'Name: value'; @FILE takes a file of such lines, which
                           nobody else on the machine can see (may be repeated)
  -p, --protocol <name>    offer this subprotocol (may be repeated)
      --ca <file>          trust these certificates (PEM), instead of the usual ones
  -k, --insecure           do not check the server's certificate: others on the way can read along
      --proxy <url>        go through this HTTP proxy: http://[USER:PASSWORD@]HOST:PORT
      --cert <file>        show this certificate of our own (PEM), whose key is in
      --key <file>         this file
      --heartbeat <how>    ping: pings of the protocol (the default); text:PING=PONG: the message
                           PING, answered with PONG ('pong' if left out), neither of them shown;
                           server: the server pings, or sends often enough; off: none
      --interval <s>       ping after at most this much silence (20)
      --timeout <s>        how long the proof may then take (10)
      --no-reconnect       end with the first link
      --give-up-after <s>  end after so long without a link, from the start or after a loss (never)
  -1, --once               end after the first message
  -w, --wait <s>           when the input is over, end after so much silence; or 'forever'
                           (1; at a prompt 0; forever, where the input held no line or with --once)
      --send <form>        what the lines of the input are: text (the default), or hex or base64,
                           whose bytes become binary messages
      --json               write every event as a line of JSON, the messages among them
      --binary <form>      write binary messages as hex (the default), base64, or raw
      --save <directory>   write each binary message to a file of its own there, and its path
      --record <file>      write what the connection does, without what it carries, as JSON Lines
                           for statewire inspect --replay
      --status <form>      live: one row; lines: a line for each change; off. By default live on a
                           terminal, unless stdout is a pipe, whose reader may write there too
  -q, --quiet              the same as --status off; what made it fail is still said, and that the
                           first attempt did
  -h, --help               this

Keys, at a terminal: Ctrl-D ends the input; Ctrl-C says goodbye and leaves, again it just leaves.
Exit codes: 0 closed by you, or by the server with 1000, 1001 or no code at all; 1 ended by a
failure, gave up, or some of the input was not sent, or may not have arrived; 2 for a command line
that makes no sense; 128 + the signal's number when interrupted (141: stdout was closed).
Environment: STATEWIRE_INSPECT=ADDRESS shows the connection where statewire inspect runs; NO_COLOR=1
turns colours off.`

/** What cannot be opened is the command line's fault. */
async function opened<T>(option: string, path: string, open: (path: string) => Promise<T>): Promise<T> {
  try {
    return await open(path)
  } catch (error) {
    throw new UsageError(`--${option} ${path} cannot be used: ${(error as Error).message}`)
  }
}

/** Whether what we write goes to another program, which may write to our terminal. */
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
  if (settings.binary === 'raw' && stdout.isTTY) throw new UsageError('--binary raw is not for a terminal')
  const status = statusForm(settings, around)
  const tls = tlsOf(settings)
  const vault = settings.save === undefined ? undefined : await opened('save', settings.save, BinaryFiles.open)
  const recording = settings.record === undefined ? undefined : await opened('record', settings.record, Recording.open)
  const interruption = new Interruption(stdout)
  // Whoever has closed it does not want to hear how we are.
  stderr.on('error', () => {})
  try {
    const code = await new Session(settings, around, interruption, { tls, vault, recording, status }).run()
    if (interruption.exitCode === undefined) return code
    // A reader who does not read any more keeps what we wrote, and us with it.
    setTimeout(() => process.exit(interruption.exitCode), 1_000).unref()
    return interruption.exitCode
  } finally {
    interruption.stop()
  }
}

export const connect: Command = { name: 'connect', summary: 'talk to a WebSocket server', usage, run }

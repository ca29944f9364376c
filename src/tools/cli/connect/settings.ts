import { noHeartbeat, protocolPing, serverPing, textHeartbeat, type Heartbeat } from '../../../index.js'
import { UsageError } from '../command.js'
import { parseOptions } from '../options.js'
import { counted } from '../status/ending.js'
import { headersOf } from './headers.js'
import type { LineForm } from './lines.js'

/** How binary messages are written where lines are. `raw`: their bytes, and nothing between them. */
export type BinaryForm = 'hex' | 'base64' | 'raw'

/** Where the status goes. `live`: one row that changes in place; `lines`: a line for each change. */
export type StatusForm = 'live' | 'lines' | 'off'

/** What the command line asks for, checked. Durations in milliseconds. */
export interface Settings {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly protocols: readonly string[]
  readonly heartbeat: Heartbeat
  /** A file with the certificates to trust, instead of the usual ones. */
  readonly ca: string | undefined
  /** The server's certificate is not checked. */
  readonly insecure: boolean
  /** The HTTP proxy to go through. */
  readonly proxy: URL | undefined
  /** Files with our own certificate and its key. */
  readonly identity: { readonly cert: string; readonly key: string } | undefined
  /** What the lines of the input are. */
  readonly send: LineForm
  readonly json: boolean
  readonly binary: BinaryForm
  /** A directory for binary messages. */
  readonly save: string | undefined
  /** Over after the first message. */
  readonly once: boolean
  readonly reconnect: boolean
  /** How long to go without a link before ending; `undefined`: forever. */
  readonly giveUpAfter: number | undefined
  /** How long to go on listening when the input is over; `undefined`: as the kind of input suggests. */
  readonly wait: number | undefined
  /** A file for what an inspector is told. */
  readonly record: string | undefined
  /** `undefined`: as the terminal suggests. */
  readonly status: StatusForm | undefined
}

const options = {
  header: { type: 'string', short: 'H', multiple: true, default: [] as string[] },
  protocol: { type: 'string', short: 'p', multiple: true, default: [] as string[] },
  ca: { type: 'string' },
  insecure: { type: 'boolean', short: 'k', default: false },
  proxy: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  send: { type: 'string' },
  heartbeat: { type: 'string', default: 'ping' },
  interval: { type: 'string' },
  timeout: { type: 'string' },
  json: { type: 'boolean', default: false },
  binary: { type: 'string' },
  save: { type: 'string' },
  record: { type: 'string' },
  once: { type: 'boolean', short: '1', default: false },
  'give-up-after': { type: 'string' },
  'no-reconnect': { type: 'boolean', default: false },
  wait: { type: 'string', short: 'w' },
  status: { type: 'string' },
  quiet: { type: 'boolean', short: 'q', default: false },
} as const

/** A number of seconds, as milliseconds. */
function duration(option: string, given: string, { min }: { readonly min: number }): number {
  const seconds = Number(given)
  if (given.trim() === '' || !(seconds >= min && seconds <= 86_400)) {
    throw new UsageError(`--${option} (${given}) must be a number of seconds, from ${min} to 86400`)
  }
  return seconds * 1_000
}

function oneOf<const T extends string>(
  option: string,
  given: string | undefined,
  allowed: readonly T[],
): T | undefined {
  if (given === undefined || allowed.includes(given as T)) return given as T | undefined
  throw new UsageError(`--${option} (${given}) must be one of ${allowed.join(', ')}`)
}

interface Timing {
  readonly interval?: number
  readonly timeout?: number
}

const text = 'text:'

/** The text of a ping may be a secret of the server's dialect, so it is not shown. */
function heartbeatOf(given: string, timing: Timing): Heartbeat {
  if (given.startsWith(text)) {
    const [, ping = '', pong = 'pong'] = /^([^=]*)(?:=(.*))?$/s.exec(given.slice(text.length)) ?? []
    if (ping === '' || pong === '') throw new UsageError('--heartbeat text:PING=PONG must have a text on both sides')
    return textHeartbeat({ ping, pong, ...timing })
  }
  switch (given) {
    case 'ping':
      return protocolPing(timing)
    case 'server':
      return serverPing(timing)
    case 'off':
      if (Object.keys(timing).length > 0)
        throw new UsageError('--interval and --timeout have no use without a heartbeat')
      return noHeartbeat()
    default:
      throw new UsageError(`--heartbeat (of ${given.length} characters) must be ping, text:PING=PONG, server, or off`)
  }
}

/** What is wrong with it is not shown: there may be a password in it. */
function proxyOf(given: string | undefined): URL | undefined {
  if (given === undefined) return undefined
  const url = URL.canParse(given) ? new URL(given) : undefined
  const { protocol, pathname, search, hash } = url ?? {}
  const isHttp = protocol === 'http:' || protocol === 'https:'
  if (url !== undefined && isHttp && pathname === '/' && search === '' && hash === '' && isDecodable(url)) return url
  throw new UsageError(
    `--proxy (of ${given.length} characters) must be http://HOST:PORT or https://HOST:PORT, where it is asked for with USER:PASSWORD@`,
  )
}

/** Whether user and password are what percent-encoding can make. */
function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password)
    return true
  } catch {
    return false
  }
}

function identityOf(cert: string | undefined, key: string | undefined): Settings['identity'] {
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined || key === undefined) throw new UsageError('--cert and --key belong together')
  return { cert, key }
}

function waitOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  return given === 'forever' ? Infinity : duration('wait', given, { min: 0 })
}

/** Throws a `UsageError` for what makes no sense. What is in a header is never shown. */
export function parse(args: readonly string[]): Settings {
  const { values, positionals } = parseOptions({ args: [...args], options, allowPositionals: true })
  const [url, ...more] = positionals
  if (url === undefined) throw new UsageError('which URL?')
  // What they are is not shown: they may be the rest of a header that was not quoted.
  if (more.length > 0)
    throw new UsageError(
      `there is one URL, and ${counted(more.length, 'argument')} too many: quote what has spaces in it`,
    )
  const { json, once, quiet, save, 'give-up-after': giveUpAfter } = values
  const binary = oneOf('binary', values.binary, ['hex', 'base64', 'raw'])
  if (json && binary !== undefined) throw new UsageError('--binary has no use with --json, which writes base64')
  if (save !== undefined && binary !== undefined) throw new UsageError('--binary has no use with --save')
  if (values.insecure && values.ca !== undefined) throw new UsageError('--insecure cannot be combined with --ca')
  const status = oneOf('status', values.status, ['live', 'lines', 'off'])
  if (quiet && status !== undefined) throw new UsageError('--quiet is --status off: give one of them')
  const timing: Timing = {
    ...(values.interval !== undefined && { interval: duration('interval', values.interval, { min: 0.1 }) }),
    ...(values.timeout !== undefined && { timeout: duration('timeout', values.timeout, { min: 0.1 }) }),
  }
  return {
    url,
    headers: headersOf(values.header),
    protocols: values.protocol,
    heartbeat: heartbeatOf(values.heartbeat, timing),
    ca: values.ca,
    insecure: values.insecure,
    proxy: proxyOf(values.proxy),
    identity: identityOf(values.cert, values.key),
    send: oneOf('send', values.send, ['text', 'hex', 'base64']) ?? 'text',
    json,
    binary: binary ?? 'hex',
    save,
    record: values.record,
    once,
    reconnect: !values['no-reconnect'],
    giveUpAfter: giveUpAfter === undefined ? undefined : duration('give-up-after', giveUpAfter, { min: 0.1 }),
    wait: waitOf(values.wait),
    status: quiet ? 'off' : status,
  }
}

import type { ResumeOptions } from '../../../resume/index.js'
import { noHeartbeat, protocolPing, serverPing, textHeartbeat, type Heartbeat } from '../../../index.js'
import { UsageError } from '../command.js'
import { parseOptions } from '../options.js'
import { counted } from '../status/ending.js'
import { contentOf } from './files.js'
import { headersOf } from './headers.js'
import type { LineForm } from './lines.js'

/** How binary messages are printed. `raw`: their bytes without separators. */
export type BinaryForm = 'hex' | 'base64' | 'raw'

/** How the status is shown. `live`: one row that updates in place; `lines`: one line per change. */
export type StatusForm = 'live' | 'lines' | 'off'

/** The validated command line. Durations in milliseconds. */
export interface Settings {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly protocols: readonly string[]
  /** `undefined`: the session has its own. */
  readonly heartbeat: Heartbeat | undefined
  /** A file with the trusted certificates, replacing the default ones. */
  readonly ca: string | undefined
  /** Skip verification of the server's certificate. */
  readonly insecure: boolean
  /** The HTTP proxy to use. */
  readonly proxy: URL | undefined
  /** Files with the client certificate and its key. */
  readonly identity: { readonly cert: string; readonly key: string } | undefined
  /** Use a session that survives links. */
  readonly resume: Pick<ResumeOptions, 'auth' | 'heartbeat'> | undefined
  /** The format of the input lines. */
  readonly send: LineForm
  readonly json: boolean
  readonly binary: BinaryForm
  /** A directory to save binary messages in. */
  readonly save: string | undefined
  /** End after the first message. */
  readonly once: boolean
  readonly reconnect: boolean
  /** How long to go without a link before ending; `undefined`: forever. */
  readonly giveUpAfter: number | undefined
  /** How long to listen after the end of the input; `undefined`: depends on the kind of input. */
  readonly wait: number | undefined
  /** A file for the recording. */
  readonly record: string | undefined
  /** `undefined`: depends on the terminal. */
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
  resume: { type: 'boolean', default: false },
  auth: { type: 'string' },
  heartbeat: { type: 'string' },
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

/** Parses a number of seconds to milliseconds. */
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

/** The error does not show the text of a ping, which may be secret. */
function heartbeatOf(given: string, timing: Timing): Heartbeat {
  if (given.startsWith(text)) {
    const [, ping = '', pong = 'pong'] = /^([^=]*)(?:=(.*))?$/s.exec(given.slice(text.length)) ?? []
    if (ping === '' || pong === '') throw new UsageError('--heartbeat text:PING=PONG must have text on both sides')
    return textHeartbeat({ ping, pong, ...timing })
  }
  switch (given) {
    case 'ping':
      return protocolPing(timing)
    case 'server':
      return serverPing(timing)
    case 'off':
      if (Object.keys(timing).length > 0) throw new UsageError('--interval and --timeout require a heartbeat')
      return noHeartbeat()
    default:
      throw new UsageError(`--heartbeat (of ${given.length} characters) must be ping, text:PING=PONG, server, or off`)
  }
}

/** The error does not show the URL, which may contain a password. */
function proxyOf(given: string | undefined): URL | undefined {
  if (given === undefined) return undefined
  const url = URL.canParse(given) ? new URL(given) : undefined
  const { protocol, pathname, search, hash } = url ?? {}
  const isHttp = protocol === 'http:' || protocol === 'https:'
  if (url !== undefined && isHttp && pathname === '/' && search === '' && hash === '' && isDecodable(url)) return url
  throw new UsageError(`--proxy (of ${given.length} characters) must be http://[USER:PASSWORD@]HOST:PORT, or https://`)
}

/** Whether user and password are valid percent-encoding. */
function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password)
    return true
  } catch {
    return false
  }
}

/** The errors do not show the credentials. */
function resumeOf(
  { resume, auth, heartbeat }: { readonly resume: boolean; readonly auth?: string; readonly heartbeat?: string },
  timing: Timing,
): Settings['resume'] {
  if (!resume) {
    if (auth !== undefined) throw new UsageError('--auth requires --resume; for other servers, use --header')
    return undefined
  }
  if (heartbeat !== undefined) throw new UsageError('--heartbeat cannot be combined with --resume, which has its own')
  const credentials = auth?.startsWith('@') === true ? contentOf('auth', auth.slice(1)).trim() : auth
  return { heartbeat: timing, ...(credentials !== undefined && { auth: () => credentials }) }
}

function identityOf(cert: string | undefined, key: string | undefined): Settings['identity'] {
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined || key === undefined) throw new UsageError('--cert and --key must be used together')
  return { cert, key }
}

function waitOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  return given === 'forever' ? Infinity : duration('wait', given, { min: 0 })
}

/** Throws a `UsageError` for an invalid command line. It never contains header values. */
export function parse(args: readonly string[]): Settings {
  const { values, positionals } = parseOptions({ args: [...args], options, allowPositionals: true })
  const [url, ...more] = positionals
  if (url === undefined) throw new UsageError('missing URL')
  // Not shown: they may be part of an unquoted header.
  if (more.length > 0)
    throw new UsageError(`${counted(more.length, 'argument')} too many; quote arguments that contain spaces`)
  const { json, once, quiet, save, 'give-up-after': giveUpAfter } = values
  const binary = oneOf('binary', values.binary, ['hex', 'base64', 'raw'])
  if (json && binary !== undefined) throw new UsageError('--binary cannot be combined with --json, which writes base64')
  if (save !== undefined && binary !== undefined) throw new UsageError('--binary cannot be combined with --save')
  if (values.insecure && values.ca !== undefined) throw new UsageError('--insecure cannot be combined with --ca')
  const status = oneOf('status', values.status, ['live', 'lines', 'off'])
  if (quiet && status !== undefined) throw new UsageError('--quiet cannot be combined with --status')
  const timing: Timing = {
    ...(values.interval !== undefined && { interval: duration('interval', values.interval, { min: 0.1 }) }),
    ...(values.timeout !== undefined && { timeout: duration('timeout', values.timeout, { min: 0.1 }) }),
  }
  const resume = resumeOf(values, timing)
  return {
    url,
    headers: headersOf(values.header),
    protocols: values.protocol,
    heartbeat: resume === undefined ? heartbeatOf(values.heartbeat ?? 'ping', timing) : undefined,
    ca: values.ca,
    insecure: values.insecure,
    proxy: proxyOf(values.proxy),
    identity: identityOf(values.cert, values.key),
    resume,
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

import { ConnectionError, createConnection, type Connection, type Retry } from '../../../index.js'
import { resumable, type ResumeSession } from '../../../resume/index.js'
import { wsTransport } from '../../../transports/ws.js'
import { UsageError } from '../command.js'
import { TunnelAgent } from './proxy.js'
import type { Settings } from './settings.js'
import type { Tls } from './tls.js'

/** Time for a slow link to deliver pending data when the connection closes. Milliseconds. */
const closeTimeout = 10_000

/** Returns the URL without the parts that may be secret. */
export function placeOf(url: string): string {
  const { protocol, host, pathname, search } = new URL(url)
  return `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`
}

/** A connection, and its session with `--resume`. */
export interface Dialed {
  readonly connection: Connection
  readonly resumed: ResumeSession | undefined
}

/** Creates the connection. Throws a `UsageError` for invalid settings. */
export function dial(settings: Settings, tls: Tls, retry: Retry): Dialed {
  const { url, protocols, headers, heartbeat, proxy, resume } = settings
  const agent = proxy && { agent: new TunnelAgent(proxy, /^(?:wss|https):/i.test(url)) }
  // The trusted certificates do not change during the run.
  const transport = wsTransport({ headers, certificateErrors: 'fatal', ...tls, ...agent })
  try {
    const resumed = resume && resumable(resume)
    const features = resumed === undefined ? [] : [resumed]
    const connection = createConnection(url, { protocols, heartbeat, transport, retry, closeTimeout, features })
    return { connection, resumed }
  } catch (error) {
    // All options come from the command line.
    throw error instanceof ConnectionError ? new UsageError(error.message) : error
  }
}

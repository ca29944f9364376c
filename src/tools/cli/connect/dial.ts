import { ConnectionError, createConnection, type Connection, type Retry } from '../../../index.js'
import { wsTransport } from '../../../transports/ws.js'
import { UsageError } from '../command.js'
import { TunnelAgent } from './proxy.js'
import type { Settings } from './settings.js'
import type { Tls } from './tls.js'

/** For what is on its way over a slow link when the connection is closed. Milliseconds. */
const closeTimeout = 10_000

/** Who it is, without what may be secret in a URL. */
export function placeOf(url: string): string {
  const { protocol, host, pathname, search } = new URL(url)
  return `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`
}

/** The connection that the settings ask for. Throws a `UsageError` where they make none. */
export function dial({ url, protocols, headers, heartbeat, proxy }: Settings, tls: Tls, retry: Retry): Connection {
  const agent = proxy && { agent: new TunnelAgent(proxy, /^(?:wss|https):/i.test(url)) }
  // The certificates that are trusted do not change while we run.
  const transport = wsTransport({ headers, certificateErrors: 'fatal', ...tls, ...agent })
  try {
    return createConnection(url, { protocols, heartbeat, transport, retry, closeTimeout })
  } catch (error) {
    // All options come from the command line.
    throw error instanceof ConnectionError ? new UsageError(error.message) : error
  }
}

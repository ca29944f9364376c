import type { Transport } from '../core/transport.js'
import { checkClass, loadClass } from './ws/class.js'
import { DialTracker } from './ws/dial.js'
import { checkOptions, type WsTransportOptions } from './ws/options.js'
import { WsSocket, type OwnOptions } from './ws/socket.js'

export type { WsTransportOptions } from './ws/options.js'

const schemes = ['ws+unix:']

/**
 * Creates sockets with the `ws` package, for Node. Supports headers, TLS options, proxies (`agent`), protocol pings,
 * pausing, and the HTTP status and `Retry-After` of a refused upgrade.
 *
 * `ws` is an optional peer dependency and is loaded when `wsTransport` is called.
 *
 * @throws ConnectionError `ERR_MISSING_PEER` if `ws` is not installed.
 * @throws ConnectionError `ERR_OPTION` for an option that `ws` would ignore.
 */
export function wsTransport(options: WsTransportOptions = {}): Transport {
  const { client, coalesce, certificateErrors } = checkOptions(options)
  const own: OwnOptions = {
    WebSocket: options.WebSocket === undefined ? loadClass() : checkClass(options.WebSocket),
    client,
    coalesce,
    certificatesAreFatal: certificateErrors === 'fatal',
    // Without an agent, `ws` itself can destroy the socket.
    tracker: client.agent || client.createConnection ? new DialTracker() : undefined,
  }
  return {
    schemes,
    connect: (target, sink) => new WsSocket(own, target, sink),
  }
}

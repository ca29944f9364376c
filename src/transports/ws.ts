import type { Transport } from '../core/transport.js'
import { checkClass, loadClass } from './ws/class.js'
import { DialTracker } from './ws/dial.js'
import { checkOptions, type WsTransportOptions } from './ws/options.js'
import { WsSocket, type OwnOptions } from './ws/socket.js'

export type { WsTransportOptions } from './ws/options.js'

const schemes = ['ws+unix:']

/**
 * Sockets of the `ws` package: headers, TLS options, proxies (`agent`), protocol ping, pause, and the HTTP status and
 * `Retry-After` of a refused upgrade.
 *
 * @throws ConnectionError `ERR_MISSING_PEER` when `ws` is not installed: it is an optional peer.
 * @throws ConnectionError `ERR_OPTION` for an option that `ws` would ignore.
 */
export function wsTransport(options: WsTransportOptions = {}): Transport {
  const { client, coalesce, certificateErrors } = checkOptions(options)
  const own: OwnOptions = {
    WebSocket: options.WebSocket === undefined ? loadClass() : checkClass(options.WebSocket),
    client,
    coalesce,
    certificatesAreFatal: certificateErrors === 'fatal',
    // Without an agent, `ws` has the socket from the start.
    tracker: client.agent || client.createConnection ? new DialTracker() : undefined,
  }
  return {
    schemes,
    connect: (target, sink) => new WsSocket(own, target, sink),
  }
}

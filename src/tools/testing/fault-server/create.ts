import { bag, isFunction, refuse } from '../../../core/checks.js'
import { builtInEndpoint, upstreamEndpoint } from './endpoint.js'
import { FaultServer, type FaultServerOptions } from './server.js'

function parseUpstream(upstream: string | URL): URL {
  const url = URL.canParse(String(upstream)) ? new URL(upstream) : undefined
  if (url === undefined || !['ws:', 'http:', 'tcp:'].includes(url.protocol))
    refuse('upstream', String(upstream), 'be a ws:// URL')
  return url
}

/**
 * Starts a WebSocket server that fails on command.
 *
 * It sits between the client and an endpoint (its own `ws` server, or your `upstream`) and can drop, hold, delay, cut
 * and forge their bytes. Rules (`use`) apply faults to future connections; the methods of `links` and of the server
 * apply them to open ones.
 *
 * @throws ConnectionError `ERR_MISSING_PEER` without `upstream` if `ws` is not installed; `ERR_OPTION` for an invalid
 * option. Rejects with the system's error if the port is taken.
 * @example
 * ```ts
 * const server = await createFaultServer()
 * server.use({ fault: faults.http(503, { headers: { 'retry-after': '1' } }), times: 2 })
 * const socket = new WebSocket(server.url) // refused twice; the third dial is echoed
 * await server.until('upgraded')
 * server.swallow('both') // half-open
 * await server.close()
 * ```
 */
export async function createFaultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  bag<FaultServerOptions>('options', options, [
    'host',
    'port',
    'onConnection',
    'onMessage',
    'ws',
    'upstream',
    'window',
    'logFrames',
    'logLimit',
  ])
  if (options.onConnection !== undefined) isFunction('onConnection', options.onConnection)
  if (options.onMessage !== undefined) isFunction('onMessage', options.onMessage)
  const { upstream } = options
  const endpoint =
    upstream === undefined ? await builtInEndpoint(options.ws ?? {}) : upstreamEndpoint(parseUpstream(upstream))
  const server = new FaultServer(options, endpoint)
  await server.listenAgain()
  return server
}

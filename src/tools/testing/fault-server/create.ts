import { bag, isFunction, refuse } from '../../../core/checks.js'
import { builtInEndpoint, upstreamEndpoint } from './endpoint.js'
import type { FaultServerOptions } from './options.js'
import { FaultServer } from './server.js'

function parseUpstream(upstream: string | URL): URL {
  const url = URL.canParse(String(upstream)) ? new URL(upstream) : undefined
  if (url === undefined || !['ws:', 'http:', 'tcp:'].includes(url.protocol))
    refuse('upstream', String(upstream), 'be a ws:// URL')
  return url
}

/**
 * Starts a WebSocket server whose misbehaviour you program.
 *
 * It stands between the client and an endpoint (a `ws` server of its own, or your `upstream`), and sees every byte of
 * both: so it can lose them, hold them, delay them, cut them off, and forge them. Rules say what goes wrong with
 * connections to come, the acts of `links` and of the server itself do it to those that are open.
 *
 * @throws `ConnectionError` `ERR_MISSING_PEER` when there is neither `ws` nor an `upstream`.
 * @example
 * const server = await createFaultServer()
 * server.use({ fault: faults.http(503, { headers: { 'retry-after': '1' } }), times: 2 })
 * const socket = new WebSocket(server.url)   // refused; so is the next; the third is echoed
 * await server.until('upgraded')
 * server.swallow('both')                     // half-open
 * await server.close()
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

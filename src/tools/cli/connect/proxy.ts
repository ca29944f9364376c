import { Agent, request as httpRequest, type ClientRequest, type ClientRequestArgs } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect as tlsConnect } from 'node:tls'
import type { Duplex } from 'node:stream'

/** A proxy that did not give us a tunnel. `message` is safe to show. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError'
  /** Its answer to CONNECT. `undefined`: it could not be reached, or did not answer in HTTP. */
  readonly status: number | undefined

  constructor(message: string, status: number | undefined, cause?: Error) {
    super(message, { cause })
    this.status = status
  }
}

type Callback = (error: Error | null, stream: Duplex) => void

/** Beyond any deadline of a connection attempt. Milliseconds. */
const patience = 60_000

/**
 * Connects through an HTTP proxy, by CONNECT, also where the target is `ws:`.
 *
 * Written here because Node's `proxyEnv` needs Node 24, and `https-proxy-agent` keeps the connection of an attempt that was given up
 * for as long as the proxy does not answer. One agent serves one WebSocket URL.
 */
export class TunnelAgent extends Agent {
  readonly #proxy: URL
  readonly #secure: boolean

  /** `secure`: there is TLS to the server, inside of the tunnel. */
  constructor(proxy: URL, secure: boolean) {
    super()
    // Node compares it with the request's, and its types do not have it.
    Object.assign(this, { protocol: secure ? 'https:' : 'http:' })
    this.#proxy = proxy
    this.#secure = secure
  }

  /** Called by `http.request`. Its request is not given to `createConnection`, and is the only one who knows that it was aborted. */
  addRequest(request: ClientRequest, options: ClientRequestArgs): void {
    const { signal, abort } = abortion()
    // A request that has no socket yet emits no `close` when it is destroyed; `ws` calls its `abort()`.
    // oxlint-disable-next-line typescript/no-deprecated -- see above
    request.once('abort', abort)
    request.once('close', abort)
    const inherited = Agent.prototype as unknown as { addRequest(request: ClientRequest, options: object): void }
    inherited.addRequest.call(this, request, { ...options, signal })
  }

  override createConnection(options: ClientRequestArgs, callback?: Callback): undefined {
    const { signal, ...others } = options
    const { host, port } = others
    const name = host ?? 'localhost'
    this.#tunnel(`${name.includes(':') ? `[${name}]` : name}:${port}`, signal, (error, socket) => {
      // What goes wrong with TLS is an error of its stream, like that of a direct connection.
      const stream = error === null && this.#secure ? tlsConnect({ ...(others as object), socket }) : socket
      callback?.(error, stream)
    })
  }

  #tunnel(authority: string, signal: AbortSignal | undefined, done: Callback): void {
    const { protocol, hostname, port, username, password } = this.#proxy
    const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    const request = (protocol === 'https:' ? httpsRequest : httpRequest)({
      method: 'CONNECT',
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (protocol === 'https:' ? 443 : 80) : port,
      path: authority,
      headers: {
        host: authority,
        ...(user !== ':' && { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` }),
      },
      agent: false,
      timeout: patience,
    })
    const stop = (): void => void request.destroy()
    signal?.addEventListener('abort', stop)
    const failed = (message: string, status?: number, cause?: Error): void => {
      done(new ProxyError(message, status, cause), undefined as unknown as Duplex)
      stop()
    }
    request.on('connect', ({ statusCode = 0 }, socket, head) => {
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy()
        return failed(`HTTP ${statusCode} from the proxy`, statusCode)
      }
      // From now on the socket is the other request's, which may be over when it has been upgraded.
      signal?.removeEventListener('abort', stop)
      socket.setTimeout(0)
      if (head.length > 0) socket.unshift(head)
      done(null, socket)
    })
    // Only a proxy that takes CONNECT for another method answers so.
    request.on('response', ({ statusCode = 0 }) => failed(`HTTP ${statusCode} from the proxy`, statusCode))
    request.on('timeout', () => failed('no answer from the proxy'))
    request.on('error', (cause: NodeJS.ErrnoException) => {
      failed(`${cause.code ?? cause.name} at the proxy`, undefined, cause)
    })
    request.end()
  }
}

function abortion(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}

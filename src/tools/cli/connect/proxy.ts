import { Agent, request as httpRequest, type ClientRequest, type ClientRequestArgs } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect as tlsConnect } from 'node:tls'
import type { Duplex } from 'node:stream'

/** Thrown if the proxy did not open a tunnel. `message` contains no secrets. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError'
  /** The HTTP status of its response to CONNECT. `undefined` if it could not be reached or did not answer in HTTP. */
  readonly status: number | undefined

  constructor(message: string, status: number | undefined, cause?: Error) {
    super(message, { cause })
    this.status = status
  }
}

type Callback = (error: Error | null, stream: Duplex) => void

/** Longer than any connect timeout. Milliseconds. */
const proxyTimeout = 60_000

/**
 * Connects through an HTTP proxy with CONNECT, also for `ws:` targets.
 *
 * Node's `proxyEnv` requires Node 24, and `https-proxy-agent` keeps the socket of an abandoned attempt until the proxy
 * answers. One agent serves one WebSocket URL.
 */
export class TunnelAgent extends Agent {
  readonly #proxy: URL
  readonly #secure: boolean

  /** `secure`: use TLS to the server inside the tunnel. */
  constructor(proxy: URL, secure: boolean) {
    super()
    // Node compares it with the request's protocol; the types lack it.
    Object.assign(this, { protocol: secure ? 'https:' : 'http:' })
    this.#proxy = proxy
    this.#secure = secure
  }

  /**
   * Called by `http.request`. Only the request knows that it was aborted, and `createConnection` does not receive it.
   */
  addRequest(request: ClientRequest, options: ClientRequestArgs): void {
    const { signal, abort } = abortion()
    // A request without a socket emits no `close` when it is destroyed; `ws` calls its `abort()`.
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
      // TLS errors are emitted by the stream, as with a direct connection.
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
      timeout: proxyTimeout,
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
      // The socket now belongs to the upgrade request, which may be over after the upgrade.
      signal?.removeEventListener('abort', stop)
      socket.setTimeout(0)
      if (head.length > 0) socket.unshift(head)
      done(null, socket)
    })
    // Sent by a proxy that does not support CONNECT.
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

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { ConnectionError, type HandshakeResponse } from '../../core/errors.js'
import type { FailureDetail } from '../../core/transport.js'
import { parseRetryAfter } from './retry-after.js'

/** How much of a body is kept. Bytes. */
const mostBody = 4_096
/** How long a body is waited for. Milliseconds. */
const patience = 1_000

/** Credentials of a session that there is none of, and nothing that says why. */
const leftOut = /^(?:set-cookie2?|(?:proxy-)?authentication-info)$/

/** `retryAfter`: of a server. A proxy's is no wish of the server's, but it is one all the same. */
function describe(response: HandshakeResponse, header?: string, detail?: { readonly cause: unknown }): FailureDetail {
  const { status, from } = response
  // The same credentials would be refused again, and no url function gives others.
  const fatal = status === 407 || undefined
  const message =
    from === 'server'
      ? `the server answered the upgrade with HTTP ${status}: the headers and the body are in error.response`
      : `the proxy, not the server, answered with HTTP ${status}: ${fatal ? 'give its credentials to the agent' : 'look at what the proxy allows, and whether it reaches the server'}`
  const error = new ConnectionError('ERR_HANDSHAKE', message, { status, response, ...detail })
  const retryAfter = parseRetryAfter(header ?? '', Date.now())
  return { error, status, fatal, ...(retryAfter === undefined ? {} : { retryAfter }) }
}

function kept(headers: IncomingHttpHeaders): HandshakeResponse['headers'] {
  const entries = Object.entries(headers).filter(([name, value]) => value !== undefined && !leftOut.test(name))
  return Object.freeze(Object.fromEntries(entries)) as HandshakeResponse['headers']
}

/** Whose answer it is: an agent replays what a proxy said to `CONNECT` over a socket to which nothing was ever written. */
function sender({ socket, statusCode }: IncomingMessage, hasAgent: boolean): HandshakeResponse['from'] {
  const { bytesWritten, remoteAddress } = socket ?? {}
  return (hasAgent && bytesWritten === 0 && remoteAddress === undefined) || statusCode === 407 ? 'proxy' : 'server'
}

/** The answer to an upgrade that was refused, as far as it came soon and was not long. */
export interface Refusal {
  readonly detail: FailureDetail
  /** Waits no longer. What has come is the body. */
  stop(): void
}

/** Reads a refusal. `done` is called once, when there is nothing more to wait for; never if `stop` comes first. */
export function readRefusal(message: IncomingMessage, hasAgent: boolean, done: () => void): Refusal {
  const { headers, statusCode: status = 0 } = message
  const response = { from: sender(message, hasAgent), status, headers: kept(headers), body: '' }
  let chunks: Buffer[] = []
  let size = 0
  let isOver = false
  const stop = (): void => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    const bytes = Buffer.concat(chunks).subarray(0, mostBody)
    if ((headers['content-encoding'] ?? 'identity') === 'identity') response.body = new TextDecoder().decode(bytes)
    chunks = []
  }
  const finish = (): void => {
    if (isOver) return
    stop()
    done()
  }
  const timer = setTimeout(finish, patience)
  message.on('data', (chunk: Buffer) => {
    if (isOver) return
    chunks.push(chunk)
    size += chunk.length
    if (size >= mostBody) finish()
  })
  // Never removed: an `error` comes when the socket is dropped.
  for (const end of ['end', 'close', 'error']) message.on(end, finish)
  return { detail: describe(response, headers['retry-after']), stop }
}

/** How agents say that a proxy refused `CONNECT`, where they do not replay its answer: Node's own, hpagent, tunnel, https-proxy-agent. */
const inWords = /^(?:Bad response: |.*, statusCode=|Proxy authentication failed with status )(\d{3})\b/

/** The refusal of a proxy, of which no more is known than its status; `undefined` if it is another error. */
export function proxyRefusal(cause: Error & { readonly statusCode?: unknown }): FailureDetail | undefined {
  const status = typeof cause.statusCode === 'number' ? cause.statusCode : Number(inWords.exec(cause.message)?.[1])
  if (!(status >= 100 && status <= 599)) return undefined
  return describe({ from: 'proxy', status, headers: {}, body: '' }, undefined, { cause })
}

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { ConnectionError, type HandshakeResponse } from '../../core/errors.js'
import type { FailureDetail } from '../../core/transport.js'
import { parseRetryAfter } from './retry-after.js'

/** The maximum number of body bytes to keep. */
const maxBody = 4_096
/** The maximum time to wait for a body. Milliseconds. */
const bodyTimeout = 1_000

/** Omitted from `error.response`: credentials that explain nothing. */
const omitted = /^(?:set-cookie2?|(?:proxy-)?authentication-info)$/

/** Describes a refused upgrade. `header`: the `Retry-After` header, of the server or of a proxy. */
function describe(response: HandshakeResponse, header?: string, detail?: { readonly cause: unknown }): FailureDetail {
  const { status, from } = response
  // The agent's credentials do not change between attempts.
  const fatal = status === 407 || undefined
  const message =
    from === 'server'
      ? `the server answered the upgrade with HTTP ${status}; headers and body are in error.response`
      : `the proxy, not the server, answered with HTTP ${status}; ${fatal ? 'pass its credentials to the agent' : 'check that the proxy allows and can reach the server'}`
  const error = new ConnectionError('ERR_HANDSHAKE', message, { status, response, ...detail })
  const retryAfter = parseRetryAfter(header ?? '', Date.now())
  return { error, status, fatal, ...(retryAfter === undefined ? {} : { retryAfter }) }
}

function kept(headers: IncomingHttpHeaders): HandshakeResponse['headers'] {
  const entries = Object.entries(headers).filter(([name, value]) => value !== undefined && !omitted.test(name))
  return Object.freeze(Object.fromEntries(entries)) as HandshakeResponse['headers']
}

/**
 * Finds who sent the response. An agent replays a proxy's response to `CONNECT` over a socket to which nothing was
 * written.
 */
function sender({ socket, statusCode }: IncomingMessage, hasAgent: boolean): HandshakeResponse['from'] {
  const { bytesWritten, remoteAddress } = socket ?? {}
  return (hasAgent && bytesWritten === 0 && remoteAddress === undefined) || statusCode === 407 ? 'proxy' : 'server'
}

/** The response to a refused upgrade, truncated by size and time. */
export interface Refusal {
  readonly detail: FailureDetail
  /** Stops waiting; the body is what has arrived so far. */
  stop(): void
}

/** Reads a refusal. Calls `done` once when the body is complete, unless `stop` is called first. */
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
    const bytes = Buffer.concat(chunks).subarray(0, maxBody)
    if ((headers['content-encoding'] ?? 'identity') === 'identity') response.body = new TextDecoder().decode(bytes)
    chunks = []
  }
  const finish = (): void => {
    if (isOver) return
    stop()
    done()
  }
  const timer = setTimeout(finish, bodyTimeout)
  message.on('data', (chunk: Buffer) => {
    if (isOver) return
    chunks.push(chunk)
    size += chunk.length
    if (size >= maxBody) finish()
  })
  // Never removed: dropping the socket emits an `error`.
  for (const end of ['end', 'close', 'error']) message.on(end, finish)
  return { detail: describe(response, headers['retry-after']), stop }
}

/** Error messages of agents that do not replay the proxy's response: Node's own, hpagent, tunnel, https-proxy-agent. */
const statusInMessage = /^(?:Bad response: |.*, statusCode=|Proxy authentication failed with status )(\d{3})\b/

/** Returns the proxy refusal behind an error, of which only the status is known; `undefined` for other errors. */
export function proxyRefusal(cause: Error & { readonly statusCode?: unknown }): FailureDetail | undefined {
  const status =
    typeof cause.statusCode === 'number' ? cause.statusCode : Number(statusInMessage.exec(cause.message)?.[1])
  if (!(status >= 100 && status <= 599)) return undefined
  return describe({ from: 'proxy', status, headers: {}, body: '' }, undefined, { cause })
}

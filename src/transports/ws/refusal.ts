import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { ConnectionError, type HandshakeResponse } from '../../errors.js'
import { parseRetryAfter } from '../../policies/hints.js'
import type { FailureDetail } from '../transport.js'

/** How much of a body is kept. Bytes. */
const mostBody = 4_096
/** How long a body is waited for. Milliseconds. */
const patience = 1_000

/** Credentials of a session that there is none of, and nothing that says why. */
const left = ['set-cookie', 'set-cookie2', 'authentication-info', 'proxy-authentication-info']

type From = HandshakeResponse['from']

/** `retryAfter`: of a server. A proxy's is no wish of the server's, but it is one all the same. */
function describe(response: HandshakeResponse, headers: IncomingHttpHeaders, cause?: Error): FailureDetail {
  const { status, from } = response
  const message =
    from === 'server'
      ? `the server answered the upgrade with HTTP ${status}: the headers and the body are in error.response`
      : `the proxy, not the server, answered with HTTP ${status}: ${proxyRemedy(status)}`
  const error = new ConnectionError('ERR_HANDSHAKE', message, {
    status,
    response,
    ...(cause === undefined ? {} : { cause }),
  })
  const header = headers['retry-after']
  const retryAfter = header === undefined ? undefined : parseRetryAfter(header, Date.now())
  return {
    error,
    status,
    ...(retryAfter === undefined ? {} : { retryAfter }),
    // The same credentials would be refused again, and no url function gives others.
    ...(status === 407 ? { fatal: true } : {}),
  }
}

function proxyRemedy(status: number): string {
  if (status === 407) return 'give its credentials to the agent'
  return 'look at what the proxy allows, and whether it reaches the server'
}

function kept(headers: IncomingHttpHeaders): HandshakeResponse['headers'] {
  const entries = Object.entries(headers).filter(([name, value]) => value !== undefined && !left.includes(name))
  return Object.freeze(Object.fromEntries(entries)) as HandshakeResponse['headers']
}

/** Whose answer it is: an agent replays what a proxy said to `CONNECT` over a socket to which nothing was ever written. */
function sender(response: IncomingMessage, hasAgent: boolean): From {
  const { socket } = response as { socket?: { bytesWritten?: number; remoteAddress?: string } }
  const isReplayed = hasAgent && socket?.bytesWritten === 0 && socket.remoteAddress === undefined
  return isReplayed || response.statusCode === 407 ? 'proxy' : 'server'
}

/** The answer to an upgrade that was refused, read as far as it comes soon and is not long. */
export class Refusal {
  readonly detail: FailureDetail
  readonly #response: { body: string } & HandshakeResponse
  readonly #message: IncomingMessage
  readonly #done: () => void
  readonly #timer: ReturnType<typeof setTimeout>
  #chunks: Buffer[] = []
  #size = 0
  #isOver = false

  /** `done` is called once, when there is nothing more to wait for; never if `stop` comes first. */
  constructor(message: IncomingMessage, hasAgent: boolean, done: () => void) {
    this.#message = message
    this.#done = done
    const status = message.statusCode ?? 0
    this.#response = { from: sender(message, hasAgent), status, headers: kept(message.headers), body: '' }
    this.detail = describe(this.#response, message.headers)
    this.#timer = setTimeout(this.#finish, patience)
    message.on('data', this.#onData)
    for (const end of ['end', 'close', 'error'] as const) message.on(end, this.#finish)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    if (this.#size >= mostBody) this.#finish()
  }

  readonly #finish = (): void => {
    if (this.#isOver) return
    this.stop()
    this.#done()
  }

  /** Waits no longer. What has come is the body. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    // The listener of `error` stays: one comes when the socket is dropped.
    this.#message.off('data', this.#onData)
    const encoding = this.#message.headers['content-encoding'] ?? 'identity'
    const bytes = Buffer.concat(this.#chunks).subarray(0, mostBody)
    if (encoding === 'identity') this.#response.body = new TextDecoder().decode(bytes)
    this.#chunks = []
  }
}

/** How agents say that a proxy refused `CONNECT`, where they do not replay its answer: Node's own, hpagent, tunnel, https-proxy-agent. */
const inWords = /^(?:Bad response: |.*, statusCode=|Proxy authentication failed with status )(\d{3})\b/

/** The refusal of a proxy, of which no more is known than its status; `undefined` if it is another error. */
export function proxyRefusal(cause: Error & { statusCode?: unknown }): FailureDetail | undefined {
  const status = typeof cause.statusCode === 'number' ? cause.statusCode : Number(inWords.exec(cause.message)?.[1])
  if (!(status >= 100 && status <= 599)) return undefined
  return describe({ from: 'proxy', status, headers: {}, body: '' }, {}, cause)
}

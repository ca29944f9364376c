import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** A new token of 192 random bits. */
export const newToken = (): string => randomBytes(24).toString('base64url')

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** The purpose of a request. */
export type Purpose =
  /** A page or a resource of it. */
  | 'page'
  /** The WebSocket of the relay's own page. */
  | 'viewer'
  /** The WebSocket of an application. */
  | 'application'

/** The tokens: `tell` for applications, `look` for viewers. */
export interface Tokens {
  readonly tell: string
  readonly look: string
}

/**
 * Decides which requests are allowed. Browsers let every web page dial the loopback interface, and DNS rebinding makes
 * a page same-origin with it. So the gate checks three things: the token, the `Host`, and the origin.
 */
export class Gate {
  readonly #tell: Buffer
  readonly #look: Buffer
  readonly #hosts: readonly string[]
  readonly #origins: readonly string[]

  /** `origins`: of the pages that may report connections. */
  constructor({ tell, look }: Tokens, port: number, origins: readonly string[]) {
    this.#tell = digest(tell)
    this.#look = digest(look)
    // Browsers omit the default port.
    this.#hosts = ['127.0.0.1', 'localhost'].map((name) => (port === 80 ? name : `${name}:${port}`))
    this.#origins = origins
  }

  /** Returns the requested path below the token; `undefined` if the request is not allowed. */
  admit({ url = '', headers }: IncomingMessage, purposeOf: (path: string) => Purpose): string | undefined {
    const [, token = '', path = ''] = /^\/([^/?#]*)\/?([^?#]*)/.exec(url) ?? []
    const { host = '', origin } = headers
    const purpose = purposeOf(path)
    // Digests have equal lengths and are compared in constant time.
    const knows = timingSafeEqual(digest(token), purpose === 'application' ? this.#tell : this.#look)
    return knows && this.#hosts.includes(host) && this.#mayCome(purpose, host, origin) ? path : undefined
  }

  #mayCome(purpose: Purpose, host: string, origin: string | undefined): boolean {
    const isOwn = origin === `http://${host}`
    switch (purpose) {
      case 'page':
        return origin === undefined || isOwn
      case 'viewer':
        // Browsers always send the origin of a WebSocket.
        return isOwn
      case 'application':
        return origin === undefined || this.#origins.includes(origin)
    }
  }
}

const refusalText = 'Not allowed.\n'

/** The response to every request that is not allowed, identical for all reasons. */
export const refusal = [
  'HTTP/1.1 401 Unauthorized',
  'Content-Type: text/plain; charset=utf-8',
  `Content-Length: ${refusalText.length}`,
  'Cache-Control: no-store',
  'Connection: close',
  '',
  refusalText,
].join('\r\n')

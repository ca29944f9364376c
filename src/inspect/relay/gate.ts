import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** 192 bits: nobody guesses it. */
export const newToken = (): string => randomBytes(24).toString('base64url')

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** What a request is for. */
export type Purpose =
  /** A page, or a part of it. */
  | 'page'
  /** The WebSocket of our own page. */
  | 'viewer'
  /** The WebSocket of an application. */
  | 'application'

/**
 * Whom the relay speaks to. A browser lets every page on the internet dial the loopback interface, and a page that has its own name
 * point there (DNS rebinding) is taken for one of ours; so all three are asked for: the token, our own name, and an origin that may.
 */
export class Gate {
  readonly #token: Buffer
  readonly #hosts: readonly string[]
  readonly #allowed: readonly string[]

  constructor(token: string, port: number, allowed: readonly string[]) {
    this.#token = digest(token)
    this.#hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
    this.#allowed = allowed
  }

  /** What is asked for, below the token; `undefined`: somebody who has no business here. */
  admit({ url = '', headers }: IncomingMessage, purposeOf: (path: string) => Purpose): string | undefined {
    const [, token = '', path = ''] = /^\/([^/?#]*)\/?([^?#]*)/.exec(url) ?? []
    const { host = '', origin } = headers
    // Digests have one length, and comparing them takes one time, however much of the token is right.
    const knows = timingSafeEqual(digest(token), this.#token)
    const isUs = this.#hosts.includes(host)
    return knows && isUs && this.#mayCome(purposeOf(path), host, origin) ? path : undefined
  }

  #mayCome(purpose: Purpose, host: string, origin: string | undefined): boolean {
    const isOwn = origin === `http://${host}`
    switch (purpose) {
      case 'page':
        return origin === undefined || isOwn
      case 'viewer':
        // Browsers always say where a WebSocket comes from.
        return isOwn
      case 'application':
        return origin === undefined || this.#allowed.includes(origin)
    }
  }
}

const refusalText = 'Not allowed.\n'

/** What every stranger is told, whatever was wrong: byte for byte the same. */
export const refusal = [
  'HTTP/1.1 401 Unauthorized',
  'Content-Type: text/plain; charset=utf-8',
  `Content-Length: ${refusalText.length}`,
  'Cache-Control: no-store',
  'Connection: close',
  '',
  refusalText,
].join('\r\n')

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

/** Whoever has one may tell, or may look. */
export interface Tokens {
  readonly tell: string
  readonly look: string
}

/**
 * Whom the relay speaks to. A browser lets every page on the internet dial the loopback interface, and a page that has its own name
 * point there (DNS rebinding) is taken for one of ours; so all three are asked for: the token, our own name, and an origin that may.
 */
export class Gate {
  readonly #tell: Buffer
  readonly #look: Buffer
  readonly #hosts: readonly string[]
  readonly #origins: readonly string[]

  /** `origins`: of the pages that may tell. */
  constructor({ tell, look }: Tokens, port: number, origins: readonly string[]) {
    this.#tell = digest(tell)
    this.#look = digest(look)
    // The port that needs no saying is never said.
    this.#hosts = ['127.0.0.1', 'localhost'].map((name) => (port === 80 ? name : `${name}:${port}`))
    this.#origins = origins
  }

  /** What is asked for, below the token; `undefined`: somebody who has no business here. */
  admit({ url = '', headers }: IncomingMessage, purposeOf: (path: string) => Purpose): string | undefined {
    const [, token = '', path = ''] = /^\/([^/?#]*)\/?([^?#]*)/.exec(url) ?? []
    const { host = '', origin } = headers
    const purpose = purposeOf(path)
    // Digests have one length, and comparing them takes one time, however much of the token is right.
    const knows = timingSafeEqual(digest(token), purpose === 'application' ? this.#tell : this.#look)
    return knows && this.#hosts.includes(host) && this.#mayCome(purpose, host, origin) ? path : undefined
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
        return origin === undefined || this.#origins.includes(origin)
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

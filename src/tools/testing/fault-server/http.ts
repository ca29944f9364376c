import { STATUS_CODES } from 'node:http'

/** The head of a client's HTTP request. */
export interface RequestHead {
  readonly method: string
  /** The request target: path and query. */
  readonly path: string
  /** Names in lower case; repeated headers are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
}

/** Heads longer than this are not collected. */
const headLimit = 65_536
const headEnd = '\r\n\r\n'

/** Collects bytes until an HTTP head is complete. */
export class HeadCollector {
  #bytes: Buffer = Buffer.alloc(0)

  /**
   * Returns the head (with its empty line) and the bytes after it, once complete; `'not http'` once it cannot become
   * one.
   */
  add(chunk: Buffer): { head: Buffer; rest: Buffer } | 'not http' | undefined {
    const from = Math.max(0, this.#bytes.length - headEnd.length)
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    // Reject a TLS handshake, for example, instead of letting its client time out.
    const first = this.#bytes[0] ?? 0
    if (first < 0x41 || first > 0x5a) return 'not http'
    const at = this.#bytes.indexOf(headEnd, from)
    if (at === -1) return this.#bytes.length > headLimit ? 'not http' : undefined
    const end = at + headEnd.length
    return { head: this.#bytes.subarray(0, end), rest: this.#bytes.subarray(end) }
  }
}

function parseHeaders(lines: readonly string[]): Record<string, string> | undefined {
  const headers = Object.create(null) as Record<string, string>
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon < 1) return undefined
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = headers[name]
    headers[name] = before === undefined ? value : `${before}, ${value}`
  }
  return headers
}

/** Parses a request head; `undefined` if it is invalid. */
export function parseRequest(head: Buffer): RequestHead | undefined {
  const [first = '', ...lines] = head.toString('latin1', 0, head.length - headEnd.length).split('\r\n')
  const parts = /^([!#$%&'*+.^_`|~\w-]+) (\S+) HTTP\/1\.[01]$/.exec(first)
  const headers = parseHeaders(lines)
  if (parts === null || headers === undefined) return undefined
  return { method: parts[1] as string, path: parts[2] as string, headers }
}

/** Returns the status of a response head; 0 if it is invalid. */
export function responseStatus(head: Buffer): number {
  return Number(/^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1', 0, 16))?.[1] ?? 0)
}

/** Sets headers of a response head: replaces existing ones, adds others, removes those set to `undefined`. */
export function withHeaders(head: Buffer, headers: Readonly<Record<string, string | undefined>>): Buffer {
  const replaced = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  const [first = '', ...lines] = head.toString('latin1', 0, head.length - headEnd.length).split('\r\n')
  const kept = lines.filter((line) => !replaced.has(line.slice(0, line.indexOf(':')).toLowerCase()))
  const added = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  return Buffer.from([first, ...kept, ...added, '', ''].join('\r\n'), 'latin1')
}

/** Headers and body of an HTTP response. */
export interface HttpAnswer {
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
}

/** Builds a complete HTTP response that ends the connection. */
export function response(status: number, { headers = {}, body = '' }: HttpAnswer = {}): Buffer {
  const head = Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n\r\n`, 'latin1')
  const basic = { connection: 'close', 'content-length': String(Buffer.byteLength(body)) }
  return Buffer.concat([withHeaders(withHeaders(head, basic), headers), Buffer.from(body)])
}

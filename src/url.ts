import { ConnectionError } from './errors.js'

/**
 * An absolute `ws:` or `wss:` URL, serialised, as the WebSocket constructor of the standard makes it (WHATWG WebSockets §3.1):
 * `http:` and `https:` become `ws:` and `wss:`, relative ones are resolved against `base`. Throws `ERR_URL`.
 */
export function resolveUrl(url: string | URL, base: string | undefined): string {
  let parsed: URL
  try {
    parsed = new URL(url, base)
  } catch {
    // The text is not shown: a token may be in it.
    throw new ConnectionError(
      'ERR_URL',
      `url (of ${String(url).length} characters) must be an absolute ws: or wss: URL: check its syntax`,
    )
  }
  if (parsed.protocol === 'http:') parsed.protocol = 'ws:'
  else if (parsed.protocol === 'https:') parsed.protocol = 'wss:'
  if (parsed.protocol !== 'ws:' && parsed.protocol !== 'wss:') {
    throw new ConnectionError('ERR_URL', `url (scheme ${parsed.protocol}) must have the scheme ws: or wss:`)
  }
  if (parsed.hash !== '' || parsed.href.endsWith('#')) {
    throw new ConnectionError('ERR_URL', 'url (with a fragment) must not have one: leave out the # and what follows it')
  }
  return parsed.href
}

/** RFC 6455 §4.1: tokens of RFC 9110, no two the same. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Subprotocols, as a list. Throws `ERR_OPTION`. */
export function checkProtocols(protocols: unknown): readonly string[] {
  const list: unknown[] = Array.isArray(protocols) ? [...(protocols as unknown[])] : [protocols]
  const seen = new Set<string>()
  for (const each of list) {
    if (typeof each !== 'string' || !token.test(each)) {
      throw new ConnectionError(
        'ERR_OPTION',
        `protocols (with ${describe(each)}) must be tokens of RFC 6455: letters, digits, no spaces or separators`,
      )
    }
    if (seen.has(each))
      throw new ConnectionError('ERR_OPTION', `protocols (${describe(each)} twice) must not repeat a name`)
    seen.add(each)
  }
  return list as string[]
}

/** Some servers take a token as a subprotocol, so a name is never shown. */
function describe(protocol: unknown): string {
  return typeof protocol === 'string'
    ? `a name of ${protocol.length} characters`
    : `a ${protocol === null ? 'null' : typeof protocol}`
}

/** Headers as a plain object of strings. Throws `ERR_OPTION`; never shows a value. */
export function checkHeaders(headers: unknown): Readonly<Record<string, string>> {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) {
    throw new ConnectionError(
      'ERR_OPTION',
      `headers (${headers === null ? 'null' : Array.isArray(headers) ? 'an array' : `a ${typeof headers}`}) must be an object of strings`,
    )
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!token.test(name) || typeof value !== 'string' || /[\r\n\0]/.test(value)) {
      throw new ConnectionError(
        'ERR_OPTION',
        `headers (${JSON.stringify(name.slice(0, 40))}) must be a token with a string of one line`,
      )
    }
  }
  return headers as Record<string, string>
}

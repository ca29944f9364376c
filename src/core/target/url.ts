import { makeError, type ConnectionError } from '../errors.js'
import type { Transport } from '../transport.js'

/**
 * Serializes a URL as the standard's WebSocket constructor does (WHATWG WebSockets §3.1): `http:` and `https:` become `ws:` and `wss:`, and
 * relative URLs are resolved against `base`. Also accepts other schemes of the transport. Throws `ERR_URL`.
 *
 * Uses only the serialized text: in React Native `URL` has no setters, and before 0.76 most getters throw.
 */
export function resolveUrl(url: string | URL, { base, schemes }: Pick<Transport, 'base' | 'schemes'>): string {
  const { URL } = globalThis as { URL?: new (url: string | URL, base?: string) => URL }
  if (URL === undefined) {
    throw makeError('ERR_MISSING_PEER', 'no-url', [])
  }
  let href: string
  try {
    href = new URL(url, base).href
  } catch {
    throw notAbsolute(url)
  }
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(href)?.[0].toLowerCase()
  // React Native accepts any text as a URL.
  if (scheme === undefined) throw notAbsolute(url)
  const isOther = schemes?.includes(scheme) === true
  if (!isOther && !/^(?:ws|http)s?:$/.test(scheme)) throw wrongScheme(scheme, schemes)
  if (href.includes('#')) {
    throw makeError('ERR_URL', 'url-fragment', [])
  }
  if (isOther) return checkFile(href, scheme)
  // The default ports are the same.
  return href.replace(/^http(s?):/i, (_, secure: string) => `ws${secure.toLowerCase()}:`)
}

function wrongScheme(scheme: string, schemes: readonly string[] = []): ConnectionError {
  return makeError('ERR_URL', 'url-scheme', [scheme, ['ws:', 'wss:', ...schemes].join(' or ')])
}

/** Checks a socket-file URL, which has a path and no host: after two slashes, the first folder would be the host. */
function checkFile(href: string, scheme: string): string {
  const rest = href.slice(scheme.length)
  if (/^(?:\/\/[^/]|(?:\/\/)?(?:$|\?))/.test(rest)) {
    throw makeError('ERR_URL', 'url-host', [scheme])
  }
  return href
}

function notAbsolute(url: string | URL): ConnectionError {
  // The text is hidden: it may contain a token.
  return makeError('ERR_URL', 'url-syntax', [String(url).length])
}

/** RFC 6455 §4.1: tokens of RFC 9110, no two the same. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Checks subprotocols and returns a list. Throws `ERR_OPTION`. */
export function checkProtocols(protocols: unknown): readonly string[] {
  const list: unknown[] = Array.isArray(protocols) ? [...(protocols as unknown[])] : [protocols]
  const seen = new Set<string>()
  for (const each of list) {
    if (typeof each !== 'string' || !token.test(each)) {
      throw makeError('ERR_OPTION', 'protocol-not-a-token', [describe(each)])
    }
    if (seen.has(each)) throw makeError('ERR_OPTION', 'protocol-twice', [describe(each)])
    seen.add(each)
  }
  return list as string[]
}

/** Names are hidden, because some servers accept a token as a subprotocol. */
function describe(protocol: unknown): string {
  return typeof protocol === 'string'
    ? `a name of ${protocol.length} characters`
    : `a ${protocol === null ? 'null' : typeof protocol}`
}

/** Checks headers. Throws `ERR_OPTION`, whose message contains no values. */
export function checkHeaders(headers: unknown): Readonly<Record<string, string>> {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) {
    const given = headers === null ? 'null' : Array.isArray(headers) ? 'an array' : `a ${typeof headers}`
    throw makeError('ERR_OPTION', 'headers-not-an-object', [given])
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!token.test(name) || typeof value !== 'string' || /[\r\n\0]/.test(value)) {
      throw makeError('ERR_OPTION', 'header-invalid', [JSON.stringify(name.slice(0, 40))])
    }
  }
  return headers as Record<string, string>
}

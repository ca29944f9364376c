import type { ConnectionError, Loss } from '../../../index.js'
import { ProxyError } from './proxy.js'

/** Advice for a failed attempt. */
export interface Hint {
  readonly remedy: string
  /** Retrying with the same command line is pointless. Applies only before the first successful attempt. */
  readonly isFinal: boolean
}

const final = (remedy: string): Hint => ({ remedy, isFinal: true })
const passing = (remedy: string): Hint => ({ remedy, isFinal: false })

const credentials = "the server requires other credentials: --header 'Authorization: …', or --header @FILE"
const noWebSocket = 'there is no WebSocket at this path; check the URL'
const redirects = 'the server redirects to another URL; use that one'

const ofStatus: ReadonlyMap<number, string> = new Map([
  [301, redirects],
  [302, redirects],
  [303, redirects],
  [307, redirects],
  [308, redirects],
  [
    400,
    'the server refused the handshake; it may need a subprotocol (--protocol), a header (--header) or another path',
  ],
  [401, credentials],
  [403, credentials],
  [404, noWebSocket],
  [405, noWebSocket],
  [410, noWebSocket],
  [426, 'the server requires another version of the protocol, or another protocol'],
])

const notAllowed = 'the proxy does not allow a tunnel to this server'

const ofProxyStatus: ReadonlyMap<number, string> = new Map([
  [400, notAllowed],
  [401, notAllowed],
  [403, notAllowed],
  [404, notAllowed],
  [405, notAllowed],
  [407, 'the proxy requires a user and password: --proxy http://USER:PASSWORD@HOST:PORT'],
  [501, notAllowed],
])

/** By error code of the system or the library. The first match applies. */
const ofCode: readonly (readonly [code: RegExp, hint: Hint])[] = [
  [/^(?:ENOTFOUND|EAI_)/, passing('check the host name and the network')],
  [/^ECONNREFUSED$/, passing('no server is listening there; check host, port and server')],
  [
    /^(?:EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/,
    passing('the host does not answer; check the host name and the network'),
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    final("the server's certificate is for another name; check the host in the URL, or skip verification: --insecure"),
  ],
  [
    /^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/,
    final("the server's certificate is not valid at this time; check the clock, or skip verification: --insecure"),
  ],
  [
    /^(?:CERT_|CRL_|ERROR_IN_C|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|INVALID_|PATH_LENGTH_|HOSTNAME_)/,
    final(
      "the server's certificate is not signed by a trusted authority; trust it with --ca FILE, or skip verification: --insecure",
    ),
  ],
  [
    /^ERR_SSL_.*ALERT_(?:CERTIFICATE|BAD_CERT|NO_CERT|UNSUPPORTED_CERT|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)/,
    final('the server requires another client certificate: --cert FILE --key FILE'),
  ],
  [
    /^(?:EPROTO|ERR_SSL_)/,
    final('the server does not speak TLS on this port, or no common version; try ws: instead of wss:'),
  ],
  [/^HPE_/, final('the server does not speak HTTP on this port; check the port, or try wss: instead of ws:')],
]

/** Error messages of `ws` for an invalid handshake. They contain no text from the server. */
const brokenHandshake: readonly (readonly [message: RegExp, hint: Hint])[] = [
  [
    /^Server sent (?:no|an invalid) subprotocol$|^Server sent a subprotocol but none was requested$/,
    final('client and server have no common subprotocol; check --protocol and --resume'),
  ],
  [
    /^Invalid (?:Upgrade|Sec-WebSocket-Accept) header$/,
    final('the server does not speak WebSocket here; check the URL'),
  ],
]

const causeOf = (error: ConnectionError | undefined): Error | undefined =>
  error?.cause instanceof Error ? error.cause : undefined

/** Returns advice for a failed attempt, if there is any. */
export function hintFor({ error, status }: Pick<Loss, 'error' | 'status'>): Hint | undefined {
  if (status !== undefined) {
    const remedy = status < 300 ? 'the server answers with a web page; check the path of the URL' : ofStatus.get(status)
    return remedy === undefined ? undefined : final(remedy)
  }
  const cause = causeOf(error)
  if (cause instanceof ProxyError) return proxyHint(cause)
  const { code = '' } = (cause ?? {}) as { code?: unknown }
  const known = ofCode.find(([pattern]) => pattern.test(String(code))) ?? messageHint(cause)
  return known?.[1]
}

const messageHint = (cause: Error | undefined): readonly [RegExp, Hint] | undefined =>
  brokenHandshake.find(([pattern]) => cause !== undefined && pattern.test(cause.message))

function proxyHint({ status, cause }: ProxyError): Hint | undefined {
  if (status !== undefined) {
    const remedy = ofProxyStatus.get(status)
    return remedy === undefined ? undefined : final(remedy)
  }
  const { code = '' } = (cause ?? {}) as { code?: unknown }
  const known = ofCode.find(([pattern]) => pattern.test(String(code)))?.[1]
  if (known?.isFinal === true) return final('the proxy cannot be used; check scheme, port and certificate of --proxy')
  return passing('the proxy cannot be reached; check host and port of --proxy')
}

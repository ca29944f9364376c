import { ConnectionError } from '../../core/errors.js'
import type { FailureDetail } from '../../core/transport.js'
import { proxyRefusal } from './refusal.js'

/** OpenSSL's names for "this certificate does not verify", as Node puts them into `code`. */
const notVerified =
  /^(?:CERT_|CRL_|ERROR_IN_C|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$|HOSTNAME_MISMATCH$)/

/**
 * Alerts by which a server says that it does not take our certificate, or wants one: 40 to 46, 48, 49, 111, 113, 114 and 116
 * (RFC 8446 §6, RFC 5246 §7.2). 40, a handshake that failed, is what TLS 1.2 says when one is missing; it also has other causes,
 * which last as long.
 *
 * In OpenSSL's error, the last three digits are 1000 and the alert, in hexadecimal. Neither the code nor the words are the same in
 * all versions.
 */
const notAccepted = /:error:0A0004(?:1[0-689]|5[79AC]):/i

/** What an `error` of `ws` means. `mayBeProxy`: it came before the link was open, and there is an agent. */
export function describeFailure(
  cause: Error & { readonly code?: string },
  mayBeProxy: boolean,
  certificatesAreFatal: boolean,
  maxPayload: number | undefined,
): FailureDetail {
  const byProxy = mayBeProxy ? proxyRefusal(cause) : undefined
  if (byProxy !== undefined) return byProxy
  const { code = '', name } = cause
  const isOurCertificate = notAccepted.test(cause.message)
  // The same message would come again, and be too large again.
  const isTooLarge = code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
  const message = isTooLarge
    ? `a message of the server exceeded maxPayload (${maxPayload} bytes): raise it with wsTransport({ maxPayload }), if you trust the server`
    : isOurCertificate
      ? `the server did not accept the client certificate, or wants one (${code || name}): see the cause, and give cert and key`
      : `the WebSocket failed (${code || name}): see the cause`
  return {
    error: new ConnectionError('ERR_SOCKET', message, { cause }),
    fatal: isTooLarge || (certificatesAreFatal && (isOurCertificate || notVerified.test(code))) || undefined,
  }
}

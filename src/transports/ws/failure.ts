import { ConnectionError } from '../../core/errors.js'
import type { FailureDetail } from '../../core/transport.js'
import { proxyRefusal } from './refusal.js'

/** OpenSSL's names for certificate verification errors, as Node puts them into `code`. */
const verificationError =
  /^(?:CERT_|CRL_|ERROR_IN_C|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$|HOSTNAME_MISMATCH$)/

/**
 * TLS alerts with which a server rejects the client certificate or requires one: 40 to 46, 48, 49, 111, 113, 114 and
 * 116 (RFC 8446 §6, RFC 5246 §7.2). TLS 1.2 sends 40 (handshake failure) for a missing certificate; its other causes
 * are as permanent.
 *
 * The last three digits of OpenSSL's error are 1000 plus the alert number, in hexadecimal. Code and text differ between
 * versions.
 */
const clientCertificateAlert = /:error:0A0004(?:1[0-689]|5[79AC]):/i

/** Maps an `error` of `ws` to a failure. `mayBeProxy`: it happened before the link was open, and there is an agent. */
export function describeFailure(
  cause: Error & { readonly code?: string },
  mayBeProxy: boolean,
  certificatesAreFatal: boolean,
  maxPayload: number | undefined,
): FailureDetail {
  const byProxy = mayBeProxy ? proxyRefusal(cause) : undefined
  if (byProxy !== undefined) return byProxy
  const { code = '', name } = cause
  const isClientCertificate = clientCertificateAlert.test(cause.message)
  // Fatal: the server would send the same message again.
  const isTooLarge = code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
  const message = isTooLarge
    ? `a message exceeded maxPayload (${maxPayload} bytes); if you trust the server, raise it with wsTransport({ maxPayload })`
    : isClientCertificate
      ? `the server requires a client certificate or rejected it (${code || name}); check cert and key, and see the cause`
      : `the WebSocket failed (${code || name}); see the cause`
  return {
    error: new ConnectionError('ERR_SOCKET', message, { cause }),
    fatal: isTooLarge || (certificatesAreFatal && (isClientCertificate || verificationError.test(code))) || undefined,
  }
}

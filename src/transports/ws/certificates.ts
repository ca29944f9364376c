/** OpenSSL's names for "this certificate does not verify", as Node puts them into `code`. */
const notVerified =
  /^(?:CERT_|CRL_|ERROR_IN_C|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$|HOSTNAME_MISMATCH$)/

/**
 * Alerts by which a server says that it does not take our certificate, or wants one (RFC 8446 §6, RFC 5246 §7.2). 40, a handshake
 * that failed, is what TLS 1.2 says when one is missing; it also has other causes, which last as long.
 */
const aboutOurs: readonly number[] = [40, 41, 42, 43, 44, 45, 46, 48, 49, 111, 113, 114, 116]

/** In OpenSSL's error, the last three digits are 1000 and the alert, in hexadecimal. Neither the code nor the words are the same in all versions. */
const alert = /:error:0A000([0-9A-F]{3}):/i

/** Whose certificate an error is about, if it is about one. */
export function certificateAtFault({
  code = '',
  message,
}: Error & { readonly code?: string }): 'server' | 'client' | undefined {
  if (notVerified.test(code)) return 'server'
  const number = Number.parseInt(alert.exec(message)?.[1] ?? '', 16) - 1_000
  return aboutOurs.includes(number) ? 'client' : undefined
}

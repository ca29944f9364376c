import { makeError } from '../core/errors.js'

/** 128 random bits in base64url. Throws `ERR_MISSING_PEER` if the runtime has no source of secure random numbers. */
export function newSessionId(): string {
  const { crypto } = globalThis as { readonly crypto?: Pick<Crypto, 'getRandomValues'> }
  if (crypto === undefined) throw makeError('ERR_MISSING_PEER', 'no-crypto', [])
  const text = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
  return text.slice(0, 22).replaceAll('+', '-').replaceAll('/', '_')
}

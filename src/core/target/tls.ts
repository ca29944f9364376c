import { bag } from '../checks.js'
import { makeError } from '../errors.js'
import type { TlsOptions } from '../transport.js'

const materials = ['ca', 'cert', 'key', 'pfx', 'crl'] as const
const texts = ['passphrase', 'servername', 'ciphers', 'minVersion', 'maxVersion'] as const
const known = [...materials, ...texts, 'rejectUnauthorized'] as const

const isMaterial = (value: unknown): boolean => typeof value === 'string' || ArrayBuffer.isView(value)

type Key = 'not-an-object' | 'not-tls-material' | 'not-a-string' | 'not-a-boolean'

function wrong(name: string, value: unknown, key: Key): never {
  throw makeError('ERR_OPTION', key, [name, `a ${value === null ? 'null' : typeof value}`])
}

/** Checks the TLS options of a `url` function. Throws `ERR_OPTION`, whose message contains no values. */
export function checkTls(tls: unknown): TlsOptions {
  if (typeof tls !== 'object') wrong('tls', tls, 'not-an-object')
  const given = bag<TlsOptions>('tls', tls, known)
  for (const name of materials) {
    const value: unknown = given[name]
    if (value === undefined || isMaterial(value)) continue
    if (!Array.isArray(value) || !value.every(isMaterial)) {
      wrong(`tls.${name}`, value, 'not-tls-material')
    }
  }
  for (const name of texts) {
    if (given[name] !== undefined && typeof given[name] !== 'string') wrong(`tls.${name}`, given[name], 'not-a-string')
  }
  const { rejectUnauthorized } = given
  if (rejectUnauthorized !== undefined && typeof rejectUnauthorized !== 'boolean') {
    wrong('tls.rejectUnauthorized', rejectUnauthorized, 'not-a-boolean')
  }
  // `undefined` must not override the transport's options.
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

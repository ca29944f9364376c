import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { UsageError } from '../command.js'
import type { Settings } from './settings.js'

/** TLS options for Node. */
export interface Tls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly rejectUnauthorized?: false
}

function pem(option: string, file: string): string {
  try {
    const text = readFileSync(file, 'utf8')
    if (text.includes('-----BEGIN')) return text
    throw new Error('it contains no PEM')
  } catch (error) {
    throw new UsageError(`--${option} ${file} cannot be used: ${(error as Error).message}`)
  }
}

/**
 * Reads and validates the files, so that errors in them are usage errors instead of failed attempts. Throws a
 * `UsageError`.
 */
export function tlsOf({ ca, identity, insecure }: Pick<Settings, 'ca' | 'identity' | 'insecure'>): Tls {
  const tls: Tls = {
    ...(ca !== undefined && { ca: pem('ca', ca) }),
    ...(identity !== undefined && { cert: pem('cert', identity.cert), key: pem('key', identity.key) }),
  }
  try {
    createSecureContext(tls)
  } catch (error) {
    throw new UsageError(`the certificates cannot be used: ${(error as Error).message}`)
  }
  return insecure ? { ...tls, rejectUnauthorized: false } : tls
}

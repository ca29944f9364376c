import { createRequire } from 'node:module'
import type { WebSocket } from 'ws'
import { isFunction } from '../../core/checks.js'
import { ConnectionError } from '../../core/errors.js'

/**
 * Methods that the class must have. Classes before ws 8.4 lack the last ones; they also emit text and bytes
 * differently.
 */
const methods = 'on once off addEventListener removeEventListener send close terminate ping pause resume'

/** Returns the methods that a class lacks, as text. */
function missingIn(Class: { readonly prototype?: unknown }): string {
  const prototype = (Class.prototype ?? {}) as Record<string, unknown>
  const missing = methods.split(' ').filter((name) => typeof prototype[name] !== 'function')
  return missing.join(', ')
}

/** Checks a class passed by the app. Throws `ERR_OPTION` if it lacks a required method. */
export function checkClass(given: unknown): typeof WebSocket {
  const Class = isFunction('wsTransport.WebSocket', given) as unknown as typeof WebSocket
  const missing = missingIn(Class)
  if (missing === '') return Class
  throw new ConnectionError(
    'ERR_OPTION',
    `wsTransport.WebSocket (a function whose prototype has no ${missing}) must be the WebSocket class of ws 8.23 or later; a class of the standard, or an older ws, goes into webSocketTransport({ WebSocket })`,
  )
}

function missingPeer(what: string, detail?: { readonly cause: unknown }): ConnectionError {
  const message = `statewire/ws needs the package ws, 8.23 or later, and ${what}; run \`npm install ws\`, or pass its class: wsTransport({ WebSocket })`
  return new ConnectionError('ERR_MISSING_PEER', message, detail)
}

/** Cached: resolving and checking the package takes 100 µs, about a third of the cost of opening a connection. */
let loaded: typeof WebSocket | undefined

/** Returns the class of the installed package. Throws `ERR_MISSING_PEER`. */
export function loadClass(): typeof WebSocket {
  return (loaded ??= load())
}

function load(): typeof WebSocket {
  // `require` is synchronous. A static import would make this entry unusable without the package, and a top-level await
  // would make it unusable through `require`.
  const require = createRequire(import.meta.url)
  let Class: typeof WebSocket
  try {
    Class = require('ws') as typeof WebSocket
  } catch (cause) {
    throw missingPeer('could not load it', { cause })
  }
  const missing = missingIn(Class)
  const found = missing === '' ? tooOld(require) : `one without ${missing}`
  if (found === undefined) return Class
  throw missingPeer(`loaded ${found}, which is older, or a stub for browsers`)
}

/** Before 8.23, a server that sends pings without reading the pongs makes `ws` use unbounded memory. */
function tooOld(require: NodeJS.Require): string | undefined {
  try {
    // Bun replaces `ws` with its own implementation.
    if (require.resolve('ws') === 'ws') return undefined
    const { version } = require('ws/package.json') as { version: string }
    const [major = 0, minor = 0] = version.split('.').map(Number)
    return major > 8 || (major === 8 && minor >= 23) ? undefined : version
  } catch {
    return undefined
  }
}

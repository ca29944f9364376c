// Importing an entry reads nothing of the platform, because a test environment or a polyfill may be installed later.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { built, root, script } from './support/child.js'

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: object }
const files = (entry: unknown): string[] =>
  typeof entry === 'string' ? [entry] : Object.values(entry as object).flatMap(files)
const entries = [...new Set(files(exports))].filter((file) => file.endsWith('.js'))

/** The globals of the language; all others belong to the platform. */
const language = [
  ...['globalThis', 'undefined', 'NaN', 'Infinity', 'eval', 'parseInt', 'parseFloat', 'isNaN', 'isFinite'],
  ...['decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'escape', 'unescape'],
  ...['Object', 'Function', 'Array', 'Number', 'Boolean', 'String', 'Symbol', 'BigInt', 'Date', 'Promise', 'RegExp'],
  ...['Error', 'AggregateError', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError'],
  ...['JSON', 'Math', 'Intl', 'Reflect', 'Proxy', 'Atomics', 'Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef'],
  ...['FinalizationRegistry', 'ArrayBuffer', 'SharedArrayBuffer', 'DataView', 'Uint8Array', 'Int8Array', 'Iterator'],
  ...['Uint16Array', 'Int16Array', 'Uint32Array', 'Int32Array', 'Float32Array', 'Float64Array', 'Uint8ClampedArray'],
  ...['BigUint64Array', 'BigInt64Array', 'Float16Array', 'SuppressedError', 'DisposableStack', 'AsyncDisposableStack'],
  // Not part of the language, but available everywhere; XState binds its logger to it.
  'console',
]

/** Imports a module with a trap in place of each platform global, and reports the trapped reads. */
const trapped = (module: string): string => `
  const { process, console } = globalThis
  // Third-party modules may read anything, and are loaded first.
  for (const name of ${JSON.stringify(foreign)}) await import(name)
  const read = []
  const language = new Set(${JSON.stringify(language)})
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (language.has(name)) continue
    Object.defineProperty(globalThis, name, { configurable: true, get() {
      read.push(name)
      throw new ReferenceError(name + ' is read at import')
    } })
  }
  let exported = []
  try {
    exported = Object.keys(await import(${JSON.stringify(module)}))
  } catch (error) {
    read.push(String(error))
  }
  console.log(JSON.stringify({ read, exported: exported.length }))
`
const foreign = [
  ...[
    'node:buffer',
    'node:crypto',
    'node:events',
    'node:fs',
    'node:fs/promises',
    'node:http',
    'node:https',
    'node:net',
  ],
  ...['node:module', 'node:path', 'node:stream', 'node:tls', 'node:url', 'node:util', 'node:zlib'],
  pathToFileURL(join(root, 'node_modules/ws/wrapper.mjs')).href,
]

describe('importing', () => {
  it('is tested for every entry', () => {
    expect(entries.length).toBeGreaterThanOrEqual(8)
    expect(entries.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })

  it.each(entries)('%s reads no global of the platform', { timeout: 60_000 }, async (file) => {
    const { read, exported } = JSON.parse(await script(trapped(built(file.replace('./dist/', ''))))) as {
      read: string[]
      exported: number
    }
    expect(read).toEqual([])
    expect(exported).toBeGreaterThan(0)
  })

  it('a module that reads a global is detected', { timeout: 60_000 }, async () => {
    const reads = `data:text/javascript,${encodeURIComponent('export class Mine extends EventTarget {}')}`
    expect(JSON.parse(await script(trapped(reads)))).toMatchObject({ read: ['EventTarget', expect.any(String)] })
  })
})

import { ConnectionError, isConnectionError, makeError } from './errors.js'
import { ignore, onRejection } from './guards.js'
import type { Key, Values } from './sentences/catalogue.js'

/** Describes an invalid value without revealing a token. */
function show(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 24 ? `a string of ${value.length} characters` : JSON.stringify(value)
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined)
    return String(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return `an array of ${value.length}`
  return typeof value === 'symbol' ? 'a symbol' : 'an object'
}

/** The tag of an object, which is the same in every realm, unlike its class. */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}

/**
 * Whether this is a Blob or File of any realm. Checks its members: React Native's and happy-dom's have no tag, and test environments may
 * replace the global class.
 */
export function isBlob(value: unknown): value is Blob {
  if (typeof value !== 'object' || value === null || 'byteLength' in value) return false
  return 'size' in value && 'type' in value && typeof (value as Partial<Blob>).slice === 'function'
}

/** Whether this is a URL of any realm. */
export function isUrl(value: unknown): value is URL {
  return typeof value === 'object' && value !== null && typeof (value as Partial<URL>).href === 'string'
}

/** Like `show`, but never throws. */
function shown(value: unknown): string {
  let text = 'an object'
  try {
    text = show(value)
    // An invalid promise must not also become an unhandled rejection.
    onRejection(value, ignore)
  } catch {
    // Reading it threw.
  }
  return text
}

/** The keys of `ERR_OPTION` messages that start with an option and its value, and their further values. */
type OptionKey = {
  [K in Key<'ERR_OPTION'>]: Values<'ERR_OPTION', K> extends [string, string, ...unknown[]] ? K : never
}[Key<'ERR_OPTION'>]
type More<K extends OptionKey> = Values<'ERR_OPTION', K> extends [string, string, ...infer M] ? M : never

/** Throws `ERR_OPTION`. */
export function wrongOption<K extends OptionKey>(option: string, value: unknown, key: K, ...more: More<K>): never {
  throw makeError('ERR_OPTION', key, [option, shown(value), ...more] as unknown as Values<'ERR_OPTION', K>)
}

/** Like `wrongOption`, with its own fix, for code that runs only in Node. */
export function refuse(option: string, value: unknown, remedy: string): never {
  throw new ConnectionError('ERR_OPTION', `${option} (${shown(value)}) must ${remedy}`)
}

/** Checks a duration in milliseconds, finite unless `max` is not. */
export function duration(option: string, value: unknown, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}): number {
  if (typeof value !== 'number' || Number.isNaN(value) || value < min || value > max) {
    wrongOption(option, value, 'not-a-duration', min, max)
  }
  return value
}

/** Checks a whole number; `Infinity` means no limit. */
export function count(option: string, value: unknown, min = 0): number {
  if (typeof value !== 'number' || !(Number.isInteger(value) || value === Infinity) || value < min) {
    wrongOption(option, value, 'not-a-count', min)
  }
  return value
}

export function oneOf<const T extends string>(option: string, value: unknown, allowed: readonly T[]): T {
  if (!allowed.includes(value as T)) {
    wrongOption(option, value, 'not-one-of', allowed.map((each) => `'${each}'`).join(', '))
  }
  return value as T
}

export function isFunction(option: string, value: unknown): (...given: never[]) => unknown {
  if (typeof value !== 'function') wrongOption(option, value, 'not-a-function')
  return value as (...given: never[]) => unknown
}

/** Whether `new` accepts this. Doesn't call it. */
export function canConstruct(value: unknown): boolean {
  try {
    Reflect.construct(Object, [], value as new () => object)
    return true
  } catch {
    return false
  }
}

/** Checks for a class or a constructor function. */
export function isConstructor(option: string, value: unknown): unknown {
  if (!canConstruct(value)) wrongOption(option, value, 'not-a-constructor')
  return value
}

export function isBoolean(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') wrongOption(option, value, 'not-a-boolean')
  return value
}

/**
 * Checks an options object and rejects unknown keys. Returns a copy: each property is read once, here, so getters that throw or change later
 * have no effect.
 */
export function bag<T extends object>(option: string, value: unknown, keys: readonly (keyof T & string)[]): T {
  return readable(option, () => copyOfBag(option, value, keys))
}

/** Reads a value of the app. Throws `ERR_OPTION` if reading it throws. */
export function readable<T>(option: string, read: () => T): T {
  try {
    return read()
  } catch (thrown) {
    if (isConnectionError(thrown)) throw thrown
    throw makeError('ERR_OPTION', 'unreadable', [option], { cause: thrown })
  }
}

function copyOfBag<T extends object>(option: string, value: unknown, keys: readonly (keyof T & string)[]): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) wrongOption(option, value, 'not-an-object')
  for (const key of Object.keys(value)) {
    if (!keys.includes(key as keyof T & string)) {
      const given = (value as Record<string, unknown>)[key]
      // The text of an unknown option is hidden: it may be a token.
      const text = typeof given === 'string' ? `a string of ${given.length} characters` : show(given)
      throw makeError('ERR_OPTION', 'unknown-name', [`${option}.${key}`, text, keys.join(', ')])
    }
  }
  const copy: Record<string, unknown> = {}
  for (const key of keys) {
    const given = (value as Record<string, unknown>)[key]
    if (given !== undefined) copy[key] = given
  }
  return copy as T
}

import { ConnectionError, isConnectionError, makeError } from './errors.js'
import { ignore, onRejection } from './guards.js'
import type { Key, Values } from './sentences/catalogue.js'

/** How a wrong value is shown: enough to classify it, never so much that a token could ride along. */
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

/** What an object is whatever realm it is of: a page's other realms have classes of their own. */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}

/**
 * Whether it is a Blob or a File of any realm, by what it can do: React Native's and happy-dom's have no tag, and a test
 * environment may have replaced the global class.
 */
export function isBlob(value: unknown): value is Blob {
  if (typeof value !== 'object' || value === null || 'byteLength' in value) return false
  return 'size' in value && 'type' in value && typeof (value as Partial<Blob>).slice === 'function'
}

/** Whether it is a URL of any realm. */
export function isUrl(value: unknown): value is URL {
  return typeof value === 'object' && value !== null && typeof (value as Partial<URL>).href === 'string'
}

/** `show` for any value. Never throws. */
function shown(value: unknown): string {
  let text = 'an object'
  try {
    text = show(value)
    // The error reports what is wrong with it; its rejection must not be unhandled besides.
    onRejection(value, ignore)
  } catch {
    // It throws when it is read.
  }
  return text
}

/** The keys of `ERR_OPTION` whose sentences begin with an option and its value, and the values that follow these. */
type OptionKey = {
  [K in Key<'ERR_OPTION'>]: Values<'ERR_OPTION', K> extends [string, string, ...unknown[]] ? K : never
}[Key<'ERR_OPTION'>]
type More<K extends OptionKey> = Values<'ERR_OPTION', K> extends [string, string, ...infer M] ? M : never

/** Throws `ERR_OPTION`. */
export function wrongOption<K extends OptionKey>(option: string, value: unknown, key: K, ...more: More<K>): never {
  throw makeError('ERR_OPTION', key, [option, shown(value), ...more] as unknown as Values<'ERR_OPTION', K>)
}

/** `wrongOption` with a remedy of its own, for code that runs in Node only. */
export function refuse(option: string, value: unknown, remedy: string): never {
  throw new ConnectionError('ERR_OPTION', `${option} (${shown(value)}) must ${remedy}`)
}

/** A duration in milliseconds, finite unless `max` is not. */
export function duration(option: string, value: unknown, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}): number {
  if (typeof value !== 'number' || Number.isNaN(value) || value < min || value > max) {
    wrongOption(option, value, 'not-a-duration', min, max)
  }
  return value
}

/** A whole number of things; `Infinity` means no bound. */
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

/** Something that `new` takes. Asked without calling it. */
export function canConstruct(value: unknown): boolean {
  try {
    Reflect.construct(Object, [], value as new () => object)
    return true
  } catch {
    return false
  }
}

/** A class, or a function that can be one: arrow functions, methods and plain objects cannot. */
export function isConstructor(option: string, value: unknown): unknown {
  if (!canConstruct(value)) wrongOption(option, value, 'not-a-constructor')
  return value
}

export function isBoolean(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') wrongOption(option, value, 'not-a-boolean')
  return value
}

/**
 * An options bag: an object, and no key that is not read (a misspelt option is a silent default otherwise). Returns a copy: each property
 * is read once, here, so one that throws, or that changes later, does no harm afterwards.
 */
export function bag<T extends object>(option: string, value: unknown, keys: readonly (keyof T & string)[]): T {
  return readable(option, () => copyOfBag(option, value, keys))
}

/** Does the reading of what an app has given. Throws `ERR_OPTION` if that throws. */
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
      // Nobody knows what an unknown name is for, so its text is not shown: it may be a token.
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

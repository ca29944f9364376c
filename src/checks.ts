import { ConnectionError, isConnectionError } from './errors.js'
import { ignore, onRejection } from './guards.js'

/** How a wrong value is shown: enough to recognise it, never so much that a token could ride along. */
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

/** Throws `ERR_OPTION` in the house form: what, value, remedy. */
export function refuse(option: string, value: unknown, remedy: string): never {
  let shown = 'an object'
  try {
    shown = show(value)
    // What is wrong with it is said here; its rejection is not to be unhandled besides.
    onRejection(value, ignore)
  } catch {
    // It throws when it is looked at.
  }
  throw new ConnectionError('ERR_OPTION', `${option} (${shown}) must ${remedy}`)
}

/** A duration in milliseconds, finite unless `max` is not. */
export function duration(option: string, value: unknown, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}): number {
  if (typeof value !== 'number' || Number.isNaN(value) || value < min || value > max) {
    refuse(
      option,
      value,
      `be a ${max === Infinity ? '' : 'finite '}number of milliseconds, ${min} or more${max < Number.MAX_SAFE_INTEGER ? `, at most ${max}` : ''}`,
    )
  }
  return value
}

/** A whole number of things; `Infinity` means no bound. */
export function count(option: string, value: unknown, min = 0): number {
  if (typeof value !== 'number' || !(Number.isInteger(value) || value === Infinity) || value < min) {
    refuse(option, value, `be a whole number, ${min} or more, or Infinity`)
  }
  return value
}

export function oneOf<const T extends string>(option: string, value: unknown, allowed: readonly T[]): T {
  if (!allowed.includes(value as T)) refuse(option, value, `be one of ${allowed.map((each) => `'${each}'`).join(', ')}`)
  return value as T
}

export function isFunction(option: string, value: unknown): (...given: never[]) => unknown {
  if (typeof value !== 'function') refuse(option, value, 'be a function')
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
export function isConstructor(option: string, value: unknown): void {
  if (!canConstruct(value)) refuse(option, value, 'be a constructor, such as a class')
}

export function isBoolean(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') refuse(option, value, 'be true or false')
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
    const message = `${option} (with a property that throws when it is read) must be plain values: see the cause`
    throw new ConnectionError('ERR_OPTION', message, { cause: thrown })
  }
}

function copyOfBag<T extends object>(option: string, value: unknown, keys: readonly (keyof T & string)[]): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(option, value, 'be an object')
  for (const key of Object.keys(value)) {
    if (!keys.includes(key as keyof T & string)) {
      const given = (value as Record<string, unknown>)[key]
      // Nobody knows what an unknown name is for, so its text is not shown: it may be a token.
      const shown = typeof given === 'string' ? `a string of ${given.length} characters` : show(given)
      const message = `${option}.${key} (${shown}) must not be given; the known names are ${keys.join(', ')}`
      throw new ConnectionError('ERR_OPTION', message)
    }
  }
  const copy: Record<string, unknown> = {}
  for (const key of keys) {
    const given = (value as Record<string, unknown>)[key]
    if (given !== undefined) copy[key] = given
  }
  return copy as T
}

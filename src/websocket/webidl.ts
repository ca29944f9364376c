import { byteLength } from '../core/bytes.js'
import { isBlob } from '../core/checks.js'
import { explain } from '../core/errors.js'
import type { SendData } from '../index.js'
import { domException, type Dom } from './dom.js'

export interface AddOptions {
  readonly capture?: boolean
  readonly once?: boolean
  readonly passive?: boolean
  readonly signal?: AbortSignal
}

type Flags = Required<Omit<AddOptions, 'signal'>> & { readonly signal: AbortSignal | undefined }

/** Converts to a Web IDL `USVString`: each lone surrogate becomes U+FFFD. */
function toUSVString(value: unknown): string {
  // With the `u` flag, a surrogate pair does not match.
  return toText(value).replace(/[\uD800-\uDFFF]/gu, '\uFFFD')
}

/** Converts to a Web IDL `DOMString`. Throws whatever the value's own conversion throws. */
export function toText(value: unknown): string {
  // `String()` accepts symbols; Web IDL does not.
  if (typeof value === 'symbol') throw new TypeError(explain('WebSocket', 'not-text', []))
  return String(value)
}

/**
 * Converts to Web IDL's `(DOMString or sequence<DOMString>)`: an iterable is a list, anything else is text. A plain
 * object is an options bag with `protocols`, as in some runtimes and platform tests; as text, it would always be
 * rejected.
 *
 * @throws DOMException `SyntaxError` for an invalid or repeated subprotocol (WHATWG WebSockets §3.1).
 */
export function toProtocols(value: unknown): string[] {
  if (isPlain(value)) return toProtocols(value.protocols ?? [])
  const isList = isObject(value) && ((value as Partial<Iterable<unknown>>)[Symbol.iterator] ?? null) !== null
  const list = isList ? Array.from(value as Iterable<unknown>, toText) : [toText(value)]
  const names = list.map((each) => each.toLowerCase())
  const isValid = (each: string, index: number): boolean => token.test(each) && names.indexOf(each) === index
  if (names.every(isValid)) return list
  throw domException('SyntaxError', explain('WebSocket', 'not-a-token', []))
}

/** RFC 6455 §4.1: a token of RFC 9110. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Converts to Web IDL's `(ArrayBuffer or ArrayBufferView or Blob or USVString)`; anything else becomes text. */
export function toData(value: unknown): SendData {
  if (typeof value === 'string') return value
  const isView = ArrayBuffer.isView(value)
  const buffer: unknown = isView ? value.buffer : value
  if (isArrayBuffer(buffer)) {
    if (buffer.resizable) throw new TypeError(explain('WebSocket', 'resizable', []))
    // A detached buffer has zero bytes.
    return isDetached(buffer) ? new Uint8Array() : (value as ArrayBuffer | ArrayBufferView)
  }
  if (isView) throw new TypeError(explain('WebSocket', 'shared', []))
  return isBlob(value) ? value : toText(value)
}

/**
 * Validates the arguments of `close(code, reason)` (WHATWG WebSockets §3.1).
 *
 * @throws DOMException `InvalidAccessError` for the code, `SyntaxError` for the reason.
 */
export function toCloseArguments(code: unknown, reason: unknown): [code?: number, reason?: string] {
  const number = code === undefined ? undefined : clamp(code)
  const text = reason === undefined ? '' : toUSVString(reason)
  if (number !== undefined && number !== 1000 && (number < 3000 || number > 4999)) {
    throw domException('InvalidAccessError', explain('WebSocket', 'close-code', [number]))
  }
  const bytes = byteLength(text)
  if (bytes > 123) throw domException('SyntaxError', explain('WebSocket', 'close-reason-length', [bytes, 123]))
  if (text !== '') return [number ?? 1000, text]
  return number === undefined ? [] : [number]
}

/**
 * Returns scheme, host and port of a dialed URL. Parsed as text, because React Native's `URL` supports only `http:`.
 */
export function originOf(url: string): string {
  return url.replace(/^([a-z]+:\/\/)(?:[^/?#]*@)?([^/?#]*)[^]*$/i, '$1$2')
}

/** Converts to Web IDL's `[Clamp] unsigned short`. */
function clamp(value: unknown): number {
  const number = Math.min(Math.max(value as number, 0), 65_535)
  if (Number.isNaN(number)) return 0
  const floor = Math.floor(number)
  // Rounds half to even.
  if (number - floor === 0.5) return floor + (floor % 2)
  return Math.round(number)
}

function isDetached(buffer: ArrayBuffer): boolean {
  try {
    // Only a detached buffer throws here. Older runtimes have no `detached` property.
    return buffer.byteLength === 0 && new Uint8Array(buffer).length > 0
  } catch {
    return true
  }
}

/** Works across realms; unlike the tag, the getter cannot be faked. */
function isArrayBuffer(value: unknown): value is ArrayBuffer & { readonly resizable?: boolean } {
  try {
    byteLengthOf.call(value)
    return true
  } catch {
    return false
  }
}

// oxlint-disable-next-line typescript/unbound-method -- called on what it is asked about
const byteLengthOf = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength')!.get!

function isPlain(value: unknown): value is { protocols?: unknown } {
  return isObject(value) && !(Symbol.iterator in value) && value.toString === Object.prototype.toString
}

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

/** Converts to Web IDL's `(AddEventListenerOptions or boolean)`. */
export function toAddOptions(value: unknown): Flags {
  const given = isObject(value)
    ? (value as Record<keyof AddOptions, unknown>)
    : ({ capture: value } as Record<keyof AddOptions, unknown>)
  const { capture, once, passive, signal } = given
  if (signal !== undefined && !(isObject(signal) && typeof (signal as Partial<AbortSignal>).aborted === 'boolean')) {
    throw new TypeError(explain('WebSocket', 'not-a-signal', []))
  }
  return {
    capture: Boolean(capture),
    once: Boolean(once),
    passive: Boolean(passive),
    signal: signal as AbortSignal | undefined,
  }
}

/** Gives a class the properties of a Web IDL interface: constants, enumerable members, and a string tag. */
export function makeInterface(of: { readonly prototype: object }): void {
  const { prototype } = of
  for (const [name, value] of Object.entries({ CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 })) {
    for (const where of [of, prototype]) Object.defineProperty(where, name, { value, enumerable: true })
  }
  // Class members are not enumerable.
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (name !== 'constructor') Object.defineProperty(prototype, name, { enumerable: true })
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { value: 'WebSocket', configurable: true })
}

/**
 * Makes a class inherit from the platform's `EventTarget`, if there is one, for `instanceof`. No inherited method is
 * called.
 */
export function inheritFrom(
  of: { readonly prototype: object },
  { EventTarget }: Partial<Pick<Dom, 'EventTarget'>>,
): void {
  if (EventTarget === undefined || Object.getPrototypeOf(of) === EventTarget) return
  Object.setPrototypeOf(of, EventTarget)
  Object.setPrototypeOf(of.prototype, EventTarget.prototype)
}

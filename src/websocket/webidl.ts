import { byteLength } from '../core/bytes.js'
import { isBlob } from '../core/checks.js'
import { explain } from '../core/errors.js'
import type { SendData } from '../index.js'
import { domException } from './dom.js'

export interface AddOptions {
  readonly capture?: boolean
  readonly once?: boolean
  readonly passive?: boolean
  readonly signal?: AbortSignal
}

type Flags = Required<Omit<AddOptions, 'signal'>> & { readonly signal: AbortSignal | undefined }

/** What the standard calls a `USVString`: a surrogate without its other half becomes U+FFFD. */
function toUSVString(value: unknown): string {
  // By code points, so that a pair is no match.
  return toText(value).replace(/[\uD800-\uDFFF]/gu, '\uFFFD')
}

/** As Web IDL turns anything into a string; throws what the value's own conversion throws. */
export function toText(value: unknown): string {
  // `String()` accepts these, and Web IDL does not.
  if (typeof value === 'symbol') throw new TypeError(explain('WebSocket', 'not-text', []))
  return String(value)
}

/**
 * Web IDL's `(DOMString or sequence<DOMString>)`: what can be iterated is a list, anything else is text. A plain object, which
 * as text could only be refused, is the bag of options that runtimes and tests of the platform have come to know.
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

/** Web IDL's `(ArrayBuffer or ArrayBufferView or Blob or USVString)`: what is neither of these becomes text. */
export function toData(value: unknown): SendData {
  if (typeof value === 'string') return value
  const isView = ArrayBuffer.isView(value)
  const buffer: unknown = isView ? value.buffer : value
  if (isArrayBuffer(buffer)) {
    if (buffer.resizable) throw new TypeError(explain('WebSocket', 'resizable', []))
    // What was transferred away is sent as what it is now: nothing.
    return isDetached(buffer) ? new Uint8Array() : (value as ArrayBuffer | ArrayBufferView)
  }
  if (isView) throw new TypeError(explain('WebSocket', 'shared', []))
  return isBlob(value) ? value : toText(value)
}

/** WHATWG WebSockets, `close(code, reason)`: what may go into a close frame, or an exception. */
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

/** Scheme, host and port of a URL that was dialed. By its text: React Native's `URL` knows them only of `http:`. */
export function originOf(url: string): string {
  return url.replace(/^([a-z]+:\/\/)(?:[^/?#]*@)?([^/?#]*)[^]*$/i, '$1$2')
}

/** Web IDL's `[Clamp] unsigned short`. */
function clamp(value: unknown): number {
  const number = Math.min(Math.max(value as number, 0), 65_535)
  if (Number.isNaN(number)) return 0
  const floor = Math.floor(number)
  // To the nearest, and half way to the even one.
  if (number - floor === 0.5) return floor + (floor % 2)
  return Math.round(number)
}

function isDetached(buffer: ArrayBuffer): boolean {
  try {
    // Only what is detached refuses; older runtimes have no other way to ask.
    return buffer.byteLength === 0 && new Uint8Array(buffer).length > 0
  } catch {
    return true
  }
}

/** Of any realm: the getter knows its own, and no tag deceives it. */
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

/** Web IDL's `(AddEventListenerOptions or boolean)`. */
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

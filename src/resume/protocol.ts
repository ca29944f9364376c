// The wire format `resume.v1`, shared by client and server. `docs/protocol.md` specifies it.

/** The subprotocol. With one of the app, such as `feed.v2`, both are offered as `resume.v1.feed.v2`. */
export const protocolName = 'resume.v1'

/** Close codes of the protocol. */
export const closeCodes = {
  /** A gap, an invalid frame, or an acknowledgment of something never sent. The client reconnects, which repairs it. */
  protocolError: 4400,
  /** `authenticate` refused the hello. The client asks `auth` for a fresh value once, then gives up. */
  unauthorized: 4401,
  /** The session belongs to another principal. The client gives up. */
  forbidden: 4403,
  /** No hello arrived in time. The client reconnects. */
  helloTimeout: 4408,
  /** A later link has taken over the session. The client gives up. */
  superseded: 4409,
} as const

/** The largest hello, in bytes. */
export const longestHello = 4_096

/** Why a session is over, as sent in a refusal. */
export const refusalReasons = [
  'expired',
  'unknown',
  'range',
  'rewound',
  'store',
  'overflow',
  'superseded',
  'forbidden',
  'drained',
  'ended',
] as const
export type RefusalReason = (typeof refusalReasons)[number]

/** `h`: the client's first frame on each link. */
export interface Hello {
  readonly v: 1
  /** 128 random bits in base64url: 22 characters. A secret. */
  readonly sid: string
  /** 1 for the first link of a session, one more for each further link. */
  readonly gen: number
  /** The last message that the client has received. */
  readonly rx: number
  /** The last message that the client has sent. If the node that had the session died, it has handled none after this one. */
  readonly tx?: number | undefined
  /** The epoch of the session, from the first welcome. Absent before it. */
  readonly ep?: string | undefined
  readonly auth?: unknown
  /** Extensions that the client supports. */
  readonly x?: readonly string[] | undefined
  /** The client's position in each topic: epoch and offset. */
  readonly topics?: Readonly<Record<string, readonly [ep: string, offset: number]>> | undefined
}

/** `w`: the server accepts the hello. */
export interface Welcome {
  readonly ep: string
  /** Messages up to this number are acknowledged. */
  readonly rx: number
  /** Messages up to this number have arrived, so they need not be sent again; they must still be kept. At least `rx`. */
  readonly seen: number
  readonly resumed: boolean
  /** How long the session survives without a link. Milliseconds. */
  readonly ttl: number
  /** The last message that the server has for the client; those after the client's `rx` follow. Absent if it doesn't know. */
  readonly tail?: number | undefined
  /** The largest payload that the server accepts, in bytes. */
  readonly max?: number | undefined
}

/** `r`: the session is over. The client may say hello again on the same link, for a new session. */
export interface Refusal {
  readonly reason: RefusalReason
  /** Messages up to this number were handled. Absent if the server doesn't know. */
  readonly rx?: number | undefined
  /** Nothing after `rx` was handled. */
  readonly exact?: boolean | undefined
  /** With `exact` false: nothing after this number was handled, and those from `rx` to it may have been. At least `rx`. */
  readonly tried?: number | undefined
}

/** `j`: messages of a topic follow, under an id that holds on this link. */
export interface Joined {
  readonly id: number
  readonly topic: string
  readonly ep: string
  /** The next message has the offset after this one. */
  readonly off: number
  /** The messages between the client's position and `off` are gone. */
  readonly lost?: boolean | undefined
}

/** A received frame. One object is reused, so that receiving allocates nothing: read it before the next call of `readFrame`. */
export interface Frame {
  kind:
    'data' | 'topic' | 'ack' | 'ping' | 'pong' | 'bye' | 'hello' | 'welcome' | 'refusal' | 'joined' | 'left' | 'invalid'
  /** The number of a message, the acknowledged number, or the offset in a topic. For `left`, the id of the topic. */
  number: number
  /** The id of the topic, for `topic`. */
  topic: number
  /** The payload of a message, or the JSON of a frame that has some. */
  payload: string | Uint8Array
}

const frame: Frame = { kind: 'invalid', number: 0, topic: 0, payload: '' }
const dataCode = 0x64
const topicCode = 0x74
const colon = 58
const comma = 44

/** A message with its number. Immutable: what is kept is sent, the first time and again. */
export function encodeData(number: number, payload: string | Uint8Array): string | Uint8Array {
  if (typeof payload === 'string') return `d${number.toString(36)}:${payload}`
  return encodeBinary(dataCode, [number], payload)
}

/** A message of a topic. The same bytes go to each socket of a node. */
export function encodeTopic(id: number, offset: number, payload: string | Uint8Array): string | Uint8Array {
  if (typeof payload === 'string') return `t${id.toString(36)},${offset.toString(36)}:${payload}`
  return encodeBinary(topicCode, [id, offset], payload)
}

/** `a`, `p`, `q` and `b`, which acknowledge; `l`, which has the id of a topic. */
export function encodeNumber(type: 'a' | 'p' | 'q' | 'b' | 'l', number: number): string {
  return type + number.toString(36)
}

export function encodeJson(type: 'h' | 'w' | 'r' | 'j', body: Hello | Welcome | Refusal | Joined): string {
  return type + JSON.stringify(body)
}

const kinds: Readonly<Record<string, Frame['kind'] | undefined>> = {
  a: 'ack',
  p: 'ping',
  q: 'pong',
  b: 'bye',
  l: 'left',
  h: 'hello',
  w: 'welcome',
  r: 'refusal',
  j: 'joined',
}

/** Never throws. Anything that `encode…` can't have produced is `invalid`. */
export function readFrame(data: string | ArrayBuffer | Uint8Array): Frame {
  frame.kind = 'invalid'
  frame.payload = ''
  if (typeof data === 'string') readText(data)
  else readBinary(data instanceof Uint8Array ? data : new Uint8Array(data))
  return frame
}

function readText(text: string): void {
  const first = text.charCodeAt(0)
  if (first === dataCode) {
    const end = readBase36(text, 1, colon)
    if (end < 0 || value === 0) return
    frame.kind = 'data'
    frame.number = value
    frame.payload = text.slice(end + 1)
  } else if (first === topicCode) {
    const middle = readBase36(text, 1, comma)
    if (middle < 0 || value === 0) return
    frame.topic = value
    const end = readBase36(text, middle + 1, colon)
    if (end < 0 || value === 0) return
    frame.kind = 'topic'
    frame.number = value
    frame.payload = text.slice(end + 1)
  } else {
    const type = text.charAt(0)
    // One character, so no name of `Object.prototype`.
    const kind = kinds[type]
    if (kind === undefined) return
    if ('hwrj'.includes(type)) {
      frame.kind = kind
      frame.payload = text.slice(1)
    } else if (readBase36(text, 1, -1) === text.length && (type !== 'l' || value > 0)) {
      frame.kind = kind
      frame.number = value
    }
  }
}

/** The result of `readBase36` and `readVarint`. */
let value = 0

/**
 * Reads a canonical number up to the character `end`, or to the end of the text if `end` is -1. Returns the position of the end, or -1
 * for anything else: uppercase, leading zeros, and numbers above 2⁵³ − 1.
 */
function readBase36(text: string, start: number, end: number): number {
  value = 0
  // 2⁵³ − 1 has 11 digits.
  for (let at = start; at <= start + 11; at++) {
    const code = at < text.length ? text.charCodeAt(at) : -1
    if (code === end) return at === start ? -1 : at
    const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 122 ? code - 87 : -1
    if (digit < 0 || (at === start + 1 && value === 0)) return -1
    value = value * 36 + digit
    if (!Number.isSafeInteger(value)) return -1
  }
  return -1
}

function readBinary(bytes: Uint8Array): void {
  const [type] = bytes
  if (type !== dataCode && type !== topicCode) return
  let at = 1
  if (type === topicCode) {
    at = readVarint(bytes, at)
    if (at < 0 || value === 0) return
    frame.topic = value
  }
  at = readVarint(bytes, at)
  if (at < 0 || value === 0) return
  frame.kind = type === dataCode ? 'data' : 'topic'
  frame.number = value
  frame.payload = bytes.subarray(at)
}

/** LEB128, little-endian. Returns the position after it, or -1 if it is cut, not the shortest form, or above 2⁵³ − 1. */
function readVarint(bytes: Uint8Array, start: number): number {
  value = 0
  for (let at = start, factor = 1; at < start + 8; at++, factor *= 128) {
    const byte = bytes[at]
    if (byte === undefined) return -1
    value += (byte & 127) * factor
    if (!Number.isSafeInteger(value)) return -1
    if (byte < 128) return byte === 0 && at > start ? -1 : at + 1
  }
  return -1
}

function encodeBinary(type: number, numbers: readonly number[], payload: Uint8Array): Uint8Array {
  const header = [type]
  for (let number of numbers) {
    for (; number > 127; number = Math.floor(number / 128)) header.push((number % 128) | 128)
    header.push(number)
  }
  const bytes = new Uint8Array(header.length + payload.length)
  bytes.set(header)
  bytes.set(payload, header.length)
  return bytes
}

const isCount = (given: unknown, least = 0): given is number =>
  Number.isSafeInteger(given) && (given as number) >= least
const isShort = (given: unknown): given is string =>
  typeof given === 'string' && given.length > 0 && given.length <= 256
const absent = (given: unknown): given is undefined => given === undefined

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const given: unknown = JSON.parse(text)
    return typeof given === 'object' && given !== null && !Array.isArray(given)
      ? (given as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** The hello in the JSON of a frame; `undefined` if it is invalid. Unknown members are ignored. */
export function parseHello(text: string): Hello | undefined {
  const { v, sid, gen, rx, tx, ep, auth, x, topics } = parse(text) ?? {}
  if (v !== 1 || typeof sid !== 'string' || !/^[\w-]{22}$/.test(sid)) return undefined
  if (!isCount(gen, 1) || !isCount(rx) || !(absent(tx) || isCount(tx))) return undefined
  if (!(absent(ep) || isShort(ep))) return undefined
  if (!(absent(x) || (Array.isArray(x) && x.every(isShort)))) return undefined
  if (!(absent(topics) || isPositions(topics))) return undefined
  return { v, sid, gen, rx, tx, ep, auth, x: x as readonly string[] | undefined, topics }
}

function isPositions(given: unknown): given is NonNullable<Hello['topics']> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false
  return Object.entries(given).every(
    ([topic, at]) => isShort(topic) && Array.isArray(at) && at.length === 2 && isShort(at[0]) && isCount(at[1]),
  )
}

/** The welcome in the JSON of a frame; `undefined` if it is invalid. */
export function parseWelcome(text: string): Welcome | undefined {
  const { ep, rx, seen, resumed, ttl, max, tail } = parse(text) ?? {}
  if (!isShort(ep) || !isCount(rx) || !isCount(seen, rx) || typeof resumed !== 'boolean' || !isCount(ttl))
    return undefined
  if (!(absent(max) || isCount(max, 1)) || !(absent(tail) || isCount(tail))) return undefined
  return { ep, rx, seen, resumed, ttl, max, tail }
}

/** The refusal in the JSON of a frame; `undefined` if it is invalid. A reason of a later version counts as `ended`. */
export function parseRefusal(text: string): Refusal | undefined {
  const { reason, rx, exact, tried } = parse(text) ?? {}
  if (!isShort(reason) || !(absent(rx) || isCount(rx)) || !(absent(exact) || typeof exact === 'boolean'))
    return undefined
  if (!(absent(tried) || (isCount(rx) && isCount(tried, rx)))) return undefined
  const known = (refusalReasons as readonly string[]).includes(reason) ? (reason as RefusalReason) : 'ended'
  return { reason: known, rx, exact, tried }
}

/** The announcement of a topic in the JSON of a frame; `undefined` if it is invalid. */
export function parseJoined(text: string): Joined | undefined {
  const { id, topic, ep, off, lost } = parse(text) ?? {}
  if (!isCount(id, 1) || !isShort(topic) || !isShort(ep) || !isCount(off)) return undefined
  return absent(lost) || typeof lost === 'boolean' ? { id, topic, ep, off, lost } : undefined
}

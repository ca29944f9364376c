import { bag, count, duration, isBoolean, isFunction, isUrl, oneOf, readable, refuse } from './checks.js'
import type { Codec, ConnectionEventMap, ConnectionOptions } from './connection.types.js'
import type { SendOptions } from './data/outbound.js'
import type { Prepare } from './control/attempt.js'
import { systemClock, type Clock } from './control/clock.js'
import { pageEnvironment, type Environment } from './control/environment.js'
import { defaultEngine } from './core/engine/default.js'
import type { MakeEngine } from './core/engine/engine.types.js'
import type { InspectionObserver } from './core/engine/inspection.types.js'
import type { QueueBounds } from './data/queue.js'
import { ConnectionError } from './errors.js'
import type { ListenOptions } from './events.js'
import { fullJitter, type Backoff } from './policies/backoff.js'
import { protocolPing, type Heartbeat } from './policies/heartbeat.js'
import { LiveHeartbeat } from './policies/live-heartbeat.js'
import type { Retry } from './policies/retry.js'
import { webSocketTransport } from './transports/browser.js'
import type { BinaryType, Transport } from './transports/transport.js'
import type { UrlSource } from './provider.types.js'
import { checkProtocols, resolveUrl } from './url.js'

/** What holds where nothing is said. Durations in milliseconds. */
export const defaults = {
  maxServerDelay: 300_000,
  closeTimeout: 2_000,
  stableAfter: 10_000,
  highWaterMark: 1_048_576,
  binaryType: 'arraybuffer',
  autoOpen: true,
  unref: false,
  queue: { messages: 1_000, bytes: 1_048_576, overflow: 'reject' },
  messages: { limit: 1_000, bytes: 1_048_576, overflow: 'pause' },
} as const

/** The same for all who say nothing: a connection that is one of ten thousand need not have its own. */
const defaultBackoff = /* @__PURE__ */ fullJitter()
const defaultHeartbeat = /* @__PURE__ */ protocolPing()
const defaultTransport = /* @__PURE__ */ webSocketTransport()

/** Options with every gap filled and every value checked. */
export interface Settings<In, Out> {
  readonly url: UrlSource
  readonly protocols: readonly string[]
  readonly transport: Transport
  readonly heartbeat: Heartbeat
  readonly backoff: Backoff
  readonly defaultBackoff: Backoff
  readonly maxServerDelay: number
  readonly retry: Retry | undefined
  readonly queue: QueueBounds
  readonly prepare: Prepare | undefined
  readonly codec: Codec<In, Out> | undefined
  readonly connectTimeout: number | undefined
  readonly closeTimeout: number
  readonly stableAfter: number
  readonly highWaterMark: number
  readonly binaryType: BinaryType
  readonly autoOpen: boolean
  readonly signal: AbortSignal | undefined
  readonly inspect: InspectionObserver | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly environment: Environment
  readonly unref: boolean
  readonly engine: MakeEngine
}

const names = [
  'protocols',
  'transport',
  'heartbeat',
  'backoff',
  'maxServerDelay',
  'retry',
  'queue',
  'prepare',
  'codec',
  'connectTimeout',
  'closeTimeout',
  'stableAfter',
  'highWaterMark',
  'binaryType',
  'autoOpen',
  'signal',
  'inspect',
  'clock',
  'random',
  'environment',
  'unref',
  'engine',
] as const satisfies readonly (keyof ConnectionOptions)[]

const unbounded = { max: Infinity }
const noProtocols: readonly string[] = []

type Check<T> = (option: string, value: unknown) => T

/** An object with these methods. */
function methods<T extends object>(...required: (keyof T & string)[]): Check<T> {
  return (option, value) => {
    if (typeof value !== 'object' || value === null) refuse(option, value, `be an object with ${required.join(', ')}`)
    for (const name of required) isFunction(`${option}.${name}`, (value as Record<string, unknown>)[name])
    return value as T
  }
}

function checkUrl(url: unknown, transport: Transport): UrlSource {
  if (typeof url === 'function') return url as UrlSource
  if (typeof url === 'string') return resolveUrl(url, transport)
  if (isUrl(url)) return resolveUrl(String(url), transport)
  throw new ConnectionError(
    'ERR_URL',
    `url (${url === null ? 'null' : typeof url}) must be a string, a URL, or a function that gives one`,
  )
}

function checkQueue(option: string, value: unknown): QueueBounds {
  const given = bag<Partial<QueueBounds>>(option, value, ['messages', 'bytes', 'overflow'])
  const { messages = defaults.queue.messages, bytes = defaults.queue.bytes, overflow = defaults.queue.overflow } = given
  return {
    messages: count('queue.messages', messages),
    bytes: count('queue.bytes', bytes),
    overflow: oneOf('queue.overflow', overflow, ['reject', 'drop-oldest', 'drop-newest']),
  }
}

/** By what it can do: a page's other realms, and libraries, have classes of their own. */
export function checkSignal(option: string, value: unknown): AbortSignal {
  const { aborted, addEventListener, removeEventListener } = readable(option, () => signalLike(value))
  const isSignal = typeof aborted === 'boolean' && [addEventListener, removeEventListener].every(isCallable)
  return isSignal ? (value as AbortSignal) : refuse(option, value, 'be an AbortSignal')
}

/** The signal of a call that can be given up. Throws `ERR_OPTION` for one that is none. */
export function signalOf(
  call: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): AbortSignal | undefined {
  const { signal } = bag<{ signal?: AbortSignal }>(call, options, ['signal'])
  return signal === undefined ? undefined : checkSignal(`${call}.signal`, signal)
}

function signalLike(value: unknown): Partial<Record<'aborted' | 'addEventListener' | 'removeEventListener', unknown>> {
  const { aborted, addEventListener, removeEventListener } = (value ?? {}) as Record<string, unknown>
  return { aborted, addEventListener, removeEventListener }
}

function isCallable(value: unknown): boolean {
  return typeof value === 'function'
}

function checkInspector(option: string, value: unknown): InspectionObserver {
  return typeof value === 'function' ? (value as InspectionObserver) : methods<{ next(): void }>('next')(option, value)
}

/** Ends a wait for somebody else: `Infinity` would be a wait without an end. */
const deadline: Check<number> = (option, value) => duration(option, value, { min: 1 })

/** The one place where options are looked at: whatever is wrong is said here, before any socket is made. */
export function resolveOptions<In, Out>(url: unknown, options: ConnectionOptions<In, Out> = {}): Settings<In, Out> {
  return readable('options', () => settingsOf(url, options))
}

function settingsOf<In, Out>(url: unknown, options: ConnectionOptions<In, Out>): Settings<In, Out> {
  const given = bag<ConnectionOptions<In, Out>>('options', options, names)
  // `undefined` is as good as left out; `null` is not.
  const take = <T, F>(name: keyof ConnectionOptions, fallback: F, check: Check<T>): T | F =>
    given[name] === undefined ? fallback : check(name, given[name])
  const transport = take('transport', defaultTransport, methods<Transport>('connect'))
  return {
    url: checkUrl(url, transport),
    protocols: take('protocols', noProtocols, (_, value) => checkProtocols(value)),
    transport,
    heartbeat: take('heartbeat', defaultHeartbeat, (_, value) => new LiveHeartbeat(value)),
    backoff: take('backoff', defaultBackoff, isFunction) as Backoff,
    defaultBackoff,
    maxServerDelay: take('maxServerDelay', defaults.maxServerDelay, (option, value) =>
      duration(option, value, unbounded),
    ),
    retry: take('retry', undefined, isFunction) as Retry | undefined,
    queue: take('queue', defaults.queue, checkQueue),
    prepare: take('prepare', undefined, isFunction) as Prepare | undefined,
    codec: take('codec', undefined, methods<Codec<In, Out>>('encode', 'decode')),
    connectTimeout: take('connectTimeout', undefined, deadline),
    closeTimeout: take('closeTimeout', defaults.closeTimeout, deadline),
    stableAfter: take('stableAfter', defaults.stableAfter, (option, value) => duration(option, value, unbounded)),
    highWaterMark: take('highWaterMark', defaults.highWaterMark, (option, value) => count(option, value, 1)),
    binaryType: take('binaryType', defaults.binaryType, checkBinaryType),
    autoOpen: take('autoOpen', defaults.autoOpen, isBoolean),
    signal: take('signal', undefined, checkSignal),
    inspect: take('inspect', undefined, checkInspector),
    clock: take('clock', systemClock, methods<Clock>('now', 'wall', 'setTimeout', 'clearTimeout')),
    random: take('random', Math.random, isFunction) as () => number,
    environment: take('environment', pageEnvironment, methods<Environment>('online', 'subscribe')),
    unref: take('unref', defaults.unref, isBoolean),
    engine: take('engine', defaultEngine, isFunction) as MakeEngine,
  }
}

export function checkBinaryType(option: string, value: unknown): BinaryType {
  return oneOf(option, value, ['arraybuffer', 'blob'])
}

/** Checked also when the message goes straight out: a mistake is not to show only when the network is bad. */
export function checkSendOptions(options: SendOptions, known: readonly (keyof SendOptions)[] = ['ttl', 'key']): void {
  const { ttl, key } = bag<SendOptions>('send', options, known)
  if (ttl !== undefined) duration('send.ttl', ttl, unbounded)
  if (key !== undefined && typeof key !== 'string') refuse('send.key', key, 'be a string')
}

/** A string is an iterable of its characters, which nobody means. */
export function checkBatch<T>(messages: Iterable<T>): Iterable<T> {
  const given: unknown = messages
  if (typeof given === 'object' && given !== null && Symbol.iterator in given) return messages
  throw new ConnectionError('ERR_DATA', `messages (${typeof given}) must be an iterable of messages, such as an array`)
}

const eventTypes = ['open', 'message', 'close', 'backoff', 'state', 'heartbeat', 'drain', 'dropped', 'error'] as const

/** A misspelt type would never be heard. */
export function checkListener(type: unknown, listener: unknown): void {
  oneOf('type', type, eventTypes satisfies readonly (keyof ConnectionEventMap<unknown, unknown>)[])
  isFunction('listener', listener)
}

/** Looked at here, once: what is wrong must not show only when the signal is first listened to. */
export function checkListenOptions(options: ListenOptions = {}): ListenOptions {
  const { once, signal } = bag<ListenOptions>('on', options, ['once', 'signal'])
  return {
    once: once === undefined ? undefined : isBoolean('on.once', once),
    signal: signal === undefined ? undefined : checkSignal('on.signal', signal),
  }
}

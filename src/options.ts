import { bag, count, duration, isBoolean, isFunction, isUrl, oneOf, readable, wrongOption } from './core/checks.js'
import type { Features } from './core/connected.js'
import type { ConnectionOptions } from './core/connection.types.js'
import type { MakeEngine } from './core/engine/engine.types.js'
import type { Codec } from './core/features/codec.js'
import type { Prepare } from './core/features/prepare.js'
import { messagesDefaults } from './core/features/reader-defaults.js'
import { systemClock } from './core/time/clock.js'
import type { Clock } from './core/time/timers.js'
import { pageEnvironment, type Environment } from './core/environment/environment.js'
import { defaultEngine } from './core/engine/default.js'
import type { InspectionObserver } from './core/engine/inspection.types.js'
import type { QueueBounds } from './core/features/send-queue.js'
import { makeError } from './core/errors.js'
import { jitter, type Backoff } from './core/policies/backoff.js'
import { plainPing, type Heartbeat } from './core/policies/profile.js'
import { checkSignal } from './core/signal-options.js'
import { LiveHeartbeat } from './core/policies/live-heartbeat.js'
import type { Retry } from './core/policies/retry.js'
import { webSocketTransport } from './transports/browser.js'
import type { BinaryType, Transport } from './core/transport.js'
import type { UrlSource } from './core/target/provider.types.js'
import { checkProtocols, resolveUrl } from './core/target/url.js'

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
  messages: messagesDefaults,
} as const

/** The same for all who say nothing: a connection that is one of ten thousand need not have its own. */
const defaultTransport = /* @__PURE__ */ webSocketTransport()

/** Options with every gap filled and every value checked. */
export interface Settings {
  readonly url: UrlSource
  readonly protocols: readonly string[]
  readonly transport: Transport
  readonly heartbeat: Heartbeat
  readonly backoff: Backoff
  readonly maxServerDelay: number
  readonly retry: Retry | undefined
  readonly queue: QueueBounds
  readonly prepare: Prepare | undefined
  readonly codec: Codec<unknown, unknown> | undefined
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
  readonly features: Features
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
  'features',
] as const satisfies readonly (keyof ConnectionOptions | 'features')[]

const unbounded = { max: Infinity }
const noProtocols: readonly string[] = []

type Check<T> = (option: string, value: unknown) => T

/** An object with these methods. */
function methods<T extends object>(...required: (keyof T & string)[]): Check<T> {
  return (option, value) => {
    if (typeof value !== 'object' || value === null)
      wrongOption(option, value, 'not-an-object-with', required.join(', '))
    for (const name of required) isFunction(`${option}.${name}`, (value as Record<string, unknown>)[name])
    return value as T
  }
}

function checkUrl(url: unknown, transport: Transport): UrlSource {
  if (typeof url === 'function') return url as UrlSource
  if (typeof url === 'string') return resolveUrl(url, transport)
  if (isUrl(url)) return resolveUrl(String(url), transport)
  throw makeError('ERR_URL', 'url-type', [url === null ? 'null' : typeof url])
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

function checkInspector(option: string, value: unknown): InspectionObserver {
  return typeof value === 'function' ? (value as InspectionObserver) : methods<{ next(): void }>('next')(option, value)
}

/** Ends a wait for somebody else: `Infinity` would be a wait without an end. */
const deadline: Check<number> = (option, value) => duration(option, value, { min: 1 })

/** The one place where options are looked at: whatever is wrong is said here, before any socket is made. */
export function resolveOptions(url: unknown, options: object = {}): Settings {
  return readable('options', () => settingsOf(url, options))
}

function settingsOf(url: unknown, options: object): Settings {
  const given = bag<ConnectionOptions & { features?: Features }>('options', options, names)
  // `undefined` is as good as left out; `null` is not.
  const take = <T, F>(name: (typeof names)[number], fallback: F, check: Check<T>): T | F =>
    given[name] === undefined ? fallback : check(name, given[name])
  const transport = take('transport', defaultTransport, methods<Transport>('connect'))
  return {
    url: checkUrl(url, transport),
    protocols: take('protocols', noProtocols, (_, value) => checkProtocols(value)),
    transport,
    heartbeat: take('heartbeat', plainPing, (_, value) => new LiveHeartbeat(value)),
    backoff: take('backoff', jitter, isFunction) as Backoff,
    maxServerDelay: take('maxServerDelay', defaults.maxServerDelay, (option, value) =>
      duration(option, value, unbounded),
    ),
    retry: take('retry', undefined, isFunction) as Retry | undefined,
    queue: take('queue', defaults.queue, checkQueue),
    prepare: take('prepare', undefined, isFunction) as Prepare | undefined,
    codec: take('codec', undefined, methods<Codec<unknown, unknown>>('encode', 'decode')),
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
    features: take('features', [], checkFeatures),
  }
}

export function checkBinaryType(option: string, value: unknown): BinaryType {
  return oneOf(option, value, ['arraybuffer', 'blob'])
}

function checkFeatures(option: string, value: unknown): Features {
  const isFeature = (each: unknown): boolean => typeof (each as { attach?: unknown } | null)?.attach === 'function'
  const features: unknown = Array.isArray(value) && value.every(isFeature) ? value : undefined
  return features === undefined ? wrongOption(option, value, 'not-features') : (features as Features)
}

import { bag, count, duration, isBoolean, isFunction, isUrl, oneOf, readable, wrongOption } from './core/checks.js'
import type { Features } from './core/connected.js'
import type { ConnectionOptions } from './core/connection.types.js'
import type { Codec } from './core/features/codec.js'
import { messagesDefaults } from './core/features/reader-defaults.js'
import { systemClock } from './core/time/clock.js'
import { pageEnvironment } from './core/environment/environment.js'
import { defaultEngine } from './core/engine/default.js'
import type { InspectionObserver } from './core/engine/inspection.types.js'
import type { QueueBounds } from './core/features/send-queue.js'
import { makeError } from './core/errors.js'
import { jitter } from './core/policies/backoff.js'
import { plainPing } from './core/policies/profile.js'
import { checkSignal } from './core/signal-options.js'
import { LiveHeartbeat } from './core/policies/live-heartbeat.js'
import { webSocketTransport } from './transports/browser.js'
import type { BinaryType, Transport } from './core/transport.js'
import type { UrlSource } from './core/target/provider.types.js'
import { checkProtocols, resolveUrl } from './core/target/url.js'

/** The defaults of `ConnectionOptions` that are plain values. Durations in milliseconds. */
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

/** Returns the value if it will do. Throws `ERR_OPTION` otherwise. */
type Check<T> = (option: string, value: unknown) => T

function methods(option: string, value: unknown, ...names: readonly string[]): object {
  if (typeof value !== 'object' || value === null) wrongOption(option, value, 'not-an-object-with', names.join(', '))
  for (const name of names) isFunction(`${option}.${name}`, (value as Record<string, unknown>)[name])
  return value
}

/** A deadline. `Infinity` is refused: it would never end the wait. */
const deadline: Check<number> = (option, value) => duration(option, value, { min: 1 })
const unbounded: Check<number> = (option, value) => duration(option, value, { max: Infinity })

export function checkBinaryType(option: string, value: unknown): BinaryType {
  return oneOf(option, value, ['arraybuffer', 'blob'])
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

const checkInspector: Check<InspectionObserver> = (option, value) =>
  typeof value === 'function' ? (value as InspectionObserver) : methods(option, value, 'next')

function checkFeatures(option: string, value: unknown): Features {
  const isFeature = (each: unknown): boolean => typeof (each as { attach?: unknown } | null)?.attach === 'function'
  const features: unknown = Array.isArray(value) && value.every(isFeature) ? value : undefined
  return features === undefined ? wrongOption(option, value, 'not-features') : (features as Features)
}

/** One transport for all connections that name none: 10,000 connections need not have 10,000. */
const defaultTransport = /* @__PURE__ */ webSocketTransport()

/**
 * Each option with its default and its check. `ConnectionOptions` documents them, and the compiler wants an entry for each; everything
 * else derives from this table: the settings, the known names, and what `ReconnectingWebSocket` passes on.
 */
const table = {
  protocols: [[] as readonly string[], (_, value) => checkProtocols(value)],
  transport: [defaultTransport, (option, value) => methods(option, value, 'connect')],
  heartbeat: [plainPing, (_, value) => new LiveHeartbeat(value)],
  backoff: [jitter, isFunction],
  maxServerDelay: [defaults.maxServerDelay, unbounded],
  retry: [undefined, isFunction],
  queue: [defaults.queue, checkQueue],
  prepare: [undefined, isFunction],
  codec: [undefined, (option, value) => methods(option, value, 'encode', 'decode')],
  connectTimeout: [undefined, deadline],
  closeTimeout: [defaults.closeTimeout, deadline],
  stableAfter: [defaults.stableAfter, unbounded],
  highWaterMark: [defaults.highWaterMark, (option, value) => count(option, value, 1)],
  binaryType: [defaults.binaryType, checkBinaryType],
  autoOpen: [defaults.autoOpen, isBoolean],
  signal: [undefined, checkSignal],
  inspect: [undefined, checkInspector],
  clock: [systemClock, (option, value) => methods(option, value, 'now', 'wall', 'setTimeout', 'clearTimeout')],
  // `Math.random`, read when a connection is created: a test may have replaced it by then.
  random: [undefined, isFunction],
  environment: [pageEnvironment, (option, value) => methods(option, value, 'online', 'subscribe')],
  unref: [defaults.unref, isBoolean],
  engine: [defaultEngine, isFunction],
  features: [[] as Features, checkFeatures],
} as const satisfies Record<keyof ConnectionOptions | 'features', readonly [unknown, Check<unknown>]>

type Table = typeof table
type Name = keyof Table

/** What the checks return, where it isn't the option as it was given. */
interface Checked {
  readonly protocols: readonly string[]
  readonly queue: QueueBounds
  readonly codec: Codec<unknown, unknown>
  readonly features: Features
}

/** Options with every gap filled and every value checked. */
export type Settings = {
  readonly [N in Name]:
    | Table[N][0]
    | (N extends keyof Checked
        ? Checked[N]
        : N extends keyof ConnectionOptions
          ? NonNullable<ConnectionOptions[N]>
          : never)
} & { readonly url: UrlSource; readonly random: () => number }

const names = /* @__PURE__ */ Object.keys(table) as Name[]

/** Validates all options, in this one place, before any socket is created. Throws `ERR_OPTION` or `ERR_URL`. */
export function resolveOptions(url: unknown, options: object = {}): Settings {
  return readable('options', () => settingsOf(url, options))
}

function settingsOf(url: unknown, options: object): Settings {
  const given = bag<{ readonly [N in Name]?: unknown }>('options', options, names)
  const settings: Record<string, unknown> = {}
  for (const name of names) {
    const [fallback, check] = table[name]
    // `undefined` means left out; `null` doesn't.
    settings[name] = given[name] === undefined ? fallback : check(name, given[name])
  }
  settings['random'] ??= Math.random
  settings['url'] = checkUrl(url, settings['transport'] as Transport)
  return settings as unknown as Settings
}

function checkUrl(url: unknown, transport: Transport): UrlSource {
  if (typeof url === 'function') return url as UrlSource
  if (typeof url === 'string') return resolveUrl(url, transport)
  if (isUrl(url)) return resolveUrl(String(url), transport)
  throw makeError('ERR_URL', 'url-type', [url === null ? 'null' : typeof url])
}

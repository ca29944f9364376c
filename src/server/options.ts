import { bag, count, duration, isFunction, oneOf, refuse } from '../core/checks.js'
import { systemClock } from '../core/time/clock.js'
import type { Clock } from '../core/time/timers.js'
import type { SessionServerOptions } from './server.types.js'

/** The defaults of `sessionServer`. Durations are in milliseconds. */
export const serverDefaults = {
  ttl: 120_000,
  tombstone: 86_400_000,
  outbox: { messages: 10_000, bytes: 8_388_608, overflow: 'reject' },
  inbox: { messages: 1_000, bytes: 1_048_576 },
  ack: { every: 250, delay: 50 },
  highWaterMark: 1_048_576,
  helloTimeout: 5_000,
  idle: 45_000,
  handover: 8_000,
  onError: 'end',
  topics: { messages: 1_000 },
  limits: { sessions: 1_000, hellosPerMinute: 600, replayedBytesPerMinute: 268_435_456, unauthenticated: 10_000 },
} as const

type Defaults = typeof serverDefaults
type Widened<T> = T extends number ? number : T
type Filled<T> = { readonly [K in keyof T]: Widened<T[K]> }

/** The options with their defaults. */
export interface ServerSettings extends Pick<
  SessionServerOptions<never, never>,
  'server' | 'store' | 'processed' | 'codec' | 'metrics' | 'node'
> {
  readonly authenticate: SessionServerOptions['authenticate']
  readonly ttl: number
  readonly tombstone: number
  readonly outbox: Filled<Omit<Defaults['outbox'], 'overflow'>> & { readonly overflow: 'reject' | 'wait' | 'end' }
  readonly inbox: Filled<Defaults['inbox']>
  readonly ack: Filled<Defaults['ack']>
  readonly highWaterMark: number
  readonly helloTimeout: number
  readonly idle: number
  readonly handover: number
  readonly onError: 'end' | 'skip'
  readonly topics: Filled<Defaults['topics']>
  readonly limits: Filled<Defaults['limits']>
  readonly clock: Clock
}

const names = [
  'server',
  'store',
  'authenticate',
  'processed',
  'codec',
  'ttl',
  'tombstone',
  'outbox',
  'inbox',
  'ack',
  'highWaterMark',
  'helloTimeout',
  'idle',
  'handover',
  'onError',
  'topics',
  'limits',
  'metrics',
  'node',
  'clock',
] as const

/** Validates the options and fills in the defaults. Throws `ERR_OPTION`. */
export function serverSettings(options: unknown): ServerSettings {
  const given = bag<SessionServerOptions<never, never>>('options', options, names)
  const { server, store, authenticate, processed, codec, metrics, node, clock = systemClock } = given
  isFunction('authenticate', authenticate)
  if (processed !== undefined) isFunction('processed', processed)
  if (metrics !== undefined) isFunction('metrics', metrics)
  if (server !== undefined) hasMethods('server', server, ['on', 'handleUpgrade'], 'be a WebSocketServer of ws')
  if (store !== undefined) hasMethods('store', store, ['open'], 'be a session store, such as memoryStore()')
  if (codec !== undefined) hasMethods('codec', codec, ['encode', 'decode'], 'have the methods encode and decode')
  hasMethods('clock', clock, ['now', 'wall', 'setTimeout', 'clearTimeout'], 'be a clock')
  if (node !== undefined && !isName(node)) {
    refuse('node', node, 'be 1 to 64 letters, digits, dots, dashes or underscores')
  }
  const outbox = merged('outbox', given.outbox, serverDefaults.outbox)
  const inbox = merged('inbox', given.inbox, serverDefaults.inbox)
  const ack = merged('ack', given.ack, serverDefaults.ack)
  const topics = merged('topics', given.topics, serverDefaults.topics)
  const limits = merged('limits', given.limits, serverDefaults.limits)
  for (const [option, values] of Object.entries({ outbox, inbox, topics, limits })) {
    for (const [name, value] of Object.entries(values)) if (name !== 'overflow') count(`${option}.${name}`, value, 1)
  }
  oneOf('outbox.overflow', outbox.overflow, ['reject', 'wait', 'end'])
  count('ack.every', ack.every, 1)
  duration('ack.delay', ack.delay)
  count('highWaterMark', given.highWaterMark ?? serverDefaults.highWaterMark, 1)
  const time = (name: 'ttl' | 'tombstone' | 'helloTimeout' | 'idle' | 'handover'): number =>
    duration(name, given[name] ?? serverDefaults[name], { min: 1, max: 2 ** 31 - 1 })
  return {
    server,
    store,
    authenticate,
    processed,
    codec,
    metrics,
    node,
    clock,
    outbox,
    inbox,
    ack,
    topics,
    limits,
    ttl: time('ttl'),
    tombstone: time('tombstone'),
    helloTimeout: time('helloTimeout'),
    idle: time('idle'),
    handover: time('handover'),
    highWaterMark: given.highWaterMark ?? serverDefaults.highWaterMark,
    onError: oneOf('onError', given.onError ?? serverDefaults.onError, ['end', 'skip']),
  }
}

function merged<T extends object>(option: string, value: unknown, defaults: T): T {
  if (value === undefined) return defaults
  return { ...defaults, ...bag<T>(option, value, Object.keys(defaults) as (keyof T & string)[]) }
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value)
}

function hasMethods(option: string, value: unknown, methods: readonly string[], remedy: string): void {
  const isIt =
    typeof value === 'object' &&
    value !== null &&
    methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function')
  if (!isIt) refuse(option, value, remedy)
}

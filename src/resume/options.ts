import { bag, count, duration, isBoolean, isFunction, oneOf, wrongOption } from '../core/checks.js'
import { heartbeatDefaults } from '../core/policies/profile.js'
import type { PersistOptions, ResumeOptions } from './resume.types.js'

/** Options with every gap filled. */
export interface ResumeSettings {
  readonly auth: ResumeOptions['auth']
  readonly required: boolean
  readonly window: { readonly messages: number; readonly bytes: number }
  readonly ack: { readonly every: number; readonly delay: number }
  readonly manual: boolean
  readonly persist: PersistOptions | undefined
  readonly heartbeat: { readonly interval: number; readonly timeout: number }
}

/** Throws `ERR_OPTION`. */
export function resolveResume(options: unknown): ResumeSettings {
  const keys = ['auth', 'required', 'window', 'ack', 'acknowledge', 'persist', 'heartbeat'] as const
  const given = bag<ResumeOptions>('resumable', options, keys)
  const { auth, required = true, acknowledge = 'listeners', persist } = given
  const inside = <T extends object>(name: string, value: T | undefined, names: readonly (keyof T & string)[]): T =>
    bag<T>(`resumable.${name}`, value ?? {}, names)
  const { messages = 1_000, bytes = 1_048_576 } = inside('window', given.window, ['messages', 'bytes'])
  const quarter = Math.max(1, Math.floor(messages / 4))
  const { every = quarter, delay = 200 } = inside('ack', given.ack, ['every', 'delay'])
  const { interval = heartbeatDefaults.interval, timeout = heartbeatDefaults.timeout } = inside(
    'heartbeat',
    given.heartbeat,
    ['interval', 'timeout'],
  )
  if (auth !== undefined) isFunction('resumable.auth', auth)
  return {
    auth,
    required: isBoolean('resumable.required', required),
    window: {
      messages: count('resumable.window.messages', messages, 1),
      bytes: count('resumable.window.bytes', bytes, 1),
    },
    ack: { every: count('resumable.ack.every', every, 1), delay: duration('resumable.ack.delay', delay) },
    manual: oneOf('resumable.acknowledge', acknowledge, ['listeners', 'manual']) === 'manual',
    persist: persist === undefined ? undefined : checkPersist(persist),
    heartbeat: {
      interval: duration('resumable.heartbeat.interval', interval, { min: 1 }),
      timeout: duration('resumable.heartbeat.timeout', timeout, { min: 1 }),
    },
  }
}

function checkPersist(value: unknown): PersistOptions {
  const { storage, key, outbox = false } = bag<PersistOptions>('resumable.persist', value, ['storage', 'key', 'outbox'])
  const methods = ['getItem', 'setItem', 'removeItem'] as const
  const isStorage = methods.every(
    (each) => typeof (storage as Partial<Storage> | null | undefined)?.[each] === 'function',
  )
  if (!isStorage) wrongOption('resumable.persist.storage', storage, 'not-an-object-with', methods.join(', '))
  if (typeof key !== 'string') wrongOption('resumable.persist.key', key, 'not-a-string')
  return { storage, key, outbox: isBoolean('resumable.persist.outbox', outbox) }
}

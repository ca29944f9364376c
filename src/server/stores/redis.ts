import { bag, count, duration, oneOf, refuse, wrongOption } from '../../core/checks.js'
import { RedisNode } from './redis-node.js'
import type { RedisClient } from './redis-client.js'
import { makeScripts } from './redis-scripts.js'
import type { SessionStore } from './store.js'

export type { RedisClient, RedisScripting, RedisScriptOptions, RedisSubscriber } from './redis-client.js'

export interface RedisStoreOptions {
  /** What all keys and channels begin with. @default 'sw' */
  prefix?: string | undefined
  /**
   * How long a node may be silent before other nodes take its sessions. It renews its lease every third of it, and stops handling messages
   * before it ends. Milliseconds.
   *
   * @default 4000
   */
  lease?: number | undefined
  /**
   * When sessions of an earlier time are refused, with `lost: store`.
   *
   * `replid`: after Redis failed over or restarted, because it may have lost messages then. Also after the first replica of a Redis was
   * added, and after a cluster moved the slot of the session, although nothing is lost then.
   *
   * `session`: never. Use it only with `wait`, or with a Redis that loses nothing: a message that a failover loses goes missing unreported
   * while its client stays connected.
   *
   * @default 'replid'
   */
  epoch?: 'replid' | 'session' | undefined
  /**
   * How many replicas must have a change before it counts; 0 for none. If they don't have it within `lease`, the call rejects, although
   * the change was made. Not for clients of `createSentinel`.
   *
   * @default 0
   */
  wait?: number | undefined
}

/**
 * Keeps sessions in Redis 6.2 or later, so they move between nodes. The client is yours: connect it, handle its `error` events, and close it
 * after the session server. The store adds a connection of its own for notifications.
 *
 * All nodes must use the same options. Redis must not evict keys (`maxmemory-policy noeviction`). Topics are never deleted; each keeps as many
 * messages as the session server's options say.
 *
 * ```ts
 * const client = await createClient({ url }).on('error', report).connect()
 * const sessions = sessionServer({ server, store: redisStore(client), authenticate })
 * ```
 *
 * @throws ConnectionError `ERR_OPTION`.
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): SessionStore {
  for (const name of ['evalSha', 'eval', 'withTypeMapping', 'duplicate'] as const) {
    if (typeof (client as Partial<RedisClient> | null)?.[name] !== 'function')
      refuse('redisStore.client', client, 'be a client of the package redis')
  }
  const given = bag<RedisStoreOptions>('redisStore', options, ['prefix', 'lease', 'epoch', 'wait'])
  const { prefix = 'sw', lease = 4_000, epoch = 'replid', wait = 0 } = given
  if (typeof prefix !== 'string' || /[{}\s]/.test(prefix))
    refuse('redisStore.prefix', prefix, 'be a string without braces and spaces')
  duration('redisStore.lease', lease, { min: 100, max: 3_600_000 })
  oneOf('redisStore.epoch', epoch, ['replid', 'session'])
  if (count('redisStore.wait', wait) > 1_000) wrongOption('redisStore.wait', wait, 'not-a-duration', 0, 1_000)
  if (wait > 0 && 'acquire' in client) refuse('redisStore.wait', wait, 'be 0 for a client of createSentinel')
  const settings = { client, prefix, lease, epoch, wait, scripts: makeScripts() }
  return {
    async open(node, events) {
      if (/[/\s]/.test(node.name)) throw new Error('the name of a node must be unique, without a slash')
      const opened = new RedisNode(settings, node, events)
      await opened.enter()
      return opened
    },
  }
}

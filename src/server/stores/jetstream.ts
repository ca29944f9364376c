import { bag, duration, oneOf, refuse } from '../../core/checks.js'
import { ConnectionError } from '../../core/errors.js'
import { JetStreamNode } from './jetstream-node.js'
import { makeStreams } from './jetstream-streams.js'
import type { JetStream, NatsConnection } from './jetstream-api.js'
import type { SessionStore } from './store.js'

export type { NatsConnection } from './jetstream-api.js'

export interface JetStreamStoreOptions {
  /** What all subjects and streams begin with: letters, digits, `-` and `_`. @default 'sw' */
  prefix?: string | undefined
  /**
   * How long a node may be silent before other nodes take its sessions. It renews its lease every third of it, and stops handling messages
   * before it ends. Milliseconds.
   *
   * @default 4000
   */
  lease?: number | undefined
  /** How many servers of the cluster have each message. With 3, nothing is lost while two of them live. @default 1 */
  replicas?: 1 | 3 | 5 | undefined
  /** Where servers keep messages. @default 'file' */
  storage?: 'file' | 'memory' | undefined
}

/**
 * Keeps sessions in NATS JetStream, server 2.9 or later, so they move between nodes. The connection is yours: make it with
 * `@nats-io/transport-node`, and close it after the session server. `@nats-io/jetstream` must be installed.
 *
 * All nodes must use the same options. The deadlines of sessions are on the clocks of the nodes, which may differ by a tenth of the `ttl`. The
 * store creates five streams, and updates them when the limits of the session server change. A message that a client has not acknowledged for
 * a week is dropped, and the session is then lost with `range`. Topics are never deleted.
 *
 * ```ts
 * const connection = await connect({ servers, maxReconnectAttempts: -1 })
 * const sessions = sessionServer({ server, store: jetstreamStore(connection, { replicas: 3 }), authenticate })
 * ```
 *
 * @throws ConnectionError `ERR_OPTION`. Opening the store rejects with `ERR_MISSING_PEER` if `@nats-io/jetstream` is not installed.
 */
export function jetstreamStore(connection: NatsConnection, options: JetStreamStoreOptions = {}): SessionStore {
  for (const name of ['publish', 'subscribe', 'request', 'flush', 'status'] as const) {
    if (typeof (connection as Partial<NatsConnection> | null)?.[name] !== 'function')
      refuse('jetstreamStore.connection', connection, 'be a connection of @nats-io/transport-node')
  }
  const given = bag<JetStreamStoreOptions>('jetstreamStore', options, ['prefix', 'lease', 'replicas', 'storage'])
  const { prefix = 'sw', lease = 4_000, replicas = 1, storage = 'file' } = given
  if (typeof prefix !== 'string' || !/^[\w-]{1,32}$/.test(prefix))
    refuse('jetstreamStore.prefix', prefix, 'be up to 32 letters, digits, hyphens and underscores')
  duration('jetstreamStore.lease', lease, { min: 100, max: 3_600_000 })
  if (![1, 3, 5].includes(replicas)) refuse('jetstreamStore.replicas', replicas, 'be 1, 3 or 5')
  oneOf('jetstreamStore.storage', storage, ['file', 'memory'])
  const settings = { prefix, lease, replicas, storage }
  return {
    async open(node, events) {
      if (/[/\s]/.test(node.name)) throw new Error('the name of a node must be unique, without a slash')
      const api = await apiOf(connection)
      await makeStreams(api, settings, node)
      const opened = new JetStreamNode(api, settings, node, events)
      await opened.enter()
      return opened
    },
  }
}

async function apiOf(nc: NatsConnection): Promise<JetStream> {
  let module: typeof import('@nats-io/jetstream')
  try {
    module = await import('@nats-io/jetstream')
  } catch (cause) {
    throw new ConnectionError('ERR_MISSING_PEER', 'the package @nats-io/jetstream is missing: install it', { cause })
  }
  // The check would fail while a cluster elects a leader. Creating the streams finds out the same.
  const jsm = await module.jetstreamManager(nc, { checkAPI: false })
  return { nc, js: module.jetstream(nc), jsm }
}

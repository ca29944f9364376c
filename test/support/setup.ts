import { createConnection } from '../../src/create-connection.js'
import type { Connection, ConnectionEventMap, ConnectionOptions } from '../../src/core/connection.types.js'
import type { UrlProvider } from '../../src/core/target/provider.types.js'
import type { Environment } from '../../src/core/environment/environment.js'
import type { EnvironmentSignal } from '../../machines/index.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport, type FakeSocket, type FakeTransportOptions } from '../../src/tools/testing/transport.js'
import type { SendData, MessageData } from '../../src/core/transport.js'

/** An environment that the test controls. */
export class FakeEnvironment implements Environment {
  isOnline = true
  readonly listeners = new Set<(signal: EnvironmentSignal) => void>()

  online(): boolean {
    return this.isOnline
  }

  subscribe(notify: (signal: EnvironmentSignal) => void): () => void {
    this.listeners.add(notify)
    return () => this.listeners.delete(notify)
  }

  emit(signal: EnvironmentSignal): void {
    if (signal === 'online') this.isOnline = true
    if (signal === 'offline') this.isOnline = false
    for (const listener of this.listeners) listener(signal)
  }
}

type Reported<In, Out> = {
  [K in keyof ConnectionEventMap<In, Out>]: readonly [type: K, event: ConnectionEventMap<In, Out>[K]]
}[keyof ConnectionEventMap<In, Out>]

export interface Setup<In, Out> {
  connection: Connection<In, Out>
  clock: TestClock
  transport: FakeTransport
  environment: FakeEnvironment
  /** All events, in order. */
  events: Reported<In, Out>[]
  of<K extends keyof ConnectionEventMap<In, Out>>(type: K): ConnectionEventMap<In, Out>[K][]
  /** Lets it dial and the server accept. */
  accept(): Promise<FakeSocket>
}

export const types = ['open', 'message', 'close', 'backoff', 'state', 'heartbeat', 'drain', 'dropped', 'error'] as const

/** A connection in an environment where nothing happens by itself. */
export function setup<In = MessageData, Out = SendData>(
  options: ConnectionOptions<In, Out> & { fake?: FakeTransportOptions; url?: string | UrlProvider } = {},
): Setup<In, Out> {
  const { fake, url = 'ws://server.test/', ...rest } = options
  const clock = new TestClock()
  const transport = new FakeTransport(fake)
  const environment = new FakeEnvironment()
  const connection = createConnection<In, Out>(url, { clock, transport, environment, random: () => 0.5, ...rest })
  const events: Reported<In, Out>[] = []
  for (const type of types) connection.on(type, (event) => void events.push([type, event] as never))
  return {
    connection,
    clock,
    transport,
    environment,
    events,
    of: (type) => events.filter(([each]) => each === type).map(([, event]) => event) as never,
    async accept() {
      await settle()
      transport.last.accept()
      await settle()
      return transport.last
    },
  }
}

import { onTestFinished } from 'vitest'
import {
  memoryStore,
  sessionServer,
  type ConnectionError,
  type Metric,
  type Session,
  type SessionServer,
  type SessionServerOptions,
  type SessionStore,
} from '../../src/server/index.js'
import type { Hello } from '../../src/resume/protocol.js'
import { TestClock } from '../../src/tools/testing/browser.js'
import { FakeSocket, request } from './fake-socket.js'

type Options = Partial<SessionServerOptions<string | Uint8Array, string | Uint8Array>>

/** One session server with scripted clients. */
export class TestNode {
  readonly server: SessionServer<string | Uint8Array, string | Uint8Array>
  readonly sessions: Session<string | Uint8Array, string | Uint8Array>[] = []
  readonly errors: ConnectionError[] = []
  readonly metrics: Metric[] = []
  readonly #sockets: FakeSocket[] = []
  #kill: (() => Promise<void>) | undefined

  constructor(options: Options & { clock: TestClock; store: SessionStore; node: string }) {
    const { metrics } = this
    const { store } = options
    this.server = sessionServer({
      authenticate: ({ auth }) => ({ principal: typeof auth === 'string' ? auth : 'ann' }),
      metrics: (event) => metrics.push(event),
      ...options,
      store: {
        open: async (...given) => {
          const open = await store.open(...given)
          this.#kill = () => open.close()
          return open
        },
      },
    })
    this.server.on('session', (session) => this.sessions.push(session))
    this.server.on('error', (error) => this.errors.push(error))
  }

  /** The last session object that was made here. */
  get session(): Session<string | Uint8Array, string | Uint8Array> {
    return this.sessions.at(-1)!
  }

  socket(protocol?: string): FakeSocket {
    const socket = new FakeSocket(protocol)
    this.#sockets.push(socket)
    this.server.accept(socket.asSocket, request)
    return socket
  }

  /** The process is gone: its sockets and its lease, whatever its handlers do. */
  async kill(): Promise<void> {
    await this.#kill?.()
    for (const socket of this.#sockets) socket.drop()
  }

  /** A socket that has said hello. */
  async hello(hello: Partial<Hello>): Promise<FakeSocket> {
    const socket = this.socket()
    socket.hello(hello)
    await settle()
    return socket
  }

  count(type: Metric['type']): number {
    return this.metrics.filter((event) => event.type === type).length
  }
}

/** Nodes that share one store and one clock. */
export function cluster(
  options: Options = {},
  store?: SessionStore,
): { clock: TestClock; node: (name: string, more?: Options) => TestNode } {
  const clock = new TestClock()
  const shared = store ?? memoryStore({ clock })
  const nodes: TestNode[] = []
  onTestFinished(async () => {
    const closed = Promise.all(nodes.map(({ server }) => server.close()))
    await settle()
    // Handlers that never finish.
    await clock.advance(10_000)
    await closed
  })
  return {
    clock,
    node: (name, more) => {
      const node = new TestNode({ ...options, ...more, clock, store: shared, node: name })
      nodes.push(node)
      return node
    },
  }
}

/** Session ids for tests. */
export const sid = (name: string): string => name.padEnd(22, '-')

/** Lets promises settle. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}

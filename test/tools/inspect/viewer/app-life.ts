import type { AnyFeature } from '../../../../src/core/feature.js'
import type { EnvironmentSignal } from '../../../../machines/index.js'
import {
  createConnection,
  protocolPing,
  type Connection,
  type ConnectionOptions,
  type Environment,
} from '../../../../src/index.js'
import { FakeTransport, TestClock } from '../../../../src/tools/testing/browser.js'

class World implements Environment {
  #isOnline = true
  readonly #listeners = new Set<(signal: EnvironmentSignal) => void>()

  online(): boolean {
    return this.#isOnline
  }

  subscribe(notify: (signal: EnvironmentSignal) => void): () => void {
    this.#listeners.add(notify)
    return () => this.#listeners.delete(notify)
  }

  tell(signal: EnvironmentSignal): void {
    this.#isOnline = signal === 'online' || (signal !== 'offline' && this.#isOnline)
    for (const listener of this.#listeners) listener(signal)
  }
}

export interface Life {
  readonly connection: Connection
  readonly transport: FakeTransport
  readonly world: World
}

export const clock = new TestClock({ epoch: Date.UTC(2026, 0, 15, 9, 30) })
export const settle = (): Promise<void> => clock.advance(0)

export function connect(options: ConnectionOptions & { readonly features?: readonly AnyFeature[] } = {}): Life {
  const transport = new FakeTransport()
  const environment = new World()
  const connection = createConnection('ws://server.test/', {
    clock,
    transport,
    environment,
    random: () => 0.5,
    heartbeat: protocolPing({ interval: 8_000, timeout: 3_000 }),
    ...options,
  })
  connection.on('error', () => {})
  return { connection, transport, world: environment }
}

export async function accept({ transport }: Life): Promise<void> {
  await settle()
  transport.last.accept()
  await settle()
}

/** The resolution of round trips. Milliseconds. */
const step = 50
const answered = new WeakMap<object, number>()

/** Advances the clock, and answers the pings of these connections after `rtt`. */
export async function pass(
  lives: readonly Life[],
  time: number,
  rtt: (at: number) => number = () => 20,
): Promise<void> {
  for (let passed = 0; passed < time; passed += step) {
    const asked = lives.filter(({ connection, transport }) => {
      if (connection.state !== 'open') return false
      const { last } = transport
      const pings = last.count('ping')
      const isNew = pings > (answered.get(last) ?? 0)
      answered.set(last, pings)
      return isNew
    })
    const delay = asked.length === 0 ? 0 : rtt(passed)
    await clock.advance(delay)
    for (const { transport } of asked) transport.last.pong()
    await clock.advance(Math.max(0, step - delay))
  }
}

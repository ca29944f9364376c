import type { Connection } from '../../src/index.js'
import type { FaultServer } from '../../src/tools/testing/index.js'
import type { TestEnvironment } from './environment.js'

export interface Message {
  /** Characters or bytes of padding. @default 0 */
  readonly size?: number
  readonly binary?: boolean
  readonly ttl?: number
  readonly key?: string
}

/** What a step may access. */
export interface Rig {
  readonly connection: Connection
  readonly server: FaultServer
  readonly environment: TestEnvironment
  /** Lives as long as the connection, and is never aborted. */
  readonly signal: AbortSignal
  /** Sends a numbered message and tracks it. */
  send(message?: Message): void
  /** The server sends this many numbered messages. */
  say(count: number): void
  /** Makes the connection dial or end, and records that the app wanted it. */
  command(name: 'open' | 'close' | 'reconnect'): void
  /** Runs when the next link opens, or when the run ends. */
  later(step: () => void): void
  /** Resolves at the next lost link or failed attempt. */
  loss(): Promise<void>
  ended(): Promise<void>
}

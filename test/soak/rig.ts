import type { Connection } from '../../src/index.js'
import type { FaultServer } from '../../src/tools/testing/index.js'
import type { World } from './world.js'

export interface Message {
  /** Characters or bytes of padding. @default 0 */
  readonly size?: number
  readonly binary?: boolean
  readonly ttl?: number
  readonly key?: string
}

/** What a step may touch. */
export interface Rig {
  readonly connection: Connection
  readonly server: FaultServer
  readonly world: World
  /** As old as the connection, and never aborted. */
  readonly signal: AbortSignal
  /** Sends a numbered message, of which an account is kept. */
  send(message?: Message): void
  /** The server sends so many numbered messages of its own. */
  say(count: number): void
  /** Tells the connection to dial or to end, and that the app wanted it. */
  command(name: 'open' | 'close' | 'reconnect'): void
  /** Runs when the next link is open, or when the run ends. */
  later(step: () => void): void
  /** Resolves at the next lost link or failed attempt. */
  loss(): Promise<void>
  ended(): Promise<void>
}

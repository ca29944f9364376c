import { createRequire } from 'node:module'

/** What a trial wants of a client. */
export interface Wishes {
  readonly url: string | (() => Promise<string>)
  /** Give up after so many retries, where the peer can be told. */
  readonly retries?: number
  /** To be sent before anything else, where the peer has a place for it. */
  readonly auth?: string
}

/** What a client tells a trial. */
export interface Told {
  opened(): void
  /** A link was lost, or an attempt failed. */
  lost(): void
  heard(message: string): void
  /** So many messages may not have arrived. */
  uncertain(messages: number): void
}

/** A client of a peer; what it cannot do is not there. */
export interface Client {
  /** Returns what the peer's own `send` returns, and throws what it throws. */
  send(message: string): unknown
  close(): void
  /** Dial now, whatever the state. */
  reconnect?(): void
  /** Give this link up for another; in a backoff it promises nothing. */
  terminate?(): void
  /** Start again after `close` or after giving up. */
  reopen?(): void
}

export interface Peer {
  /** The column. */
  readonly name: string
  /** Its package; `undefined` for what is here anyway. */
  readonly package?: string
  /** What differs from the defaults, for the notes. */
  readonly settings: string
  /** What it speaks above WebSocket. */
  readonly dialect: 'text' | 'graphql'
  readonly has: {
    readonly reconnect: boolean
    /** One that acts when no answer comes. */
    readonly heartbeat: boolean
    readonly asyncUrl: boolean
    readonly retries: boolean
    /** What the place is called where authentication belongs. */
    readonly auth?: string
  }
  dial(wishes: Wishes, told: Told): Client
}

/** What every heartbeat is set to, in milliseconds; and every connect timeout. */
export const interval = 2_000
export const timeout = 1_000
export const connectTimeout = 4_000

const require = createRequire(import.meta.url)

/** Loads a package. By name only, so that the checks of the root need no type of it. */
export function load(name: string): unknown {
  return require(name)
}

/** For the peers that take the class from the global scope. */
export function provideWebSocket(): void {
  Object.assign(globalThis, { WebSocket: wsClass() })
}

export function fixedUrl({ url }: Wishes): string {
  if (typeof url === 'string') return url
  throw new TypeError('this peer takes no URL provider that is asynchronous')
}

/** What all of them make their sockets with. */
export function wsClass(): unknown {
  return (load('ws') as { WebSocket: unknown }).WebSocket
}

import { createRequire } from 'node:module'

/** What a trial asks of a client. */
export interface Wishes {
  readonly url: string | (() => Promise<string>)
  /** Give up after this many retries, if the peer supports it. */
  readonly retries?: number
  /** Sent before anything else, if the peer has a hook for it. */
  readonly auth?: string
}

/** What a client reports to a trial. */
export interface ClientEvents {
  opened(): void
  /** A link was lost, or an attempt failed. */
  lost(): void
  heard(message: string): void
  /** This many messages may not have arrived. */
  uncertain(messages: number): void
}

/** A client of a peer; methods it cannot support are missing. */
export interface Client {
  /** Returns what the peer's own `send` returns, and throws what it throws. */
  send(message: string): unknown
  close(): void
  /** Dial immediately, whatever the state. */
  reconnect?(): void
  /** Replace this link; unspecified during a backoff. */
  terminate?(): void
  /** Restart after `close` or after giving up. */
  reopen?(): void
}

export interface Peer {
  /** The column. */
  readonly name: string
  /** Its package; `undefined` for those without one. */
  readonly package?: string
  /** Settings that differ from the defaults, for the notes. */
  readonly settings: string
  /** The protocol it uses above WebSocket. */
  readonly dialect: 'text' | 'graphql'
  readonly has: {
    readonly reconnect: boolean
    /** A heartbeat that acts when no answer comes. */
    readonly heartbeat: boolean
    readonly asyncUrl: boolean
    readonly retries: boolean
    /** The name of its hook for authentication. */
    readonly auth?: string
  }
  dial(wishes: Wishes, events: ClientEvents): Client
}

/** The settings of every heartbeat and connect timeout, in milliseconds. */
export const interval = 2_000
export const timeout = 1_000
export const connectTimeout = 4_000

const require = createRequire(import.meta.url)

/** Loads a package by name, so type checks of the root need no types of it. */
export function load(name: string): unknown {
  return require(name)
}

/** For peers that take the class from the global scope. */
export function provideWebSocket(): void {
  Object.assign(globalThis, { WebSocket: wsClass() })
}

export function fixedUrl({ url }: Wishes): string {
  if (typeof url === 'string') return url
  throw new TypeError('this peer takes no URL provider that is asynchronous')
}

/** The WebSocket class all of them use. */
export function wsClass(): unknown {
  return (load('ws') as { WebSocket: unknown }).WebSocket
}

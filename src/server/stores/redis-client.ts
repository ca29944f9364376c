import type { Script, ScriptName } from './redis-scripts.js'

/** What a script is called with. */
export interface RedisScriptOptions {
  keys: string[]
  arguments: (string | Buffer)[]
}

/** Runs scripts. */
export interface RedisScripting {
  evalSha(sha1: string, options: RedisScriptOptions): Promise<unknown>
  eval(script: string, options: RedisScriptOptions): Promise<unknown>
}

/** What the store uses of a connection of its own, for notifications. */
export interface RedisSubscriber {
  on(event: string, listener: () => void): unknown
  connect(): Promise<unknown>
  subscribe(channel: string, listener: (message: string, channel: string) => unknown): Promise<unknown>
  unsubscribe(channel: string): Promise<unknown>
  destroy(): unknown
}

/** What the store uses of a client of the package `redis`: of `createClient`, `createCluster` or `createSentinel`. */
export interface RedisClient extends RedisScripting {
  withTypeMapping(mapping: { 36: BufferConstructor }): RedisScripting
  duplicate(): RedisSubscriber
}

export interface RedisSettings {
  readonly client: RedisClient
  readonly prefix: string
  readonly lease: number
  readonly epoch: 'replid' | 'session'
  readonly wait: number
  readonly scripts: Readonly<Record<ScriptName, Script>>
}

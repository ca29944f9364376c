export { createRelay, type RelayOptions } from './create.js'
export type { Census } from './hub.js'
export type { Relay, Replay } from './relay.js'

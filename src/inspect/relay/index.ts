export { createRelay, type RelayOptions } from './create.js'
export type { RelayCensus } from './hub.js'
export type { Relay, Replay } from './relay.js'

import {
  bareWs,
  heartbeatJs,
  partysocket,
  reconnectingWebSocket,
  robustWebSocket,
  sockette,
  websocketTs,
} from './adapters/drop-ins.js'
import { graphqlWsPlain, graphqlWsRecipe } from './adapters/graphql.js'
import { statewire } from './adapters/statewire.js'
import type { Peer } from './peer.js'

/** The columns. */
export const peers: readonly Peer[] = [
  statewire,
  partysocket,
  reconnectingWebSocket,
  robustWebSocket,
  sockette,
  websocketTs,
  heartbeatJs,
  graphqlWsPlain,
  graphqlWsRecipe,
  bareWs,
]

import { ReconnectingWebSocket } from './reconnecting-websocket.js'

export default ReconnectingWebSocket
export { ReconnectingWebSocket }
export type { ReconnectingWebSocketClass, ReconnectingWebSocketEventMap } from './reconnecting-websocket.js'
export type { ProtocolsProvider, ReconnectingWebSocketOptions } from './options.js'
export type { ReconnectingCloseEvent, ReconnectingErrorEvent } from './events.js'

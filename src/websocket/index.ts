import { ReconnectingWebSocket } from './reconnecting-websocket.js'

export default ReconnectingWebSocket
export { ReconnectingWebSocket }
export type { ProtocolsProvider, SocketConnection } from './connect.js'
export type { ReconnectingCloseEvent, ReconnectingErrorEvent, ReconnectingWebSocketEventMap } from './events.js'
export type { ReconnectingWebSocketOptions } from './options.js'

import { ReconnectingWebSocket } from './reconnecting-websocket.js'

export default ReconnectingWebSocket
export { ReconnectingWebSocket }
export type { ReconnectingWebSocketClass, ReconnectingWebSocketEventMap } from './reconnecting-websocket.js'
export type { ReconnectingWebSocketOptions } from './options.js'
export type { ProtocolsProvider } from './protocols.js'
export type { ReconnectingCloseEvent, ReconnectingErrorEvent } from './events.js'

export { protocolName } from './protocol.js'

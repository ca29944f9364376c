export { settle, TestClock } from './clock.js'
export { FakeSocket, FakeTransport, type FakeAction, type FakeTransportOptions } from './transport.js'

export { stateDescriptions } from './connection.descriptions.js'
export { connectionMachine, type ConnectionMachine } from './connection.machine.js'
export { createHost, effectsOf, type ChartHost, type Effect, type HostFacts } from './host.js'
export type {
  Command,
  ConnectionContext,
  ConnectionEvent,
  ConnectionInput,
  Port,
  ReadyStateTag,
  SocketEvent,
  SocketInput,
  Verdict,
  Why,
  WorldEvent,
  WorldSignal,
} from './connection.types.js'

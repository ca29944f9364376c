export { stateDescriptions } from './connection.descriptions.js'
export { connectionMachine, type ConnectionMachine } from './connection.machine.js'
export { createHost, effectsOf, type RecordingHost, type Effect, type HostFacts } from './host.js'
export type {
  Command,
  ConnectionContext,
  ConnectionEvent,
  ConnectionInput,
  ChartHost,
  ReadyStateTag,
  SocketEvent,
  SocketInput,
  RetryDecision,
  Why,
  EnvironmentEvent,
  EnvironmentSignal,
} from './connection.types.js'

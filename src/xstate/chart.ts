import { fromCallback } from 'xstate'
import { connectionMachine } from '../../machines/connection.machine.js'
import type { ConnectionEvent, Effect, SocketInput } from '../../machines/connection.types.js'
import type { EnginePort } from '../core/engine/engine.types.js'

const effect =
  (name: Effect) =>
  ({ context }: { context: { port: unknown } }): void =>
    (context.port as EnginePort).effect(name)

/**
 * The chart with its stubs filled: one for all connections, since a machine for each costs 30 kB and 250 µs.
 * Whose connection it is, the port in the context knows.
 */
export const chart = /* @__PURE__ */ connectionMachine.provide({
  actors: {
    socket: fromCallback<ConnectionEvent, SocketInput>(({ input }) => {
      const port = input.port as EnginePort
      port.effect('dial')
      return () => port.dispose(input.gen)
    }),
  },
  actions: {
    prepare: effect('prepare'),
    announceOpen: effect('announceOpen'),
    ping: effect('ping'),
    watch: effect('watch'),
    sayGoodbye: effect('sayGoodbye'),
    judge: effect('judge'),
    settle: effect('settle'),
  },
})

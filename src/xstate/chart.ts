import { fromCallback } from 'xstate'
import { connectionMachine } from '../../machines/connection.machine.js'
import type { ConnectionEvent, Effect, SocketInput } from '../../machines/connection.types.js'
import type { EngineHost } from '../core/engine/engine.types.js'

const effect =
  (name: Effect) =>
  ({ context }: { context: { host: unknown } }): void =>
    (context.host as EngineHost).effect(name)

/**
 * The chart with its actions implemented. One machine for all connections, because one costs 30 kB and 250 µs. The host
 * in the context identifies the connection.
 */
export const chart = /* @__PURE__ */ connectionMachine.provide({
  actors: {
    socket: fromCallback<ConnectionEvent, SocketInput>(({ input }) => {
      const host = input.host as EngineHost
      host.effect('dial')
      return () => host.dispose(input.gen)
    }),
  },
  actions: {
    prepare: effect('prepare'),
    announceOpen: effect('announceOpen'),
    ping: effect('ping'),
    watch: effect('watch'),
    startClosing: effect('startClosing'),
    decideRetry: effect('decideRetry'),
    settle: effect('settle'),
  },
})

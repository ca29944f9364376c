import { EventEmitter, on } from 'node:events'
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { initTRPC } from '@trpc/server'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { textHeartbeat } from '../../../../src/index.js'
import type { Kind } from './client.js'

const t = initTRPC.context<{ bus: EventEmitter }>().create()
const router = t.router({
  feed: t.procedure.subscription(async function* ({ ctx, signal }) {
    for await (const [text] of on(ctx.bus, 'text', { signal: signal! }) as AsyncIterable<[string]>) yield text
  }),
})

export type TestRouter = typeof router

/** tRPC with its own server. */
export const trpc: Kind = {
  name: 'tRPC',
  serve(sockets) {
    const bus = new EventEmitter()
    bus.setMaxListeners(0)
    applyWSSHandler({ wss: sockets, router, createContext: () => ({ bus }) })
    return { sockets, publish: (text) => bus.emit('text', text) }
  },
  connect(url, WebSocket) {
    const heard: string[] = []
    const client = createWSClient({ url, WebSocket, retryDelayMs: () => 50 })
    createTRPCClient<typeof router>({ links: [wsLink({ client })] }).feed.subscribe(undefined, {
      onData: (text) => heard.push(text),
    })
    return { heard, close: () => client.close() }
  },
  // Its server answers this from any client.
  heartbeat: (interval, timeout) => textHeartbeat({ interval, timeout, ping: 'PING', pong: 'PONG' }),
}

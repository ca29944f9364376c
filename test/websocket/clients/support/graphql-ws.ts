import { EventEmitter, on } from 'node:events'
import { execute, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, GraphQLString, subscribe, validate } from 'graphql'
import { createClient } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import { textHeartbeat } from '../../../../src/index.js'
import { pause } from '../../../faults/support/room.js'
import type { Kind } from './client.js'

async function* texts(bus: EventEmitter): AsyncGenerator<{ feed: string }> {
  for await (const [text] of on(bus, 'text') as AsyncIterable<[string]>) yield { feed: text }
}

/** graphql-ws with its own server. */
export const graphqlWs: Kind = {
  name: 'graphql-ws',
  serve(sockets) {
    const bus = new EventEmitter()
    bus.setMaxListeners(0)
    const text = { type: new GraphQLNonNull(GraphQLString) }
    const schema = new GraphQLSchema({
      query: new GraphQLObjectType({ name: 'Query', fields: { hello: text } }),
      subscription: new GraphQLObjectType({
        name: 'Subscription',
        fields: { feed: { ...text, subscribe: () => texts(bus) } },
      }),
    })
    // Vite and Node load different files of graphql; a schema works only with functions from the same file.
    useServer({ schema, execute, subscribe, validate }, sockets)
    return { sockets, publish: (message) => bus.emit('text', message) }
  },
  connect(url, WebSocket) {
    const heard: string[] = []
    const client = createClient({
      url,
      webSocketImpl: WebSocket,
      // Without a listener, an `error` event would end it: a failed attempt or a dead link.
      shouldRetry: () => true,
      retryAttempts: Infinity,
      retryWait: () => pause(50),
    })
    client.subscribe<{ feed: string }>(
      { query: 'subscription { feed }' },
      {
        next: ({ data }) => data && heard.push(data.feed),
        error: (error) => {
          throw error
        },
        complete: () => {},
      },
    )
    return { heard, close: () => client.dispose() }
  },
  // The protocol has both, and the server answers.
  heartbeat: (interval, timeout) =>
    textHeartbeat({ interval, timeout, ping: '{"type":"ping"}', pong: '{"type":"pong"}' }),
}

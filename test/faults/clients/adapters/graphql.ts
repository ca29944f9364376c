import { connectTimeout, interval, load, timeout, wsClass, type Peer } from '../peer.js'

interface Sink {
  next(result: { readonly data?: unknown }): void
  error(error: unknown): void
  complete(): void
}

interface Client {
  subscribe(operation: { readonly query: string }, sink: Sink): () => void
  dispose(): unknown
  terminate(): void
}

interface GraphqlWs {
  createClient(options: object): Client
}

/** A protocol above a socket: to send is to subscribe, and to receive is the result of one subscription. */
function graphqlWs(recipe: boolean): Peer {
  return {
    name: recipe ? 'graphql-ws with pong timer' : 'graphql-ws',
    package: 'graphql-ws',
    settings: recipe
      ? 'as above, plus the pong timer that its documentation tells the app to add: 1 s, then `terminate()`'
      : '`keepAlive` 2 s, `connectionAckWaitTimeout` 4 s, unlimited retries, after any error; it has no connect timeout',
    dialect: 'graphql',
    has: { reconnect: true, heartbeat: recipe, asyncUrl: true, retries: true, auth: '`connectionParams`' },
    dial({ url, retries, auth }, events) {
      const { createClient } = load('graphql-ws') as GraphqlWs
      let late: NodeJS.Timeout | undefined
      const client = createClient({
        url,
        webSocketImpl: wsClass(),
        lazy: false,
        keepAlive: interval,
        connectionAckWaitTimeout: connectTimeout,
        retryAttempts: retries ?? Infinity,
        shouldRetry: () => true,
        ...(auth === undefined ? {} : { connectionParams: { auth } }),
        onNonLazyError: () => events.lost(),
        on: {
          connected: () => events.opened(),
          closed: () => {
            clearTimeout(late)
            events.lost()
          },
          error: () => events.lost(),
          ping: (received: boolean) => {
            if (recipe && !received) late = setTimeout(() => client.terminate(), timeout)
          },
          pong: (received: boolean) => {
            if (received) clearTimeout(late)
          },
        },
      })
      const quiet = { error: () => {}, complete: () => {} }
      client.subscribe({ query: 'feed' }, { ...quiet, next: ({ data }) => events.heard(String(data)) })
      return {
        send: (query) => {
          client.subscribe({ query }, { ...quiet, next: () => {} })
        },
        // Its promise may reject when a link is lost; the app must handle it.
        close: () => void Promise.resolve(client.dispose()).catch(() => {}),
        terminate: () => client.terminate(),
      }
    },
  }
}

export const graphqlWsPlain = graphqlWs(false)
export const graphqlWsRecipe = graphqlWs(true)

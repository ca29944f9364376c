// Third-party clients with their own keep-alive enabled, as documented.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { createClient } from 'graphql-ws'
import { MqttClient } from 'mqtt'
import { browserStreamBuilder } from 'mqtt/lib/connect/ws'
import { connect, type ConnectionOptions as NatsOptions } from 'nats.ws'
import { WebSocketServer } from 'ws'
import type { ConnectionOptions } from '../../../../src/index.js'
import { documented } from '../../../docs/documented.js'
import { afterwards } from '../../../faults/support/room.js'
import { aedes, mosquitto, natsServer, type BrokerKind } from './brokers.js'
import type { Backend, Kind } from './client.js'
import { graphqlWs } from './graphql-ws.js'
import { mqttPackets, natsMessages } from './streams.js'
import { trpc, type TestRouter } from './trpc.js'

/** A client that is connected and subscribed to its own messages, or about to be. */
export interface KeptAlive {
  readonly heard: readonly Buffer[]
  publish(message: Buffer): void
  /** A topic without subscribers, so that the broker sends nothing for it. */
  publishAside?(message: Buffer): void
}

export interface KeepAliveKind {
  readonly name: string
  readonly broker: BrokerKind
  /** The documented options for this protocol. */
  documented(): Promise<ConnectionOptions>
  connect(url: string, WebSocket: typeof globalThis.WebSocket): Promise<KeptAlive>
  /** The number of pings or pongs in these frames. */
  count(what: 'ping' | 'pong', frames: readonly unknown[]): number
}

/** The profile under a heading. */
const profile = (heading: string) => async (): Promise<ConnectionOptions> => (await documented(heading))[0]!

/** The server of a client, in this process. */
class OwnServer implements BrokerKind {
  readonly name = 'its own server'
  readonly missing = undefined
  readonly #kind: Kind
  #backend: Backend | undefined

  constructor(kind: Kind) {
    this.#kind = kind
  }

  publish(message: Buffer): void {
    this.#backend!.publish(message.toString())
  }

  async start(): Promise<{ url: string }> {
    const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    await once(sockets, 'listening')
    afterwards(() => {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
    })
    this.#backend = this.#kind.serve(sockets)
    return { url: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}` }
  }
}

/** The client's ping interval, if configurable, and its pong timeout. Milliseconds. */
const every = 200
const patience = 5_000

const graphqlServer = new OwnServer(graphqlWs)

export const graphqlWsKeptAlive: KeepAliveKind = {
  name: 'graphql-ws',
  broker: graphqlServer,
  documented: profile('graphql-ws'),
  connect(url, WebSocket) {
    const heard: Buffer[] = []
    let socket: globalThis.WebSocket | undefined
    let late: NodeJS.Timeout | undefined
    const client = createClient({
      url,
      webSocketImpl: WebSocket,
      keepAlive: every,
      shouldRetry: () => true,
      on: {
        connected: (connected) => (socket = connected as globalThis.WebSocket),
        // A link without a pong is closed, as its documentation advises.
        ping: (received) => {
          if (!received) late ??= setTimeout(() => socket!.close(4408, 'no pong'), patience)
        },
        pong: (received) => {
          if (received) clearTimeout(late)
          if (received) late = undefined
        },
      },
    })
    afterwards(() => {
      clearTimeout(late)
      return client.dispose()
    })
    client.subscribe<{ feed: string }>(
      { query: 'subscription { feed }' },
      { next: ({ data }) => data && heard.push(Buffer.from(data.feed)), error: () => {}, complete: () => {} },
    )
    return Promise.resolve({ heard, publish: (message) => graphqlServer.publish(message) })
  },
  count: (what, frames) =>
    frames.filter((frame) => (JSON.parse(String(frame)) as { type: string }).type === what).length,
}

const trpcServer = new OwnServer(trpc)

export const trpcKeptAlive: KeepAliveKind = {
  name: 'tRPC',
  broker: trpcServer,
  // This code is in docs/migrating.md.
  documented: () => Promise.resolve({ heartbeat: trpc.heartbeat(20_000, 10_000) }),
  connect(url, WebSocket) {
    const heard: Buffer[] = []
    const client = createWSClient({
      url,
      WebSocket,
      keepAlive: { enabled: true, intervalMs: every, pongTimeoutMs: patience },
    })
    afterwards(() => client.close())
    createTRPCClient<TestRouter>({ links: [wsLink({ client })] }).feed.subscribe(undefined, {
      onData: (text) => heard.push(Buffer.from(text)),
    })
    return Promise.resolve({ heard, publish: (message) => trpcServer.publish(message) })
  },
  count: (what, frames) => frames.filter((frame) => frame === what.toUpperCase()).length,
}

export const nats: KeepAliveKind = {
  name: 'nats.ws',
  broker: natsServer,
  documented: profile('NATS'),
  async connect(url, WebSocket) {
    const heard: Buffer[] = []
    // The type of these options is not exported.
    const options: NatsOptions & {
      wsFactory: (url: string) => Promise<{ socket: globalThis.WebSocket; encrypted: boolean }>
    } = {
      servers: url,
      wsFactory: (address) => Promise.resolve({ socket: new WebSocket(address), encrypted: false }),
      pingInterval: every,
      // The heartbeat below must detect the silence.
      maxPingOut: 1_000,
      timeout: patience,
    }
    const client = await connect(options)
    afterwards(() => client.close())
    client.subscribe('feed', { callback: (_, { data }) => heard.push(Buffer.from(data)) })
    return {
      heard,
      publish: (message) => client.publish('feed', message),
      publishAside: (message) => client.publish('aside', message),
    }
  },
  count: (what, frames) => natsMessages(bytes(frames)).found.filter(({ name }) => name === what.toUpperCase()).length,
}

const mqttOver = (broker: BrokerKind): KeepAliveKind => ({
  name: 'mqtt.js',
  broker,
  documented: profile('MQTT'),
  async connect(url, WebSocket) {
    const heard: Buffer[] = []
    const { hostname, port } = new URL(url)
    // What `connect` does in a page.
    const options = {
      protocol: 'ws',
      hostname,
      port: Number(port),
      path: '/',
      // Seconds, and the minimum it accepts.
      keepalive: 1,
      // Its messages get no replies, so they do not replace a ping.
      reschedulePings: false,
      createWebsocket: (address: string, protocols: string[]) => new WebSocket(address, protocols),
    } as const
    const client = new MqttClient((self) => browserStreamBuilder(self, { ...options }), { ...options })
    // It is also called for each lost link.
    client.on('error', () => {})
    afterwards(() => client.endAsync(true))
    client.on('message', (_, payload) => heard.push(payload))
    // It waits until it is connected.
    await client.subscribeAsync('feed')
    return {
      heard,
      publish: (message) => client.publish('feed', message),
      publishAside: (message) => client.publish('aside', message),
    }
  },
  count: (what, frames) =>
    mqttPackets(bytes(frames)).found.filter(({ type }) => type === (what === 'ping' ? 0xc0 : 0xd0)).length,
})

export const keepAliveKinds = [graphqlWsKeptAlive, trpcKeptAlive, nats, mqttOver(mosquitto), mqttOver(aedes)]
export const brokered = keepAliveKinds.slice(2)

const bytes = (frames: readonly unknown[]): Buffer =>
  Buffer.concat(frames.map((frame) => Buffer.from(frame as ArrayBuffer)))

// Links that are slower than the heartbeat expects. In real time, because the network is what is slow.
import { createServer, connect as dial, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import {
  createConnection,
  fixedBackoff,
  protocolPing,
  serverPing,
  textHeartbeat,
  webSocketTransport,
  type Connection,
  type ConnectionOptions,
} from '../../../src/index.js'
import { wsTransport } from '../../../src/transports/ws.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Forwards this many bytes per second in each direction. */
async function slowProxy(target: number, rate: number): Promise<number> {
  const piece = rate / 20
  const server = createServer((client) => {
    const upstream = dial(target, '127.0.0.1')
    const sockets = [client, upstream]
    for (const [from, to] of [sockets, sockets.toReversed()]) {
      from!.on('error', () => {})
      from!.on('close', () => to!.destroy())
      from!.pause()
      const timer = setInterval(() => {
        const bytes = (from!.read(piece) ?? from!.read()) as Buffer | null
        if (bytes !== null) to!.write(bytes)
      }, 50)
      from!.on('close', () => clearInterval(timer))
    }
    cleanups.push(() => sockets.forEach((socket) => socket.destroy()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => server.close())
  return (server.address() as AddressInfo).port
}

async function serve(onClient: (client: WebSocket) => void): Promise<number> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (client) => {
    client.on('error', () => {})
    onClient(client)
  })
  await new Promise((resolve) => server.once('listening', resolve))
  cleanups.push(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

interface Life {
  readonly connection: Connection
  deaths: number
}

function connect(port: number, options: ConnectionOptions): Life {
  const connection = createConnection(`ws://127.0.0.1:${port}/`, { backoff: fixedBackoff(50), ...options })
  const life: Life = { connection, deaths: 0 }
  connection.on('close', ({ error }) => error?.code === 'ERR_HEARTBEAT_TIMEOUT' && life.deaths++)
  cleanups.push(() => connection.close())
  return life
}

const timing = { interval: 1_000, timeout: 1_000 }
const big = 'x'.repeat(2_097_152)
const overs: readonly (readonly [string, () => ConnectionOptions])[] = [
  ['ws', () => ({ transport: wsTransport(), heartbeat: protocolPing(timing) })],
  [
    'the global WebSocket',
    () => ({
      transport: webSocketTransport(),
      heartbeat: textHeartbeat({ ...timing, ping: 'ping', pong: 'pong' }),
    }),
  ],
]

describe.each(overs)('over %s', (_, options) => {
  test(
    'a message that takes eight seconds to send arrives, although an answer is due after one (N11)',
    { timeout: 120_000 },
    async () => {
      let links = 0
      let arrived = (): void => {}
      const arrival = new Promise<void>((resolve) => (arrived = resolve))
      const port = await serve((client) =>
        client.on('message', (data: Buffer) => {
          if (data.length < big.length) client.send('pong')
          // Ignores what the proxy still delivers from an abandoned link.
          else if (data.toString() === big + links) arrived()
        }),
      )
      const life = connect(await slowProxy(port, 262_144), options())
      const { connection } = life
      // An app that resends what a link may have lost.
      connection.on('open', () => void connection.send(big + ++links))
      await arrival
      // If the system's buffers hide progress, two links are abandoned: after one second, and after four.
      expect(life.deaths).toBeLessThanOrEqual(3)
    },
  )
})

test(
  'over ws a message that takes eight seconds to arrive costs no link, because its bytes count as activity (N11)',
  { timeout: 60_000 },
  async () => {
    const port = await serve((client) => client.send(big))
    const life = connect(await slowProxy(port, 262_144), { transport: wsTransport(), heartbeat: protocolPing(timing) })
    await new Promise((resolve) => life.connection.on('message', resolve))
    expect(life.deaths).toBe(0)
  },
)

test(
  'a link that dies while the app keeps sending is abandoned in time: bytes buffered by the system are no progress (N01)',
  { timeout: 60_000 },
  async () => {
    const port = await serve((client) =>
      client.once('message', () => (client as unknown as { _socket: { pause(): void } })._socket.pause()),
    )
    const life = connect(port, {
      transport: wsTransport(),
      heartbeat: protocolPing({ interval: 500, timeout: 500, proof: 'pong' }),
    })
    await life.connection.opened()
    const started = performance.now()
    const feed = setInterval(() => life.connection.send('x'.repeat(1_000)), 5)
    cleanups.push(() => clearInterval(feed))
    await new Promise((resolve) => life.connection.on('close', resolve))
    expect(life.deaths).toBe(1)
    // Interval and timeout, times ten for a busy machine.
    expect(performance.now() - started).toBeLessThan(10_000)
  },
)

test('a server that pings without reading gets a bounded number of answers', { timeout: 60_000 }, async () => {
  const port = await serve((client) => {
    ;(client as unknown as { _socket: { pause(): void } })._socket.pause()
    const pings = setInterval(() => {
      for (let count = 0; count < 200; count++) client.send('ping')
    }, 1)
    client.on('close', () => clearInterval(pings))
    cleanups.push(() => clearInterval(pings))
  })
  const answer = 'a'.repeat(4_096)
  const { connection } = connect(port, { transport: wsTransport(), heartbeat: serverPing({ ping: 'ping', answer }) })
  await new Promise<void>((resolve) => {
    const look = setInterval(() => connection.bufferedAmount >= 1_048_576 && resolve(), 5)
    cleanups.push(() => clearInterval(look))
  })
  // As many pings again as filled the buffers: the high-water mark, and 64 KiB of answers.
  const before = process.memoryUsage().arrayBuffers
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  expect(connection.bufferedAmount).toBeLessThan(1_048_576 + 65_536 + 2 * answer.length)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000)
})

test(
  'a server that floods a connection during prepare is paused, and nothing is lost',
  { timeout: 60_000 },
  async () => {
    const sent = 200_000
    const port = await serve((client) => {
      for (let count = 0; count < sent; count++) client.send(String(count))
    })
    let release = (): void => {}
    const gate = new Promise<void>((resolve) => (release = resolve))
    const { connection } = connect(port, { transport: wsTransport(), prepare: () => gate })
    let next = 0
    const all = new Promise<void>((resolve) =>
      connection.on('message', (message) => {
        expect(message).toBe(String(next))
        if (++next === sent) resolve()
      }),
    )
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    release()
    await all
  },
)

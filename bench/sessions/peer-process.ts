// One end of a connection, in its own process: a server or a client, plain or with a session. Reports the processor time of each transfer.
import { once } from 'node:events'
import { WebSocketServer, type WebSocket } from 'ws'
import { createConnection, noHeartbeat } from '../../dist/src/index.js'
import { resumable } from '../../dist/src/resume/index.js'
import { sessionServer, type Session } from '../../dist/src/server/index.js'
import { wsTransport } from '../../dist/src/transports/ws.js'

/** One direction of one connection. */
export interface Order {
  readonly do: 'send' | 'receive'
  readonly count: number
  readonly size: number
}
export interface Report {
  /** Processor time from the order to its end. Microseconds. */
  readonly cpu: number
}

interface Peer {
  send(message: string, count: number): Promise<void>
  /** Called for each received message. */
  onMessage: () => void
}

/** Messages that are sent before the event loop goes on. */
const burst = 500
const turn = (): Promise<void> => new Promise(setImmediate)

async function plainServer(): Promise<Peer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  const connected = once(server, 'connection') as Promise<[WebSocket]>
  await once(server, 'listening')
  process.send!({ port: (server.address() as { port: number }).port })
  const peer: Peer = {
    onMessage: () => {},
    send: async (message, count) => {
      const [socket] = await connected
      for (let sent = 0; sent < count;) {
        for (let each = 0; each < burst && sent < count; each++, sent++) socket.send(message)
        while (socket.bufferedAmount > 1 << 20) await turn()
        await turn()
      }
    },
  }
  void connected.then(([socket]) =>
    socket.on('message', (data: Buffer) => {
      // As an app does, and a session.
      void data.toString()
      peer.onMessage()
    }),
  )
  return peer
}

async function sessionPeer(): Promise<Peer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  const sessions = sessionServer({
    server,
    authenticate: () => ({ principal: 'bench' }),
    outbox: { messages: 100_000, bytes: 1 << 28 },
  })
  const begun = new Promise<Session>((resolve) => sessions.on('session', resolve))
  await once(server, 'listening')
  process.send!({ port: (server.address() as { port: number }).port })
  const peer: Peer = {
    onMessage: () => {},
    send: async (message, count) => {
      const session = await begun
      let sending: Promise<number>[] = []
      for (let sent = 0; sent < count;) {
        for (let each = 0; each < burst && sent < count; each++, sent++) sending.push(session.send(message))
        await Promise.all(sending)
        sending = []
        // At most so many unacknowledged messages as the client acknowledges soon.
        if (sent % 10_000 === 0) await session.delivered()
        await turn()
      }
      await session.delivered()
    },
  }
  void begun.then((session) => session.on('message', () => peer.onMessage()))
  return peer
}

async function client(port: number, withSession: boolean): Promise<Peer> {
  const session = resumable({ window: { messages: 20_000, bytes: 1 << 26 } })
  const common = { transport: wsTransport(), queue: { messages: 100_000, bytes: 1 << 28 } }
  const url = `ws://127.0.0.1:${port}`
  const connection = withSession
    ? createConnection(url, { ...common, features: [session] })
    : createConnection(url, { ...common, heartbeat: noHeartbeat() })
  await connection.opened()
  const peer: Peer = {
    onMessage: () => {},
    send: async (message, count) => {
      for (let sent = 0; sent < count;) {
        for (let each = 0; each < burst && sent < count; each++, sent++) connection.send(message)
        await connection.drained()
        await turn()
      }
      if (withSession) await session.delivered()
    },
  }
  connection.on('message', () => peer.onMessage())
  return peer
}

const [role, port] = process.argv.slice(2) as [string, string | undefined]
const withSession = role.endsWith('session')
const peer =
  port === undefined ? await (withSession ? sessionPeer() : plainServer()) : await client(Number(port), withSession)

let started = process.cpuUsage()
process.on('message', (order: Order | 'stop') => {
  if (order === 'stop') {
    const { user, system } = process.cpuUsage(started)
    process.send!({ cpu: user + system } satisfies Report)
    return
  }
  started = process.cpuUsage()
  if (order.do === 'send') void peer.send('x'.repeat(order.size), order.count).then(() => process.send!('done'))
  else {
    let left = order.count
    peer.onMessage = () => {
      if (--left === 0) process.send!('done')
    }
  }
})
process.on('disconnect', () => process.exit())
process.send!('ready')

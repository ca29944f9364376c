// Real sockets and real time: the whole library, with nothing faked, survives what the fault server does to it.
import { afterEach, describe, expect, test } from 'vitest'
import { createConnection } from '../../../src/create-connection.js'
import type { Connection, ConnectionOptions } from '../../../src/core/connection.types.js'
import { fixedBackoff } from '../../../src/core/policies/backoff.js'
import { protocolPing, textHeartbeat } from '../../../src/core/policies/heartbeat.js'
import {
  createFaultServer,
  faults,
  type FaultServer,
  type FaultServerOptions,
} from '../../../src/tools/testing/index.js'
import { webSocketTransport } from '../../../src/transports/browser.js'
import type { Transport } from '../../../src/core/transport.js'
import { wsTransport } from '../../../src/transports/ws.js'

const cleanup: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step()
})

async function start(
  options: ConnectionOptions = {},
  serverOptions: FaultServerOptions = {},
): Promise<{ server: FaultServer; connection: Connection; states: string[] }> {
  const server = await createFaultServer(serverOptions)
  cleanup.push(() => server.close())
  const connection = createConnection(`${server.url}/feed`, { backoff: fixedBackoff(50), autoOpen: false, ...options })
  cleanup.push(() => connection.close())
  const states: string[] = []
  connection.on('state', ({ state }) => states.at(-1) !== state && states.push(state))
  return { server, connection, states }
}

function next<T>(connection: Connection, type: Parameters<Connection['on']>[0]): Promise<T> {
  return new Promise((resolve) => connection.on(type, (event) => resolve(event as T), { once: true }))
}

const transports: [string, () => Transport, ConnectionOptions][] = [
  ['ws', () => wsTransport(), { heartbeat: protocolPing({ interval: 200, timeout: 200 }) }],
  [
    'the global WebSocket',
    () => webSocketTransport(),
    { heartbeat: textHeartbeat({ interval: 200, timeout: 200, ping: 'ping', pong: 'ping' }) },
  ],
]

describe.each(transports)('over %s', (name, makeTransport, heartbeat) => {
  const runs = name === 'ws' || globalThis.WebSocket !== undefined
  const check = runs ? test : test.skip

  check('messages make a round trip in order, text and binary', async () => {
    const { connection } = await start({ transport: makeTransport() })
    const reader = connection.messages()
    connection.send('queued')
    connection.open()
    await connection.opened()
    connection.send(new Uint8Array([1, 2, 3]))
    connection.send(new Blob(['blob']))
    connection.send('last')
    const heard: unknown[] = []
    for (let message = 0; message < 4; message++) heard.push((await reader.next()).value)
    expect(heard[0]).toBe('queued')
    expect(new Uint8Array(heard[1] as ArrayBuffer)).toEqual(new Uint8Array([1, 2, 3]))
    expect(new TextDecoder().decode(heard[2] as ArrayBuffer)).toBe('blob')
    expect(heard[3]).toBe('last')
    expect(await connection.close(1000, 'bye')).toEqual({ code: 1000, reason: 'bye', wasClean: true })
  })

  check('a half-open link is abandoned and replaced, and the old one delivers nothing more (N01, N07)', async () => {
    const { server, connection } = await start({ transport: makeTransport(), ...heartbeat })
    connection.open()
    await connection.opened()
    server.swallow()
    connection.send('into the void')
    const close = await next<{ code: number; uncertain: { messages: number } }>(connection, 'close')
    expect(close).toMatchObject({ code: 4000, uncertain: { messages: 1 } })
    await connection.opened()
    const heard: unknown[] = []
    connection.on('message', (message) => heard.push(message))
    server.heal()
    connection.send('after')
    await next(connection, 'message')
    expect(heard).toEqual(['after'])
    expect(server.counts.maxOpen).toBeLessThanOrEqual(2)
  })

  check('an unanswered handshake is abandoned, and the next one begins (H01)', async () => {
    const { server, connection, states } = await start({ transport: makeTransport(), connectTimeout: 200 })
    server.use({ fault: faults.hang(), times: 1 })
    connection.open()
    await connection.opened()
    expect(states).toEqual(['connecting', 'backoff', 'connecting', 'open'])
    // Counts requests, not TCP connections: undici opens a spare one.
    expect(server.counts.requested).toBe(2)
  })

  check('a handshake that drips is abandoned by the wall clock (H02)', async () => {
    const { server, connection, states } = await start({ transport: makeTransport(), connectTimeout: 300 })
    server.use({ fault: faults.drip({ every: 20, bytes: 1 }), times: 1 })
    connection.open()
    await connection.opened()
    expect(states).toEqual(['connecting', 'backoff', 'connecting', 'open'])
  })

  check('a connection survives a reset, a refusal and an absent server; no queued message is lost (N05)', async () => {
    const { server, connection } = await start({ transport: makeTransport() })
    const reader = connection.messages()
    connection.open()
    await connection.opened()
    await server.stopListening()
    server.reset()
    await next(connection, 'backoff')
    for (let message = 0; message < 10; message++) connection.send(`${message}`)
    await next(connection, 'backoff')
    await server.listenAgain()
    server.use({ fault: faults.refuse(), times: 1 })
    await connection.opened()
    const heard: unknown[] = []
    for (let message = 0; message < 10; message++) heard.push((await reader.next()).value)
    expect(heard).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  })

  check('an unanswered close() ends within closeTimeout (C01)', async () => {
    const { server, connection } = await start({ transport: makeTransport(), closeTimeout: 100 })
    connection.open()
    await connection.opened()
    server.ignoreClose()
    expect(await connection.close()).toEqual({ code: 1006, reason: '', wasClean: false })
    // Only `ws` can drop the TCP connection immediately; the standard API cannot.
    if (name === 'ws') await server.until('client.gone')
  })
})

describe('over ws', () => {
  test('503 with Retry-After delays the next attempt, 410 ends the connection (H04, H05)', async () => {
    const { server, connection } = await start({ transport: wsTransport() })
    server.use({ fault: faults.http(503, { headers: { 'Retry-After': '1' } }), times: 1 })
    server.use({ fault: faults.http(410), times: 1 })
    connection.open()
    expect(await next(connection, 'backoff')).toMatchObject({ delay: 1_050, hinted: true, serverDelay: 1_000 })
    connection.reconnect()
    await connection.ended()
    expect(connection.status).toMatchObject({
      state: 'ended',
      why: 'refused',
      loss: { status: 410, error: { code: 'ERR_HANDSHAKE' } },
    })
  })

  test('a reader that stops reading slows the server down, and loses nothing', async () => {
    const total = 400
    const chunk = new Uint8Array(65_536)
    let buffered = (): number => 0
    const { connection } = await start(
      { transport: wsTransport() },
      {
        onConnection: (socket) => {
          buffered = () => socket.bufferedAmount
          for (let message = 0; message < total; message++) socket.send(chunk)
        },
      },
    )
    const reader = connection.messages({ limit: 4 })
    connection.open()
    await connection.opened()
    await expect.poll(() => connection.counters.received).toBeGreaterThanOrEqual(4)
    await expect.poll(() => buffered()).toBeGreaterThan(1_000_000)
    const held = connection.counters.received
    expect(held).toBeLessThan(total)
    for (let message = 0; message < total; message++)
      expect((await reader.next()).value).toHaveProperty('byteLength', 65_536)
  })

  test('headers and subprotocols reach the server', async () => {
    const { server, connection } = await start({
      transport: wsTransport({ headers: { 'x-static': 'a' } }),
      protocols: ['feed.v2'],
    })
    connection.open()
    await connection.opened()
    expect(server.links[0]!.request.headers).toMatchObject({ 'x-static': 'a', 'sec-websocket-protocol': 'feed.v2' })
    expect(connection.protocol).toBe('feed.v2')
  })
})

// What becomes of messages when links die. The counts must balance: sent, reported as dropped, or reported as
// uncertain.
import { createHash } from 'node:crypto'
import type { AddressInfo, Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import { ConnectionError } from '../../src/core/errors.js'
import { noHeartbeat } from '../../src/core/policies/heartbeat.js'
import { faults } from '../../src/tools/testing/index.js'
import { rawServer } from './support/peers.js'
import { afterwards, connect, next, oneLinkAtATime, opened, overs, pause, serve, until } from './support/room.js'

const numbers = (count: number): string[] => Array.from({ length: count }, (_, n) => `m${n}`)

/** A server of `ws`, and its first socket once a client is connected. */
async function servePlain(): Promise<{ readonly url: string; readonly client: Promise<WebSocket> }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  const client = new Promise<WebSocket>((resolve) => server.once('connection', resolve))
  await new Promise((resolve) => server.once('listening', resolve))
  afterwards(() => {
    for (const each of server.clients) each.terminate()
    server.close()
  })
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, client }
}

/** RFC 6455 §4.2.2. */
function upgradeReply(request: string): Buffer {
  const key = /^sec-websocket-key: (.*)$/im.exec(request)![1]!.trim()
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
}

/** The peer stops reading. */
const stopReading = (client: WebSocket): unknown => streamOf(client).pause()

const streamOf = (client: WebSocket): Socket => (client as unknown as { _socket: Socket })._socket

describe.each(overs)('over $name', (over) => {
  const { name } = over

  test.each<readonly [code: number | undefined, ours: number | undefined]>([
    [1012, undefined],
    [1001, 1000],
    [1000, 3001],
    [undefined, 1000],
    // A code chosen by both sides is indistinguishable from an answer.
    ...(name === 'ws'
      ? ([
          [1000, 1000],
          [undefined, undefined],
          [3001, 3001],
        ] as const)
      : []),
  ])("a Close %s from the server that crosses the client's Close %s proves nothing", async (code, ours) => {
    const { url, client } = await servePlain()
    const life = connect(over, url)
    await opened(life)
    const peer = await client
    let got = 0
    peer.on('message', () => got++)
    stopReading(peer)
    peer.close(code)
    // Makes the close a clean one.
    streamOf(peer).end()
    life.connection.send('lost')
    void life.connection.close(ours)
    expect(await next(life.connection, 'close')).toMatchObject({ uncertain: { messages: 1, bytes: 4 } })
    expect(got).toBe(0)
  })

  test.each([[undefined], [1000], [3001]])("a reply to the client's Close %s proves everything sent", async (code) => {
    const { url, client } = await servePlain()
    const life = connect(over, url)
    const got: string[] = []
    await opened(life)
    ;(await client).on('message', (data: Buffer) => got.push(data.toString()))
    for (const message of ['a', 'b', 'c']) life.connection.send(message)
    void life.connection.close(code)
    expect(await next(life.connection, 'close')).toMatchObject({ wasClean: true, uncertain: { messages: 0, bytes: 0 } })
    expect(got).toEqual(['a', 'b', 'c'])
  })

  test('frames from a server that no longer reads prove nothing (N02)', async () => {
    const { url, client } = await servePlain()
    const life = connect(over, url)
    await opened(life)
    const peer = await client
    stopReading(peer)
    const feed = setInterval(() => peer.send('tick'), 5)
    afterwards(() => clearInterval(feed))
    for (const message of numbers(20)) {
      life.connection.send(message)
      const heard = life.heard.length
      await until(() => expect(life.heard.length).toBeGreaterThan(heard))
    }
    const lost = next(life.connection, 'close')
    peer.terminate()
    expect(await lost).toMatchObject({ uncertain: { messages: 20 } })
  })

  test('a greeting that arrives with the handshake proves nothing about the queue flushed after it (H14)', async () => {
    const greeting = Buffer.from([0x81, 5, ...Buffer.from('hello')])
    const port = await rawServer((socket) => {
      socket.once('data', (request) => {
        socket.write(Buffer.concat([upgradeReply(request.toString()), greeting]))
        socket.pause()
        setTimeout(() => socket.destroy(), 300)
      })
    })
    const life = connect(over, `ws://127.0.0.1:${port}/`, { ownDials: 1 })
    for (const message of numbers(3)) life.connection.send(message)
    life.connection.open()
    expect(await next(life.connection, 'close')).toMatchObject({ uncertain: { messages: 3 } })
    expect(life.heard).toContain('hello')
  })

  test('sends into a dead link are reported as uncertain, to the message and the byte (D01)', async () => {
    const server = await serve()
    const life = connect(over, server.url, { heartbeat: over.heartbeat(200, 800) })
    await opened(life)
    life.connection.send('echoed')
    await until(() => expect(life.heard).toEqual(['echoed']))
    await next(life.connection, 'heartbeat')
    server.swallow('both', { lost: true })
    const lost = numbers(10)
    for (const message of lost) expect(life.connection.send(message)).toBe('sent')
    const close = await next(life.connection, 'close')
    expect(close).toMatchObject({ code: 4000, uncertain: { messages: 10, bytes: lost.join('').length } })
    await life.connection.opened()
    life.connection.send('on the new link')
    await until(() => expect(life.heard).toEqual(['echoed', 'on the new link']))
  })

  test('close() delivers the backlog; reconnect() drops it and reports how much (D02)', async () => {
    let got = 0
    const server = await serve({ onMessage: () => (got += 1), logFrames: false })
    const chunk = 'x'.repeat(1_000)
    const closing = connect(over, server.url, { closeTimeout: 20_000 })
    await opened(closing)
    for (let n = 0; n < 2_000; n++) closing.connection.send(chunk)
    expect(await closing.connection.close(1000)).toMatchObject({ code: 1000, wasClean: true })
    await until(() => expect(got).toBe(2_000))
    const leaving = connect(over, server.url, { ownDials: 1 })
    await opened(leaving)
    const results = Array.from({ length: 2_000 }, () => leaving.connection.send(chunk))
    const sent = results.filter((result) => result === 'sent').length
    const lost = next(leaving.connection, 'close')
    leaving.connection.reconnect()
    expect((await lost).uncertain).toEqual({ messages: sent, bytes: sent * chunk.length })
    await leaving.connection.opened()
    // Queued messages are not lost.
    await leaving.connection.drained()
    expect(leaving.connection.counters).toMatchObject({ sent: 2_000, queued: 0 })
  })

  test('uncertain messages are not resent automatically: the server sees nothing twice (D03)', async () => {
    const got: unknown[] = []
    const server = await serve({
      onMessage: (message, socket) => {
        got.push(message)
        socket.send(`ack ${message.toString()}`)
      },
    })
    server.use({ fault: faults.drop('out', 'text'), times: 1 })
    const life = connect(over, server.url)
    await opened(life)
    const messages = numbers(10)
    for (const message of messages) life.connection.send(message)
    await until(() => expect(got).toEqual(messages))
    server.reset()
    expect(await next(life.connection, 'close')).toMatchObject({ uncertain: { messages: 10 } })
    await life.connection.opened()
    life.connection.send('last')
    await until(() => expect(life.heard).toEqual(['ack last']))
    expect(got).toEqual([...messages, 'last'])
  })

  test('the queue is flushed once, in order, after prepare, however many attempts it takes (D04)', async () => {
    const seen: string[][] = []
    const server = await serve({
      onConnection: (socket) => {
        const mine: string[] = []
        seen.push(mine)
        socket.on('message', (data: Buffer) => {
          mine.push(data.toString())
          // The first two links die during the greeting.
          if (data.toString() !== 'hello') return
          if (seen.length <= 2) socket.close(1011)
          else socket.send('welcome')
        })
      },
    })
    const life = connect(over, server.url, {
      prepare: async (link) => {
        link.send('hello')
        await link.read()
      },
    })
    const messages = numbers(50)
    for (const message of messages.slice(0, 25)) expect(life.connection.send(message)).toBe('queued')
    life.connection.on('open', () => void life.connection.send('from open'))
    life.connection.open()
    await next(life.connection, 'backoff')
    for (const message of messages.slice(25)) expect(life.connection.send(message)).toBe('queued')
    await life.connection.opened()
    await until(() => expect(seen.at(-1)).toEqual(['hello', ...messages, 'from open']))
    expect(seen.slice(0, -1)).toEqual([['hello'], ['hello']])
    expect(life.dropped).toEqual([])
    oneLinkAtATime(over, server)
  })

  test('a server that stops reading costs a bounded amount of memory, then every accepted message arrives (D05)', async () => {
    let got = 0
    const server = await serve({ onMessage: () => (got += 1), window: 65_536, logFrames: false })
    const life = connect(over, server.url, {
      heartbeat: noHeartbeat(),
      highWaterMark: 262_144,
      queue: { messages: 100, bytes: 1_048_576 },
    })
    await opened(life)
    server.swallow('in')
    const chunk = new Uint8Array(65_536)
    let accepted = 0
    let refused: unknown
    // The system's own buffers take megabytes before any effect is visible.
    for (; accepted < 4_000 && refused === undefined; await pause(0)) {
      try {
        life.connection.send(chunk)
        accepted += 1
      } catch (error) {
        refused = error
      }
    }
    expect(refused).toBeInstanceOf(ConnectionError)
    expect(refused).toMatchObject({ code: 'ERR_QUEUE_FULL' })
    expect(life.connection.bufferedAmount).toBeLessThan(262_144 + 1_048_576 + 2 * chunk.length)
    server.heal()
    await life.connection.drained()
    await until(() => expect(got).toBe(accepted))
    expect(life.dropped).toEqual([])
  })

  test('bufferedAmount counts only pending bytes, not those a dead socket kept (D06)', async () => {
    const server = await serve({ window: 65_536 })
    const life = connect(over, server.url, { heartbeat: noHeartbeat(), backoff: () => 60_000 })
    await opened(life)
    server.swallow('in')
    for (let n = 0; n < 8; n++) life.connection.send(new Uint8Array(65_536))
    server.reset()
    await next(life.connection, 'close')
    expect(life.connection.bufferedAmount).toBe(0)
    life.connection.send('12345')
    expect(life.connection.bufferedAmount).toBe(5)
    await life.connection.close()
    expect(() => life.connection.send('x')).toThrow(expect.objectContaining({ code: 'ERR_ENDED' }))
    expect(life.connection.bufferedAmount).toBe(0)
    expect(life.dropped).toEqual([{ data: '12345', reason: 'ended' }])
  })

  test('send() reports what became of the message in every state (D07)', async () => {
    const server = await serve()
    server.use({ fault: faults.ignoreClose(), match: { nth: 2 } })
    const life = connect(over, server.url, { closeTimeout: 300 })
    expect([life.connection.state, life.connection.send('idle')]).toEqual(['idle', 'queued'])
    life.connection.open()
    expect([life.connection.state, life.connection.send('connecting')]).toEqual(['connecting', 'queued'])
    await life.connection.opened()
    expect([life.connection.state, life.connection.send('open')]).toEqual(['open', 'sent'])
    await until(() => expect(life.heard).toHaveLength(3))
    server.reset()
    await next(life.connection, 'backoff')
    expect([life.connection.state, life.connection.send('backoff')]).toEqual(['backoff', 'queued'])
    await life.connection.opened()
    await until(() => expect(life.heard).toEqual(['idle', 'connecting', 'open', 'backoff']))
    const tooLate = expect.objectContaining({ code: 'ERR_ENDED' }) as Error
    const closed = life.connection.close()
    expect(life.connection.state).toBe('closing')
    expect(() => life.connection.send('closing')).toThrow(tooLate)
    await closed
    expect(() => life.connection.send('ended')).toThrow(tooLate)
  })

  test('expired messages of a long outage are dropped and reported, and the rest is sent in order (D08)', async () => {
    const got: unknown[] = []
    const server = await serve({ onMessage: (message) => void got.push(message) })
    await server.stopListening()
    const life = connect(over, server.url)
    life.connection.open()
    await next(life.connection, 'backoff')
    life.connection.send('price 1', { ttl: 20 })
    life.connection.send('order 1')
    life.connection.send('price 2', { ttl: 20 })
    life.connection.send('order 2', { ttl: 60_000 })
    await pause(100)
    await server.listenAgain()
    await life.connection.opened()
    await until(() => expect(got).toEqual(['order 1', 'order 2']))
    expect(life.dropped).toEqual([
      { data: 'price 1', reason: 'expired' },
      { data: 'price 2', reason: 'expired' },
    ])
  })

  test('after ten losses of every kind the counts balance: no queued message is lost or duplicated (D04)', async () => {
    const got: string[] = []
    const server = await serve({ onMessage: (message) => void got.push(message.toString()) })
    const life = connect(over, server.url)
    let uncertain = 0
    life.connection.on('close', (close) => (uncertain += close.uncertain.messages))
    const queued: string[] = []
    const sent: string[] = []
    let n = 0
    const say = (): void => {
      const message = `m${n++}`
      if (life.connection.send(message) === 'queued') queued.push(message)
      else sent.push(message)
    }
    await opened(life)
    const acts = [() => server.reset(), () => server.cut(), () => server.closeLinks(1012)]
    for (let round = 0; round < 10; round++) {
      for (let k = 0; k < 5; k++) say()
      const lost = next(life.connection, 'close')
      acts[round % acts.length]!()
      await lost
      for (let k = 0; k < 5; k++) say()
      await life.connection.opened()
    }
    life.connection.send('end')
    await until(() => expect(got).toContain('end'))
    expect(new Set(got).size).toBe(got.length)
    const missing = [...queued, ...sent].filter((message) => !got.includes(message))
    expect(missing.length).toBeLessThanOrEqual(uncertain)
    expect(got).toEqual([...got].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)) || 0))
    expect(life.dropped).toEqual([])
  })
})

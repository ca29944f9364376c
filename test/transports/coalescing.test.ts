import fc from 'fast-check'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { nextTick } from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import type { SendData, MessageData } from '../../src/core/transport.js'
import { wsTransport, type WsTransportOptions } from '../../src/transports/ws.js'
import { certificate, key } from './certificate.js'
import { startConformanceServer, type ConformanceServer } from './conformance-server.js'
import { bytesOf, Dialed, until } from './dialed.js'
import { watched as watchedAt, type Watched } from './watched.js'

let server: ConformanceServer
let secure: Server
beforeAll(async () => {
  server = await startConformanceServer()
  secure = createServer({ cert: certificate, key })
  new WebSocketServer({ server: secure }).on('connection', (peer) =>
    peer.on('message', (data, binary) => peer.send(data as Buffer, { binary })),
  )
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await server.close()
  secure.close()
  secure.closeAllConnections()
})

/** The sources of echoes, and what a socket there needs. */
const places = {
  'plain TCP': () => [`${server.url}/echo`, {}],
  'permessage-deflate': () => [`${server.url}/deflate`, { perMessageDeflate: true }],
  TLS: () => [`wss://localhost:${(secure.address() as AddressInfo).port}`, { rejectUnauthorized: false }],
} satisfies Record<string, () => [url: string, options: WsTransportOptions]>

const watched = (options: WsTransportOptions = {}, path = '/echo?id=watched'): Promise<Watched> =>
  watchedAt(`${server.url}${path}`, options)

const tickIsOver = (): Promise<void> => new Promise((resolve) => nextTick(resolve))
const loopHasTurned = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('messages of one tick', () => {
  it('leave in one write after the first, which is written immediately', async () => {
    const { dialed, writes } = await watched()
    const messages = Array.from({ length: 100 }, (_, id) => `message ${id}`)
    dialed.send(messages[0]!)
    expect(writes()).toBe(1)
    for (const message of messages.slice(1)) dialed.send(message)
    expect(writes()).toBe(1)
    await tickIsOver()
    expect(writes()).toBe(2)
    expect(await dialed.received(100)).toEqual(messages)
    dialed.abandon()
  })

  it('include those sent by every promise that settles in it', async () => {
    const { dialed, writes } = await watched()
    for (let id = 0; id < 20; id++) {
      dialed.send(`${id}`)
      await Promise.resolve()
    }
    await loopHasTurned()
    expect(writes()).toBe(2)
    await dialed.received(20)
    dialed.abandon()
  })

  it('leave one by one if coalesce is false', async () => {
    const { dialed, writes } = await watched({ coalesce: false })
    for (let id = 0; id < 20; id++) dialed.send(`${id}`)
    expect(writes()).toBe(20)
    await dialed.received(20)
    dialed.abandon()
  })

  it('are never held if each has a tick of its own', async () => {
    const { dialed, writes } = await watched()
    for (let id = 1; id <= 20; id++) {
      dialed.send(`${id}`)
      expect(writes()).toBe(id)
      await loopHasTurned()
    }
    dialed.abandon()
  })

  it('count in bufferedAmount until they are written', async () => {
    const { dialed } = await watched()
    dialed.send('first')
    let sent = 0
    for (let id = 0; id < 10; id++) {
      dialed.send('x'.repeat(id * 100))
      sent += id * 100
      expect(dialed.socket.bufferedAmount).toBeGreaterThanOrEqual(sent)
      // Each frame has a header of at most 14 bytes.
      expect(dialed.socket.bufferedAmount).toBeLessThanOrEqual(sent + 14 * (id + 1))
    }
    await loopHasTurned()
    expect(dialed.socket.bufferedAmount).toBe(0)
    dialed.abandon()
  })

  it('are all written before the socket is abandoned in that tick', async () => {
    const { dialed } = await watched({}, '/quiet?id=left')
    for (let id = 0; id < 50; id++) dialed.send('x'.repeat(100))
    dialed.abandon(4000, 'gone')
    const facts = async (): Promise<{ bytes: number; close: unknown }> => {
      const response = await fetch(`${server.url.replace('ws', 'http')}/facts?id=left`)
      return (await response.json()) as { bytes: number; close: unknown }
    }
    await until(async () => expect((await facts()).close).toEqual({ code: 4000, reason: 'gone' }))
    expect((await facts()).bytes).toBeGreaterThan(50 * 100)
  })

  it('precede the ping and the close frame sent after them', async () => {
    const { dialed } = await watched({}, '/echo?id=ordered')
    for (let id = 0; id < 10; id++) dialed.send(`${id}`)
    dialed.ping()
    dialed.close(3000, 'bye')
    await until(() => expect(dialed.types.at(-1)).toBe('closed'))
    // The peer answers in the order it reads.
    expect(dialed.types).toEqual(['opened', ...Array.from({ length: 10 }, () => 'message'), 'alive', 'closed'])
    expect(dialed.of('closed')[0]!.close).toEqual({ code: 3000, reason: 'bye', wasClean: true })
    expect(dialed.breaches).toEqual([])
  })

  it('that hit a reset end the socket once and throw nothing', async () => {
    const dialed = new Dialed(wsTransport(), { url: `${server.url}/reset-after-open` })
    dialed.onEntry = ({ type }) => {
      if (type === 'opened') for (let id = 0; id < 100; id++) dialed.send('x'.repeat(1_000))
    }
    await dialed.closed()
    expect(dialed.types.filter((type) => type === 'closed')).toHaveLength(1)
    expect(dialed.breaches).toEqual([])
  })
})

describe.each(Object.entries(places))('over %s', (_, place) => {
  /** The sizes at which frame headers, masks and the code path through `ws` change. */
  const size = fc.constantFrom(0, 1, 64, 125, 126, 256, 257, 1_024, 65_535, 65_536, 100_000)
  const message = fc.record({
    size,
    kind: fc.constantFrom('ascii' as const, 'text' as const, 'bytes' as const, 'blob' as const),
    endsTick: fc.boolean(),
  })

  it('all messages arrive whole and in order, whichever tick sends them', async () => {
    const [url, options] = place()
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 30 }), async (messages) => {
        const dialed = await new Dialed(wsTransport(options), { url }).opened()
        const sent: SendData[] = []
        for (const [id, { size: length, kind, endsTick }] of messages.entries()) {
          const bytes = new Uint8Array(length).fill(id + 1)
          const data = { ascii: 'x'.repeat(length), text: 'é'.repeat(length), bytes, blob: new Blob([bytes]) }[kind]
          sent.push(data)
          dialed.send(data)
          if (endsTick) await loopHasTurned()
        }
        const received = await dialed.received(sent.length)
        dialed.abandon()
        const plain = async (data: SendData | MessageData): Promise<unknown> =>
          typeof data === 'string' ? data : bytesOf(data)
        for (const [at, each] of sent.entries()) expect(await plain(received[at]!)).toEqual(await plain(each))
      }),
      { numRuns: 15 },
    )
  })
})

// Messages that are too big, malformed, or not in the app's format.
import { describe, expect, test } from 'vitest'
import { faults, frame, illegalFrames } from '../../src/tools/testing/index.js'
import { wsTransport } from '../../src/transports/ws.js'
import { connect, ended, next, oneLinkAtATime, opened, overs, overWs, serve, until } from './support/room.js'

const broken = ['badUtf8', 'reservedBits', 'badOpcode', 'strayContinuation', 'fragmentedPing'] as const

describe.each(overs)('over $name', (over) => {
  test.each(broken)(
    'a malformed frame (%s) causes one loss with 1006, and messages before it are delivered (P02)',
    async (kind) => {
      const server = await serve()
      server.use({ fault: faults.firstFrameWithUpgrade('whole'), times: 1 })
      const life = connect(over, server.url)
      await opened(life)
      await until(() => expect(life.heard).toEqual(['whole']))
      server.sendRaw(illegalFrames[kind]())
      expect(await next(life.connection, 'close')).toMatchObject({ code: 1006, wasClean: false, willRetry: true })
      await life.connection.opened()
      expect(life.closes).toHaveLength(1)
      expect(life.heard).toEqual(['whole'])
      oneLinkAtATime(over, server)
    },
  )

  test('a server that sends only malformed frames is not hammered (P02)', async () => {
    const server = await serve()
    server.use(faults.sendRaw(illegalFrames.badUtf8()))
    const life = connect(over, server.url, { retry: ({ attempt }) => attempt < 5 })
    life.connection.open()
    await ended(life)
    expect(life.closes.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5])
    expect(server.counts.requested).toBe(5)
  })

  test('a message too big for the server ends the connection, as it would be too big again (P01)', async () => {
    const server = await serve({ ws: { maxPayload: 1_000 } })
    const life = connect(over, server.url)
    await opened(life)
    life.connection.send('x'.repeat(1_001))
    await ended(life)
    expect(life.closes).toMatchObject([{ code: 1009, willRetry: false, uncertain: { messages: 1, bytes: 1_001 } }])
    expect(server.counts.requested).toBe(1)
  })

  test.each(['arraybuffer', 'blob'] as const)(
    'text and binary keep their order, binary as %s (P05)',
    async (binaryType) => {
      const server = await serve()
      const life = connect(over, server.url, { binaryType })
      await opened(life)
      for (let n = 0; n < 20; n++) server.send(n % 3 === 0 ? Buffer.from(`${n}`) : `${n}`)
      await until(() => expect(life.heard).toHaveLength(20))
      const texts = life.heard.map((each) => (typeof each === 'string' ? each : new Response(each).text()))
      expect(await Promise.all(texts)).toEqual(Array.from({ length: 20 }, (_, n) => `${n}`))
      expect(life.heard.every((each, n) => (typeof each === 'string') === (n % 3 !== 0))).toBe(true)
    },
  )

  test('a message the codec rejects causes an error event, and the link stays open (P04)', async () => {
    const server = await serve()
    const life = connect<unknown>(over, server.url, {
      codec: { encode: String, decode: (data) => JSON.parse(data as string) as unknown },
      expectedErrors: ['ERR_DECODE'],
    })
    await opened(life)
    server.send('{"n":1}')
    server.send('<html>')
    server.send(Uint8Array.of(1, 2))
    server.send('{"n":2}')
    await until(() => expect(life.heard).toEqual([{ n: 1 }, { n: 2 }]))
    expect(life.errors.map(({ code }) => code)).toEqual(['ERR_DECODE', 'ERR_DECODE'])
    expect(life.closes).toEqual([])
  })
})

describe('over ws', () => {
  test('a received message larger than maxPayload ends the connection (P01)', async () => {
    const server = await serve()
    server.use(faults.firstFrameWithUpgrade('x'.repeat(1_001)))
    const life = connect(overWs, server.url, { transport: wsTransport({ maxPayload: 1_000 }) })
    life.connection.open()
    await ended(life)
    expect(life.closes).toMatchObject([{ code: 1006, willRetry: false, error: { code: 'ERR_SOCKET' } }])
    expect(server.counts.requested).toBe(1)
  })

  test('a frame with an impossible length ends the connection, however little of it arrives (P01)', async () => {
    const server = await serve()
    server.use(faults.sendRaw(illegalFrames.unfinished(2 ** 53 - 1)))
    const life = connect(overWs, server.url)
    life.connection.open()
    await ended(life)
    expect(life.closes).toMatchObject([{ willRetry: false }])
  })

  test('an invalid compressed message causes one loss, and compression is off by default (P03)', async () => {
    const server = await serve({ ws: { perMessageDeflate: { threshold: 0 } } })
    const life = connect(overWs, server.url, { transport: wsTransport({ perMessageDeflate: true }) })
    await opened(life)
    expect(life.connection.extensions).toContain('permessage-deflate')
    server.sendRaw(frame({ opcode: 1, reserved: 4, payload: 'not deflated at all' }))
    expect(await next(life.connection, 'close')).toMatchObject({ code: 1006, willRetry: true })
    await life.connection.opened()
    const plain = connect(overWs, server.url)
    await opened(plain)
    expect(plain.connection.extensions).toBe('')
    plain.connection.send('as it is')
    await until(() => expect(plain.heard).toEqual(['as it is']))
  })
})

// The programs of docs/json.md.
import { describe, expect, it } from 'vitest'
import { createConnection, type Connection } from '../../src/index.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { settle } from '../../src/tools/testing/clock.js'
import { blocksOn, runBlock } from './programs.js'

const [codec, schema, heartbeat] = blocksOn('json.md')

describe('the codec', () => {
  async function open() {
    const shown: string[] = []
    const { exports, accept } = await runBlock<{ feed: Connection<unknown, unknown> }>(codec, {
      show: (text: string) => void shown.push(text),
    })
    return { shown, feed: exports.feed, socket: await accept() }
  }

  it('sends objects as JSON, and passes parsed objects to listeners', async () => {
    const { shown, socket } = await open()
    expect(socket.sent).toEqual(['{"subscribe":"trades"}'])
    socket.message('{"symbol":"ACME","price":42}')
    expect(shown).toEqual(['ACME: 42'])
  })

  it.each([
    ['JSON of another shape', '{"symbol":"ACME","price":"42"}', 'TypeError: not a trade'],
    ['null', 'null', 'TypeError: not a trade'],
    ['no JSON', 'hello', 'SyntaxError'],
    ['a binary message', new ArrayBuffer(4), 'SyntaxError'],
  ])('skips %s, reports it, and keeps the link open', async (_, message, cause) => {
    const { shown, feed, socket } = await open()
    socket.message(message)
    expect(shown).toEqual([expect.stringContaining(`skipped a message: ${cause}`)])
    socket.message('{"symbol":"ACME","price":42}')
    expect([shown[1], feed.state]).toEqual(['ACME: 42', 'open'])
  })

  it('throws ERR_ENCODE from send for a value JSON cannot represent, and sends nothing', async () => {
    const { feed, socket } = await open()
    expect(() => feed.send({ subscribe: 1n })).toThrow(expect.objectContaining({ code: 'ERR_ENCODE' }))
    expect(socket.sent).toHaveLength(1)
  })
})

describe('the codec from a schema', () => {
  interface Json {
    json(schema: unknown): { encode(message: unknown): string; decode(data: unknown): unknown }
  }
  const numbers = (validate: (value: unknown) => unknown) => ({ '~standard': { version: 1, vendor: 'test', validate } })
  const number = numbers((value) =>
    typeof value === 'number' ? { value: value * 2 } : { issues: [{ message: 'not a number' }, { message: 'at all' }] },
  )

  it('returns what the schema outputs', async () => {
    const { exports } = await runBlock<Json>(schema)
    const { encode, decode } = exports.json(number)
    expect([encode({ a: 1 }), decode('21')]).toEqual(['{"a":1}', 42])
  })

  it('throws the issues of an invalid message', async () => {
    const { exports } = await runBlock<Json>(schema)
    expect(() => exports.json(number).decode('"21"')).toThrow(new TypeError('not a number; at all'))
  })

  it('throws for an asynchronous schema', async () => {
    const { exports } = await runBlock<Json>(schema)
    const late = numbers(() => Promise.resolve({ value: 1 }))
    expect(() => exports.json(late).decode('1')).toThrow('synchronous')
  })

  it('works in a connection', async () => {
    const { exports } = await runBlock<Json>(schema)
    const transport = new FakeTransport()
    const feed = createConnection('ws://server.test/', { transport, codec: exports.json(number) })
    const seen: unknown[] = []
    feed.on('message', (message) => void seen.push(message))
    feed.on('error', ({ code }) => void seen.push(code))
    await settle()
    transport.last.accept()
    await settle()
    for (const text of ['21', '"x"']) transport.last.message(text)
    expect(seen).toEqual([42, 'ERR_DECODE'])
    void feed.close()
  })
})

it("the codec is not called for a ping's answer, and is called for an unsolicited pong", async () => {
  const { exports, accept, clock } = await runBlock<{ feed: Connection<unknown, object> }>(heartbeat)
  const seen: unknown[] = []
  exports.feed.on('message', (message) => void seen.push(message))
  const socket = await accept()
  socket.message('{"type":"pong"}')
  expect(seen).toEqual([{ type: 'pong' }])
  await clock.advance(20_000)
  expect(socket.sent).toContain('{"type":"ping"}')
  socket.message('{"type":"pong"}')
  expect(seen).toHaveLength(1)
})

it('a promise returned by a codec is reported', async () => {
  const transport = new FakeTransport()
  const feed = createConnection('ws://server.test/', {
    transport,
    codec: { encode: String, decode: () => Promise.resolve(1) },
  })
  const codes: string[] = []
  feed.on('error', ({ code }) => void codes.push(code))
  await settle()
  transport.last.accept()
  await settle()
  transport.last.message('1')
  expect(codes).toEqual(['ERR_DECODE'])
  void feed.close()
})

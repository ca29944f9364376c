import { describe, expect, it } from 'vitest'
import {
  createFaultServer,
  faults,
  frame,
  illegalFrames,
  type Link,
} from '../../../src/tools/testing/fault-server/index.js'
import { Client, eventually, RawClient } from './fault-server-clients.js'

const isAct =
  (name: string) =>
  (entry: { what: string; detail: object }): boolean =>
    entry.what === 'act' && 'name' in entry.detail && entry.detail.name === name

describe('swallow', () => {
  it('holds data in both directions until heal, which delivers it in order', async () => {
    await using server = await createFaultServer()
    const client = await new Client(server.url).opened()
    server.swallow()
    client.socket.send('1')
    client.socket.send('2')
    await eventually(() => server.counts.swallowedBytes === 14)
    expect(server.counts.messagesIn).toBe(0)
    server.heal()
    client.socket.send('3')
    await client.received(3)
    expect(client.messages).toEqual(['1', '2', '3'])
    const told = server.log.filter(({ what }) => what === 'act' || what.startsWith('frame'))
    expect(told[1]).toMatchObject({ what: 'act', detail: { name: 'heal' } })
  })

  it('works in one direction: with in, the endpoint receives nothing but can send', async () => {
    await using server = await createFaultServer({ onConnection: () => {} })
    const client = await new Client(server.url).opened()
    server.swallow('in')
    client.socket.send('lost on the way')
    await server.until('swallowed')
    server.links[0]?.socket?.send('from the endpoint')
    await client.received(1)
    expect(server.counts).toMatchObject({ messagesIn: 0, messagesOut: 1 })
  })

  it('works in one direction: with out, the endpoint receives but cannot send', async () => {
    await using server = await createFaultServer()
    const client = await new Client(server.url).opened()
    server.swallow('out')
    client.socket.send('x')
    expect((await server.until('swallowed')).detail).toEqual({ direction: 'out', bytes: 2, lost: false })
    expect(server.counts).toMatchObject({ messagesIn: 1, messagesOut: 0 })
    server.heal()
    await client.received(1)
  })

  it("hides the client's end from the endpoint until heal", async () => {
    await using server = await createFaultServer()
    const client = await new Client(server.url).opened()
    const link = server.links[0]
    server.swallow()
    client.socket.terminate()
    await server.until('client.gone')
    expect(server.counts.open).toBe(0)
    await new Client(server.url).opened()
    expect(link?.socket?.readyState).toBe(client.socket.OPEN)
    expect(server.links).toHaveLength(2)
    server.heal()
    expect((await server.until('closed')).link).toBe(1)
    expect(link?.socket?.readyState).toBe(client.socket.CLOSED)
  })

  it("hides the endpoint's end from the client until heal", async () => {
    await using server = await createFaultServer()
    const client = await new Client(server.url).opened()
    server.swallow()
    server.links[0]?.socket?.terminate()
    await server.until('endpoint.gone')
    const other = await new Client(server.url).opened()
    other.socket.send('a round trip later')
    await other.received(1)
    expect(client.events).toEqual(['open'])
    server.heal()
    await client.closed()
    expect(client.closeCode).toBe(1006)
  })

  it('with lose resets the link at heal, because the stream has a gap', async () => {
    await using server = await createFaultServer()
    const raw = new RawClient(server.port).upgrade()
    await eventually(() => raw.text !== '')
    server.swallow('both', { lost: true })
    raw.socket.write('gone for ever')
    expect((await server.until('swallowed')).detail).toEqual({ direction: 'in', bytes: 13, lost: true })
    expect(raw.error).toBeUndefined()
    server.heal()
    await raw.closed()
    expect(raw.error).toBe('ECONNRESET')
  })

  it('with lose does no harm if no data was sent meanwhile', async () => {
    await using server = await createFaultServer()
    const client = await new Client(server.url).opened()
    server.swallow('both', { lost: true })
    server.heal()
    client.socket.send('x')
    await client.received(1)
  })

  it('discards held data if lose is set afterwards', async () => {
    await using server = await createFaultServer()
    const client = await new Client(server.url).opened()
    server.swallow()
    client.socket.send('x')
    await server.until('swallowed')
    server.swallow('both', { lost: true })
    expect(server.counts.swallowedBytes).toBe(7)
    server.heal()
    await client.closed()
  })

  it('holds no more than the window, then applies backpressure to the client', async () => {
    await using server = await createFaultServer({ window: 100_000 })
    const client = await new Client(server.url).opened()
    server.swallow()
    client.socket.send(Buffer.alloc(30_000_000))
    await eventually(() => server.counts.swallowedBytes >= 100_000)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(server.counts.swallowedBytes).toBeLessThan(300_000)
    expect(client.socket.bufferedAmount).toBeGreaterThan(1_000_000)
    server.heal()
    await client.received(1)
  })

  it('starts with the upgrade, or later, as a rule', async () => {
    await using server = await createFaultServer()
    server.use({ fault: faults.swallow(), times: 1 })
    server.use({ fault: faults.swallow('in', { after: 1, lost: true }) })
    const client = await new Client(server.url).opened()
    client.socket.send('x')
    await server.until('swallowed')
    await new Client(server.url).opened()
    await server.until((entry) => isAct('swallow')(entry) && entry.link === 2)
    expect(server.counts.messagesIn).toBe(0)
  })
})

describe('partition', () => {
  it('cuts existing and future links, and heal restores both', async () => {
    await using server = await createFaultServer()
    const before = await new Client(server.url).opened()
    server.partition()
    before.socket.send('x')
    const during = new Client(server.url)
    await server.until('accepted', { nth: 2 })
    await server.until('swallowed')
    expect(server.counts.requested).toBe(1)
    server.heal()
    await during.opened()
    await before.received(1)
    await new Client(server.url).opened()
  })
})

describe('delay and throttle', () => {
  it('delay on an open link delays each direction equally', async () => {
    await using server = await createFaultServer()
    const client = await new Client(server.url).opened()
    server.delay(40)
    const start = performance.now()
    client.socket.send('x')
    await client.received(1)
    expect(performance.now() - start).toBeGreaterThan(70)
  })

  it('a shorter delay never reorders data', async () => {
    await using server = await createFaultServer()
    const client = await new Client(server.url).opened()
    server.delay(60)
    client.socket.send('first')
    await server.until(isAct('delay'))
    await new Promise((resolve) => setTimeout(resolve, 10))
    server.delay(0)
    client.socket.send('second')
    await client.received(2)
    expect(client.messages).toEqual(['first', 'second'])
  })

  it('a delay function causes jitter without reordering', async () => {
    await using server = await createFaultServer()
    const client = await new Client(server.url).opened()
    server.delay(() => Math.random() * 10)
    const sent = Array.from({ length: 50 }, (_, n) => String(n))
    for (const text of sent) {
      client.socket.send(text)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await client.received(50)
    expect(client.messages).toEqual(sent)
  })

  it('heal releases delayed data immediately', async () => {
    await using server = await createFaultServer()
    const client = await new Client(server.url).opened()
    server.delay(600_000)
    client.socket.send('x')
    await new Promise((resolve) => setTimeout(resolve, 10))
    server.heal()
    await client.received(1)
  })

  it('throttle limits the rate and keeps the data intact', async () => {
    await using server = await createFaultServer()
    const client = await new Client(server.url).opened()
    server.throttle(100_000, 'out')
    const data = Buffer.alloc(40_000, 'abc')
    const start = performance.now()
    client.socket.send(data)
    await client.received(1)
    expect(performance.now() - start).toBeGreaterThan(300)
    expect(data.equals(client.messages[0] as Buffer)).toBe(true)
  })

  it('throttle slows the sender down instead of buffering', async () => {
    await using server = await createFaultServer()
    const client = await new Client(server.url).opened()
    server.throttle(1_000, 'out')
    const endpoint = server.links[0]?.socket
    endpoint?.send(Buffer.alloc(5_000_000))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(endpoint?.bufferedAmount).toBeGreaterThan(4_500_000)
    server.throttle(Infinity)
    await client.received(1)
  })

  it('a close frame arrives after a backlog, however slow', async () => {
    await using server = await createFaultServer({
      onConnection: (socket) => {
        socket.send('x'.repeat(30_000))
        socket.close(4_001, 'done')
      },
    })
    server.use(faults.throttle(200_000, 'out'))
    const client = await new Client(server.url).closed()
    expect(client).toMatchObject({ events: ['open', 'message', 'close'], closeCode: 4_001, closeReason: 'done' })
  })

  it.each([
    [(link: { delay(ms: number): void }) => link.delay(-1)],
    [(link: { delay(ms: number): void }) => link.delay(2 ** 31)],
    [(link: { throttle(rate: number): void }) => link.throttle(0)],
    [(link: { swallow(direction: never): void }) => link.swallow('sideways' as never)],
  ])('an invalid value is rejected: %s', async (act) => {
    await using server = await createFaultServer()
    await new Client(server.url).opened()
    expect(() => act(server)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
  })
})

describe('frames', () => {
  it('of a kind are dropped, and the others pass', async () => {
    await using server = await createFaultServer({
      onConnection: (socket) => {
        // A message in three frames with a control frame among them: the whole message is dropped, the ping passes.
        socket.send('lost ', { fin: false })
        socket.ping()
        socket.send('for ', { fin: false })
        socket.send('ever', { fin: true })
        socket.send(Buffer.from('kept'))
        socket.send('lost too')
        socket.send(Buffer.from('kept too'))
      },
    })
    server.use(faults.drop('out', 'text'))
    const client = await new Client(server.url).received(2)
    expect(client.events).toEqual(['open', 'ping', 'message', 'message'])
    expect(client.messages.map(String)).toEqual(['kept', 'kept too'])
    expect(server.counts).toMatchObject({ droppedFrames: 4, messagesOut: 2 })
  })

  it('are all delivered but pongs under noPong, until heal', async () => {
    await using server = await createFaultServer()
    server.use(faults.noPong())
    const client = await new Client(server.url).opened()
    client.socket.ping()
    await server.until('frame.dropped')
    client.socket.send('x')
    await client.received(1)
    expect(client.events).toEqual(['open', 'message'])
    server.heal()
    client.socket.ping()
    await eventually(() => client.events.includes('pong'))
  })

  it('keep flowing under ignoreClose, which never answers a closing handshake', async () => {
    await using server = await createFaultServer()
    const client = await new Client(server.url).opened()
    server.ignoreClose()
    client.socket.close(1000)
    expect((await server.until('frame.dropped')).detail).toMatchObject({ direction: 'in', kind: 'close' })
    const link = server.links[0]
    link?.socket?.send('still here')
    await client.received(1)
    expect(client.socket.readyState).toBe(client.socket.CLOSING)
    expect(link?.socket?.readyState).toBe(client.socket.OPEN)
  })

  it('can be injected between those of the endpoint, even when one is partly written', async () => {
    await using server = await createFaultServer({ window: 20_000 })
    const client = await new Client(server.url).opened()
    const link = server.links[0]
    server.throttle(1_000_000, 'out')
    link?.socket?.send(Buffer.alloc(200_000, 'x'))
    link?.socket?.send('last')
    link?.send('by hand')
    link?.ping()
    await client.received(3)
    expect(client.events).toEqual(['open', 'message', 'message', 'ping', 'message'])
    expect(client.messages.map((message) => message.length)).toEqual([200_000, 7, 4])
  })

  it.each([
    ['bad UTF-8', illegalFrames.badUtf8(), /invalid UTF-8/],
    ['reserved bits', illegalFrames.reservedBits(), /RSV2 and RSV3 must be clear|RSV1 must be clear/],
    ['an unknown opcode', illegalFrames.badOpcode(), /invalid opcode 3/],
    ['a masked frame', illegalFrames.masked(), /MASK must be clear/],
    ['a ping in pieces', illegalFrames.fragmentedPing(), /FIN must be set/],
    ['a continuation of nothing', illegalFrames.strayContinuation(), /invalid opcode 0/],
    ['half a close code', illegalFrames.halfCloseCode(), /invalid payload length 1/],
    ['close code 999', illegalFrames.closeCode(999), /invalid status code 999/],
    ['close code 1005', illegalFrames.closeCode(1005), /invalid status code 1005/],
    ['close code 5000', illegalFrames.closeCode(5000), /invalid status code 5000/],
    ['a frame too long to be', frame({ opcode: 2, length: 2 ** 53 - 1 }), /Unsupported WebSocket frame|Max payload/],
  ])('that are illegal reach the client unchanged: %s', async (_what, bytes, message) => {
    await using server = await createFaultServer()
    server.use(faults.sendRaw(bytes))
    const client = await new Client(server.url).closed()
    expect(client.errors[0]?.message).toMatch(message)
    expect(client.closeCode).toBe(1006)
  })
})

describe('an accepted link', () => {
  it('can be closed with any code and reason', async () => {
    await using server = await createFaultServer()
    server.use({ fault: faults.acceptThenClose(1012, 'restart'), times: 1 })
    server.use({ fault: faults.acceptThenClose(1013, 'later', { after: 5 }), times: 1 })
    server.use({ fault: faults.acceptThenClose(999), times: 1 })
    const first = await new Client(server.url).closed()
    expect(first).toMatchObject({ events: ['open', 'close'], closeCode: 1012, closeReason: 'restart' })
    const second = await new Client(server.url).closed()
    expect(second).toMatchObject({ events: ['open', 'close'], closeCode: 1013, closeReason: 'later' })
    const third = await new Client(server.url).closed()
    expect(third.errors[0]?.message).toContain('invalid status code 999')
    await server.until('closed', { nth: 3 })
    expect(server.links).toEqual([])
  })

  it('can be reset', async () => {
    await using server = await createFaultServer()
    server.use({ fault: faults.acceptThenReset(), times: 1 })
    server.use({ fault: faults.acceptThenReset({ after: 20 }) })
    await new RawClient(server.port).upgrade().closed()
    const raw = await new RawClient(server.port).upgrade().closed()
    expect(raw.error).toBe('ECONNRESET')
    const client = await new Client(server.url).closed()
    expect(client).toMatchObject({ events: ['open', 'close'], closeCode: 1006 })
  })

  it('can be killed without a close frame', async () => {
    await using server = await createFaultServer()
    server.use({ fault: faults.kill({ after: 1 }) })
    const raw = await new RawClient(server.port).upgrade().closed()
    expect(raw).toMatchObject({ ended: true, error: undefined })
    const client = await new Client(server.url).closed()
    expect(client).toMatchObject({ events: ['open', 'close'], closeCode: 1006, errors: [] })
  })

  it('can be reset, cut or closed individually, or with all others', async () => {
    await using server = await createFaultServer()
    const dial = () => new Client(server.url).opened()
    const [a, b, c, d, e] = [await dial(), await dial(), await dial(), await dial(), await dial()]
    server.links[0]?.reset()
    await a.closed()
    expect(a.closeCode).toBe(1006)
    await server.until('closed')
    server.links[0]?.cut()
    await b.closed()
    expect(b).toMatchObject({ errors: [], closeCode: 1006 })
    await server.until('closed', { nth: 2 })
    server.links[0]?.close(4_002, 'bye')
    await c.closed()
    expect(c).toMatchObject({ closeCode: 4_002, closeReason: 'bye' })
    expect(d.events).toEqual(['open'])
    server.send('to all')
    await Promise.all([d.received(1), e.received(1)])
    server.closeLinks(1001)
    await Promise.all([d.closed(), e.closed()])
    expect([d.closeCode, e.closeCode]).toEqual([1001, 1001])
    await server.until('closed', { nth: 5 })
    expect(server.counts).toMatchObject({ open: 0, maxOpen: 5 })
  })

  it('is over when its reset immediately follows its end', async () => {
    await using server = await createFaultServer()
    const requested = (link: Link): 'answered' => {
      link.respond(Buffer.from('x'))
      link.reset()
      return 'answered'
    }
    server.use({ name: 'end, then reset', requested })
    await new Client(server.url).closed()
    await server.until('closed')
    expect(server.links).toEqual([])
  })

  it('is reset immediately even while all data is held', async () => {
    await using server = await createFaultServer()
    const client = await new Client(server.url).opened()
    server.swallow()
    server.reset()
    await client.closed()
    await server.until('closed')
  })

  it("reports the client's reset to the endpoint", async () => {
    await using server = await createFaultServer()
    const raw = new RawClient(server.port).upgrade()
    await server.until('upgraded')
    const { socket } = server.links[0] ?? {}
    raw.socket.resetAndDestroy()
    expect((await server.until('client.gone')).detail).toEqual({ how: 'reset' })
    await server.until('closed')
    expect(socket?.readyState).toBe(socket?.CLOSED)
  })

  it('runs no timer once it is over', async () => {
    await using server = await createFaultServer()
    const client = await new Client(server.url).opened()
    let ran = false
    server.links[0]?.after(20, () => (ran = true))
    client.socket.terminate()
    await server.until('closed')
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect(ran).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import { createFaultServer, faults } from '../../../src/tools/testing/fault-server/index.js'
import { Client, eventually, RawClient } from './fault-server-clients.js'
import { run } from '../../support/processes.js'

describe('the built-in endpoint', () => {
  it('listens on a free port of the loopback interface and echoes text as text, bytes as bytes', async () => {
    await using server = await createFaultServer()
    expect(server.url).toBe(`ws://127.0.0.1:${server.port}`)
    const client = await new Client(server.url).opened()
    client.socket.send('hello')
    client.socket.send(Buffer.from([1, 2, 3]))
    await client.received(2)
    expect(client.messages).toEqual(['hello', Buffer.from([1, 2, 3])])
  })

  it('passes every message to onMessage instead of echoing it', async () => {
    await using server = await createFaultServer({
      onMessage: (message, socket, link) => socket.send(`${link.request.path} said ${String(message)}`),
    })
    const client = await new Client(`${server.url}/feed?a=1`).opened()
    client.socket.send('hello')
    await client.received(1)
    expect(client.messages).toEqual(['/feed?a=1 said hello'])
  })

  it('leaves everything to onConnection if given', async () => {
    await using server = await createFaultServer({
      onConnection: (socket, request, link) => socket.send(`welcome ${link.id} ${String(request.headers['x-who'])}`),
    })
    const client = await new Client(server.url, { headers: { 'x-who': 'me' } }).opened()
    client.socket.send('not echoed')
    await server.until('frame.in')
    client.socket.ping()
    await eventually(() => client.events.includes('pong'))
    expect(client.messages).toEqual(['welcome 1 me'])
  })

  it('accepts options of ws, such as the choice of a subprotocol', async () => {
    await using server = await createFaultServer({ ws: { handleProtocols: () => 'b' } })
    const client = await new Client(server.url, { protocols: ['a', 'b'] }).opened()
    expect(client.socket.protocol).toBe('b')
    expect((await server.until('upgraded')).detail.protocol).toBe('b')
  })

  it('answers a plain HTTP request with 426', async () => {
    await using server = await createFaultServer()
    const response = await fetch(server.url.replace('ws', 'http'))
    expect(response.status).toBe(426)
    expect((await server.until('answered')).detail.status).toBe(426)
  })

  it('echoes a message of many megabytes', async () => {
    await using server = await createFaultServer()
    const client = await new Client(server.url).opened()
    const big = Buffer.alloc(12_000_000, 'abcdefg')
    client.socket.send(big)
    await client.received(1)
    expect(big.equals(client.messages[0] as Buffer)).toBe(true)
  })

  it('uses permessage-deflate if configured', async () => {
    await using server = await createFaultServer({ ws: { perMessageDeflate: true } })
    const client = await new Client(server.url).opened()
    expect(client.socket.extensions).toContain('permessage-deflate')
    client.socket.send('x'.repeat(5_000))
    await client.received(1)
    expect(server.counts).toMatchObject({ messagesIn: 1, messagesOut: 1 })
  })

  it('survives a client that sends illegal frames', async () => {
    await using server = await createFaultServer()
    const raw = new RawClient(server.port).upgrade()
    await server.until('upgraded')
    raw.socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))
    await raw.closed()
    const client = await new Client(server.url).opened()
    expect(client.socket.readyState).toBe(client.socket.OPEN)
  })
})

describe('a request', () => {
  it.each([
    ['a TLS handshake', Buffer.from([0x16, 3, 1, 2, 0, 1])],
    ['something that is not HTTP', Buffer.from('HELO example.org\r\n\r\n')],
    ['an endless head', Buffer.from(`GET / HTTP/1.1\r\nx: ${'y'.repeat(70_000)}`)],
  ])('that is %s is rejected with 400', async (_what, bytes) => {
    await using server = await createFaultServer()
    const raw = new RawClient(server.port)
    raw.socket.write(bytes)
    await raw.closed()
    expect(raw.text).toMatch(/^HTTP\/1\.1 400 /)
    await server.until('malformed')
  })

  it('may come in pieces, with the first frame in the last one', async () => {
    await using server = await createFaultServer()
    const raw = new RawClient(server.port)
    const head =
      'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
    const masked = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])
    raw.socket.setNoDelay(true)
    raw.socket.write(head.slice(0, 30))
    await server.until('accepted')
    await new Promise((resolve) => setTimeout(resolve, 10))
    raw.socket.write(Buffer.concat([Buffer.from(head.slice(30)), masked]))
    await server.until('frame.out')
    await eventually(() => raw.text.endsWith('\x81\x02hi'))
  })
})

describe('the log', () => {
  it('records the life of a link in order', async () => {
    await using server = await createFaultServer()
    const client = await new Client(`${server.url}/a`).opened()
    client.socket.send('x')
    await client.received(1)
    client.socket.close(4_000)
    await server.until('closed')
    const told = server.log.filter((entry) => entry.link === 1).map((entry) => entry.what)
    expect(told.slice(0, 5)).toEqual(['accepted', 'requested', 'upgraded', 'frame.in', 'frame.out'])
    expect(told.slice(-1)).toEqual(['closed'])
    expect(told).toContain('client.gone')
    expect(server.log.map((entry) => entry.seq)).toEqual(server.log.map((_, index) => index))
    const times = server.log.map((entry) => entry.at)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  it('counts its entries', async () => {
    await using server = await createFaultServer()
    const first = await new Client(server.url).opened()
    const second = await new Client(server.url).opened()
    first.socket.send('1')
    second.socket.send('2')
    await Promise.all([first.received(1), second.received(1)])
    first.socket.close()
    await first.closed()
    await server.until('closed')
    expect(server.counts).toEqual({
      accepted: 2,
      requested: 2,
      upgraded: 2,
      open: 1,
      maxOpen: 2,
      messagesIn: 2,
      messagesOut: 2,
      droppedFrames: 0,
      swallowedBytes: 0,
    })
    expect(server.links.map((link) => link.id)).toEqual([2])
  })

  it('finds past entries, the n-th of them, and only those after another', async () => {
    await using server = await createFaultServer()
    await new Client(server.url).opened()
    await new Client(server.url).opened()
    expect((await server.until('upgraded')).link).toBe(1)
    const second = await server.until('upgraded', { nth: 2 })
    expect(second.link).toBe(2)
    const later = server.until('upgraded', { after: second })
    await new Client(server.url).opened()
    expect((await later).link).toBe(3)
    expect((await server.until((entry) => entry.link === 2)).what).toBe('accepted')
  })

  it('says how the wait ended if the expected entry never comes', async () => {
    await using server = await createFaultServer()
    await new Client(server.url).opened()
    await expect(server.until('closed', { timeout: 20 })).rejects.toThrow(
      /Waited 20 ms while waiting for 'closed' \(0 of 1 seen\)[^]*upgraded/,
    )
  })

  it('rejects pending waits on close', async () => {
    const server = await createFaultServer()
    const waiting = expect(server.until('upgraded')).rejects.toThrow(/The server was closed/)
    await server.close()
    await waiting
  })

  it('rejects when the predicate throws, then or later', async () => {
    await using server = await createFaultServer()
    const bad = (): boolean => {
      throw new RangeError('bad')
    }
    await expect(server.until(bad)).rejects.toThrow('bad')
    const later = expect(server.until((entry) => entry.what === 'accepted' && bad())).rejects.toThrow('bad')
    const client = await new Client(server.url).opened()
    await later
    expect(client.events).toEqual(['open'])
  })

  it('is delivered to listeners as it is written, until they unsubscribe', async () => {
    await using server = await createFaultServer()
    const heard: string[] = []
    const off = server.on((entry) => heard.push(entry.what))
    await new Client(server.url).opened()
    off()
    await new Client(server.url).opened()
    expect(heard).toEqual(['accepted', 'requested', 'upgraded'])
  })

  it('discards the oldest entries, and all frame entries if configured', async () => {
    await using server = await createFaultServer({ logLimit: 8, logFrames: false })
    for (let dials = 0; dials < 10; dials += 1) {
      const client = await new Client(server.url).opened()
      client.socket.send('x')
      await client.received(1)
    }
    expect(server.log.length).toBeLessThanOrEqual(10)
    expect(server.log.some((entry) => entry.what === 'frame.in')).toBe(false)
    expect(server.counts.messagesIn).toBe(10)
  })
})

describe('stopListening', () => {
  it('refuses new clients and keeps open ones; listenAgain reuses the port', async () => {
    await using server = await createFaultServer()
    const { port } = server
    const before = await new Client(server.url).opened()
    await server.stopListening()
    expect(server.listening).toBe(false)
    const refused = await new Client(server.url).closed()
    expect(refused.errors[0]).toMatchObject({ code: 'ECONNREFUSED' })
    before.socket.send('still here')
    await before.received(1)
    await server.listenAgain()
    expect(server.port).toBe(port)
    await new Client(server.url).opened()
    expect(server.counts).toMatchObject({ accepted: 2, open: 2 })
  })
})

describe('close', () => {
  it('destroys every socket, answered or not, and can be called twice', async () => {
    const server = await createFaultServer()
    const open = await new Client(server.url).opened()
    server.use(faults.hang())
    const hung = new RawClient(server.port).upgrade()
    const silent = new RawClient(server.port)
    await server.until('requested', { nth: 2 })
    await server.until('accepted', { nth: 3 })
    await Promise.all([server.close(), server.close()])
    await Promise.all([open.closed(), hung.closed(), silent.closed()])
    expect(server.links).toEqual([])
    expect(server.counts.open).toBe(0)
    await expect(server.listenAgain()).rejects.toThrow(/closed/)
  })

  it('leaves nothing that keeps a process alive, whatever is in progress', async () => {
    const script = new URL('./fault-server-exit.ts', import.meta.url).pathname
    const { stdout } = await run(process.execPath, ['--import', 'tsx', script], { timeout: 20_000 })
    expect(stdout.trim().split('\n').at(-1)).toBe('closed with []')
  }, 30_000)
})

describe('options', () => {
  it.each([
    [{ prot: 1 }, /options.prot/],
    [{ window: 0 }, /window/],
    [{ upstream: 'https://example.org' }, /upstream/],
    [{ onMessage: 'echo' }, /onMessage/],
  ])('%j is rejected', async (options, message) => {
    await expect(createFaultServer(options as never)).rejects.toThrow(message)
    await expect(createFaultServer(options as never)).rejects.toMatchObject({ code: 'ERR_OPTION' })
  })

  it('a port in use rejects the promise', async () => {
    await using server = await createFaultServer()
    await expect(createFaultServer({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

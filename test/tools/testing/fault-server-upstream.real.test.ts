import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createFaultServer, faults } from '../../../src/tools/testing/fault-server/index.js'
import { Client, eventually, RawClient } from './fault-server-clients.js'

describe('in front of an upstream', () => {
  it('forwards path, headers and messages in both directions', async () => {
    await using upstream = await createFaultServer({
      onMessage: (message, socket, link) => socket.send(`${link.request.path} ${String(message)}`),
    })
    await using server = await createFaultServer({ upstream: upstream.url })
    const client = await new Client(`${server.url}/feed`).opened()
    client.socket.send('hello')
    await client.received(1)
    expect(client.messages).toEqual(['/feed hello'])
    expect(server.counts).toMatchObject({ upgraded: 1, messagesIn: 1, messagesOut: 1 })
    expect(server.links[0]?.socket).toBeUndefined()
  })

  it('applies rules and acts without involving the upstream', async () => {
    await using upstream = await createFaultServer()
    await using server = await createFaultServer({ upstream: new URL(upstream.url) })
    server.use({ fault: faults.http(503), times: 1 })
    expect((await new Client(server.url).closed()).status).toBe(503)
    expect(upstream.counts.accepted).toBe(0)
    const client = await new Client(server.url).opened()
    server.swallow()
    client.socket.terminate()
    await server.until('client.gone', { nth: 2 })
    expect(upstream.counts.open).toBe(1)
    server.heal()
    await upstream.until('closed')
    expect(upstream.counts.open).toBe(0)
  })

  it('closes with a forged close frame, and both sides disconnect', async () => {
    await using upstream = await createFaultServer()
    await using server = await createFaultServer({ upstream: upstream.url })
    server.use(faults.acceptThenClose(4_003, 'forged'))
    const client = await new Client(server.url).closed()
    expect(client).toMatchObject({ closeCode: 4_003, closeReason: 'forged' })
    await Promise.all([server.until('closed'), upstream.until('closed')])
  })

  it('forwards the upstream’s refusal', async () => {
    await using upstream = await createFaultServer()
    upstream.use(faults.http(401))
    await using server = await createFaultServer({ upstream: upstream.url })
    expect((await new Client(server.url).closed()).status).toBe(401)
    expect((await server.until('answered')).detail).toEqual({ status: 401 })
  })

  it('forwards the upstream’s reset', async () => {
    await using upstream = await createFaultServer()
    await using server = await createFaultServer({ upstream: upstream.url })
    const raw = new RawClient(server.port).upgrade()
    await eventually(() => raw.text !== '')
    upstream.reset()
    await raw.closed()
    expect(raw.error).toBe('ECONNRESET')
    expect((await server.until('endpoint.gone')).detail).toEqual({ how: 'reset', error: 'ECONNRESET' })
  })

  it('resets the client if the upstream is unreachable', async () => {
    await using upstream = await createFaultServer()
    await upstream.stopListening()
    await using server = await createFaultServer({ upstream: upstream.url })
    const raw = await new RawClient(server.port).upgrade().closed()
    expect(raw.error).toBe('ECONNRESET')
    expect((await server.until('endpoint.gone')).detail).toMatchObject({ error: 'ECONNREFUSED' })
  })

  it('forwards half-closed connections unchanged', async () => {
    const upstream = createServer({ allowHalfOpen: true }, (socket) => {
      let heard = ''
      socket.on('data', (chunk) => (heard += String(chunk)))
      socket.on('end', () => socket.end(`heard ${heard.length}`))
    })
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void upstream.close())
    const { port } = upstream.address() as AddressInfo
    await using server = await createFaultServer({ upstream: `ws://127.0.0.1:${port}` })
    const raw = new RawClient(server.port)
    raw.socket.end('GET / HTTP/1.1\r\n\r\nand more')
    await eventually(() => raw.text !== '')
    expect(raw.text).toBe('heard 26')
    await server.until('closed')
  })
})

describe('without the ws package', () => {
  it('names the package to install, and still works as a proxy', async () => {
    vi.resetModules()
    vi.doMock('ws', () => {
      throw new Error("Cannot find package 'ws'")
    })
    onTestFinished(() => {
      vi.doUnmock('ws')
      vi.resetModules()
    })
    const bare = await import('../../../src/tools/testing/fault-server/index.js')
    await expect(bare.createFaultServer()).rejects.toMatchObject({
      code: 'ERR_MISSING_PEER',
      message: expect.stringContaining('npm install --save-dev ws'),
    })
    await using proxy = await bare.createFaultServer({ upstream: 'ws://127.0.0.1:1' })
    expect(proxy.listening).toBe(true)
  })
})

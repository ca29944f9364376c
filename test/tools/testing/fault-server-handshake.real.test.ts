import { describe, expect, it } from 'vitest'
import { createFaultServer, faults, type Fault } from '../../../src/tools/testing/fault-server/index.js'
import { Client, eventually, RawClient } from './fault-server-clients.js'

describe('a handshake', () => {
  it('is closed without a byte by refuse', async () => {
    await using server = await createFaultServer()
    server.use(faults.refuse())
    const raw = await new RawClient(server.port).upgrade().closed()
    expect(raw).toMatchObject({ text: '', ended: true, error: undefined })
    const client = await new Client(server.url).closed()
    expect(client).toMatchObject({ events: ['error', 'close'], closeCode: 1006 })
  })

  it('is reset by reset, immediately or later', async () => {
    await using server = await createFaultServer()
    server.use({ fault: faults.reset(), times: 1 })
    server.use({ fault: faults.reset({ after: 5 }), times: 1 })
    for (let dials = 0; dials < 2; dials += 1) {
      const raw = await new RawClient(server.port).upgrade().closed()
      expect(raw).toMatchObject({ text: '', error: 'ECONNRESET' })
    }
  })

  it('is never answered by hang, and the link ends with the client', async () => {
    await using server = await createFaultServer()
    server.use(faults.hang())
    const client = new Client(server.url)
    await server.until('rule')
    expect(server.links).toHaveLength(1)
    expect(server.links[0]).toMatchObject({ upgraded: false })
    client.socket.terminate()
    await server.until('closed')
    expect(server.links).toEqual([])
    expect(server.log.some(({ what }) => what === 'upgraded' || what === 'answered')).toBe(false)
  })

  it('is answered byte by byte by drip, and later data flows at full speed', async () => {
    await using server = await createFaultServer({ onConnection: (socket) => socket.send('x'.repeat(50_000)) })
    server.use(faults.drip({ every: 1, bytes: 3 }))
    const raw = new RawClient(server.port).upgrade()
    await server.until('upgraded')
    await eventually(() => raw.text.length > 50_000)
    const head = raw.text.indexOf('\r\n\r\n')
    expect(raw.text.slice(0, 12)).toBe('HTTP/1.1 101')
    // Chunks may merge on the way, but usually there is one for each piece of the head and few for the rest.
    expect(raw.chunks.length).toBeGreaterThan(head / 3 / 4)
    expect(raw.chunks.length).toBeLessThan(head / 3 + 30)
  })

  it('outlasts an idle timeout when dripped', async () => {
    await using server = await createFaultServer()
    server.use(faults.drip({ every: 60 }))
    const client = new Client(server.url, { handshakeTimeout: 400 })
    await server.until((entry) => entry.what === 'act' && entry.detail.name === 'drip')
    await new Promise((resolve) => setTimeout(resolve, 900))
    expect(client.events).toEqual([])
  })

  it('is answered with any HTTP status, headers and body', async () => {
    await using server = await createFaultServer()
    server.use(faults.http(503, { headers: { 'Retry-After': '7', 'content-type': 'text/plain' }, body: 'löl' }))
    const response = await fetch(server.url.replace('ws', 'http'))
    expect(response.status).toBe(503)
    expect(response.statusText).toBe('Service Unavailable')
    expect(response.headers.get('retry-after')).toBe('7')
    expect(await response.text()).toBe('löl')
    const client = await new Client(server.url).closed()
    expect(client.status).toBe(503)
    expect((await server.until('answered')).detail).toEqual({ status: 503 })
  })

  it('is answered with any bytes', async () => {
    await using server = await createFaultServer()
    server.use(faults.answer('SSH-2.0-OpenSSH_9.2\r\n'))
    const client = await new Client(server.url).closed()
    expect(client.errors[0]?.message).toContain('Parse Error')
  })

  it('fails on a wrong Sec-WebSocket-Accept', async () => {
    await using server = await createFaultServer()
    server.use(faults.badAccept())
    const client = await new Client(server.url).closed()
    expect(client.errors[0]?.message).toContain('Invalid Sec-WebSocket-Accept header')
  })

  it('fails on an unrequested subprotocol', async () => {
    await using server = await createFaultServer()
    server.use(faults.changeUpgrade({ headers: { 'sec-websocket-protocol': 'surprise' } }))
    const client = await new Client(server.url).closed()
    expect(client.errors[0]?.message).toContain('Server sent a subprotocol but none was requested')
  })

  it('fails if the answer has no upgrade header', async () => {
    await using server = await createFaultServer()
    server.use(faults.changeUpgrade({ headers: { upgrade: undefined } }))
    const client = await new Client(server.url).closed()
    expect(client.errors[0]?.message).toContain('Unexpected server response: 101')
  })

  it('carries the first message in the same packet as the 101', async () => {
    await using server = await createFaultServer()
    server.use(faults.firstFrameWithUpgrade('first'))
    const raw = new RawClient(server.port).upgrade()
    await eventually(() => raw.chunks.length > 0)
    expect(raw.chunks[0]?.toString('latin1')).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\n\x81\x05first$/)
    const client = await new Client(server.url).received(1)
    expect(client.messages).toEqual(['first'])
  })

  it('is delayed by delay, and its frames stay in order', async () => {
    await using server = await createFaultServer()
    server.use(faults.delay(30))
    const dialed = server.until('requested')
    const client = await new Client(server.url).opened()
    const upgraded = await server.until('upgraded')
    expect(upgraded.at - (await dialed).at).toBeGreaterThan(50)
    for (let n = 0; n < 20; n += 1) client.socket.send(String(n))
    await client.received(20)
    expect(client.messages).toEqual(Array.from({ length: 20 }, (_, n) => String(n)))
  })

  it('runs the hooks of a custom fault', async () => {
    await using server = await createFaultServer()
    const seen: string[] = []
    const fault: Fault = {
      name: 'mine',
      requested: (link) => void seen.push(`requested ${link.request.path} ${link.upgraded}`),
      upgraded: (link) => {
        seen.push(`upgraded ${link.upgraded}`)
        link.send('by hand')
      },
    }
    server.use({ fault })
    const client = await new Client(`${server.url}/x`).received(1)
    expect(seen).toEqual(['requested /x false', 'upgraded true'])
    expect(client.messages).toEqual(['by hand'])
    expect((await server.until('rule')).detail.faults).toBe('mine')
  })
})

describe('rules', () => {
  const status = async (url: string, headers: Record<string, string> = {}): Promise<number> =>
    (await fetch(url.replace('ws', 'http'), { headers })).status

  it('are tried in the order they were added, and are used up', async () => {
    await using server = await createFaultServer()
    server.use({ fault: faults.http(503), times: 2 })
    server.use({ fault: faults.http(401), times: 1 })
    const seen = []
    for (let dials = 0; dials < 3; dials += 1) seen.push((await new Client(server.url).closed()).status)
    expect(seen).toEqual([503, 503, 401])
    await new Client(server.url).opened()
  })

  it('match by path, without the query when it is a string', async () => {
    await using server = await createFaultServer()
    server.use({ match: { path: '/a' }, fault: faults.http(401) })
    server.use({ match: { path: /token=bad/ }, fault: faults.http(403) })
    expect(await status(`${server.url}/a?x=1`)).toBe(401)
    expect(await status(`${server.url}/b?token=bad`)).toBe(403)
    expect(await status(`${server.url}/b`)).toBe(426)
  })

  it('match by header', async () => {
    await using server = await createFaultServer()
    server.use({ match: { header: { Authorization: /^Basic/ } }, fault: faults.http(401) })
    server.use({ match: { header: { 'x-a': '1', 'x-b': '2' } }, fault: faults.http(403) })
    expect(await status(server.url, { authorization: 'Basic abc' })).toBe(401)
    expect(await status(server.url, { authorization: 'Bearer abc', 'x-a': '1' })).toBe(426)
    expect(await status(server.url, { 'x-a': '1', 'x-b': '2' })).toBe(403)
  })

  it('match the n-th of the requests that match otherwise', async () => {
    await using server = await createFaultServer()
    server.use({ match: { path: '/a', nth: 2 }, fault: faults.http(401) })
    server.use({ match: { nth: (n) => n % 2 === 0 }, fault: faults.http(403) })
    const paths = ['/a', '/b', '/a', '/b', '/a']
    const seen = []
    for (const path of paths) seen.push(await status(server.url + path))
    // The second /a matches the first rule, so the second rule never sees it.
    expect(seen).toEqual([426, 403, 401, 426, 403])
  })

  it('can be removed one by one or all together', async () => {
    await using server = await createFaultServer()
    const remove = server.use(faults.http(401))
    server.use(faults.http(403))
    server.use(faults.http(404))
    expect(await status(server.url)).toBe(401)
    remove()
    expect(await status(server.url)).toBe(403)
    server.clearRules()
    expect(await status(server.url)).toBe(426)
  })

  it('without a fault let a request pass', async () => {
    await using server = await createFaultServer()
    server.use({ match: { path: '/health' }, fault: [] })
    server.use(faults.http(503))
    expect(await status(`${server.url}/health`)).toBe(426)
    expect(await status(server.url)).toBe(503)
  })

  it('apply several faults at once', async () => {
    await using server = await createFaultServer()
    server.use({ fault: [faults.noPong(), faults.firstFrameWithUpgrade('a'), faults.acceptThenClose(4_000)] })
    const client = await new Client(server.url).closed()
    expect(client).toMatchObject({ messages: ['a'], closeCode: 4_000 })
    expect((await server.until('rule')).detail.faults).toBe(
      'no pong + first frame with upgrade + accept, then close 4000',
    )
  })

  it('reject an invalid repetition count', async () => {
    await using server = await createFaultServer()
    expect(() => server.use({ fault: faults.hang(), times: 0 })).toThrow(/times/)
  })
})

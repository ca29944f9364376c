import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Target } from '../../src/core/transport.js'
import { wsTransport, type WsTransportOptions } from '../../src/transports/ws.js'
import { certificate, key } from './certificate.js'
import { type ConformanceServer, type Facts, startConformanceServer } from './conformance-server.js'
import { describeTransport } from './conformance.js'
import { codeOf, Dialed, until } from './dialed.js'

let server: ConformanceServer
beforeAll(async () => {
  server = await startConformanceServer()
})
afterAll(() => server.close())

describeTransport('wsTransport', {
  transport: () => wsTransport(),
  server: () => server,
  capabilities: { headers: true, status: true, ping: true, pause: true, terminate: true },
})

describeTransport('wsTransport with compression', {
  transport: () => wsTransport({ perMessageDeflate: true }),
  server: () => server,
  capabilities: { headers: true, status: true, ping: true, pause: true, terminate: true },
})

const dialUrl = (url: string, options?: WsTransportOptions, target: Partial<Target> = {}): Dialed =>
  new Dialed(wsTransport(options), { url, ...target })
const dial = (path: string, ...more: [options?: WsTransportOptions, target?: Partial<Target>]): Dialed =>
  dialUrl(`${server.url}${path}`, ...more)

describe('wsTransport reports a refused upgrade', () => {
  it('Retry-After in seconds becomes milliseconds (H05)', async () => {
    const { code, detail } = await dial('/status?code=503&retry-after=2').closed()
    expect(detail).toMatchObject({ status: 503, retryAfter: 2_000, error: { code: 'ERR_HANDSHAKE', status: 503 } })
    expect([code, detail?.fatal]).toEqual([1006, undefined])
  })

  it('Retry-After as a date becomes milliseconds from now (H05)', async () => {
    const date = new Date(Date.now() + 60_000).toUTCString()
    const { detail } = await dial(`/status?code=429&retry-after=${encodeURIComponent(date)}`).closed()
    // The header has whole seconds, and the request took some time.
    expect(detail?.retryAfter).toBeGreaterThan(50_000)
    expect(detail?.retryAfter).toBeLessThanOrEqual(60_000)
  })

  it('an invalid Retry-After is left out', async () => {
    const { detail } = await dial('/status?code=503&retry-after=soon').closed()
    expect(detail).toHaveProperty('status', 503)
    expect(detail).not.toHaveProperty('retryAfter')
  })

  it('a redirect is followed if the option says so (H06)', async () => {
    const socket = await dial('/status?code=302&location=/echo', { followRedirects: true }).opened()
    socket.abandon()
    expect(socket.breaches).toEqual([])
  })
})

describe('wsTransport options', () => {
  it("headers are sent, and the target's win whatever their case", async () => {
    const options = { headers: { authorization: 'stale', 'x-client': 'mine' } }
    const socket = dial('/headers', options, { headers: { Authorization: 'fresh' } })
    const headers = JSON.parse((await socket.received(1))[0] as string) as unknown
    expect(headers).toMatchObject({ authorization: 'fresh', 'x-client': 'mine' })
    socket.abandon()
  })

  it('perMessageDeflate is off by default', async () => {
    const extensions = async (options?: WsTransportOptions): Promise<string | undefined> => {
      const socket = await dial('/deflate', options).opened()
      socket.abandon()
      return socket.of('opened')[0]?.extensions
    }
    expect([await extensions(), await extensions({ perMessageDeflate: true })]).toEqual(['', 'permessage-deflate'])
    expect(await extensions({ perMessageDeflate: { clientNoContextTakeover: true } })).toBe('permessage-deflate')
  })

  it('maxPayload is 16 MiB by default: a message of that size arrives, one byte more is fatal and the error names the option (P01)', async () => {
    const big = await dial('/echo').opened()
    big.send(new Uint8Array(16 * 1024 * 1024))
    expect((await big.received(1))[0]).toHaveProperty('byteLength', 16_777_216)
    big.send(new Uint8Array(16 * 1024 * 1024 + 1))
    const { detail } = await big.closed()
    expect(detail).toMatchObject({ fatal: true, error: { code: 'ERR_SOCKET' } })
    expect((detail?.error as Error).message).toMatch(/maxPayload.*16777216.*wsTransport\(\{ maxPayload \}\)/)
  })

  it('maxPayload limits the inflated size of a compressed message', async () => {
    const socket = await dial('/deflate', { perMessageDeflate: true, maxPayload: 1_000 }).opened()
    socket.send('x'.repeat(100_000))
    expect(await socket.closed()).toMatchObject({ code: 1006, detail: { fatal: true } })
  })

  it('maxPayload 0 and Infinity mean no limit', async () => {
    for (const maxPayload of [0, Infinity]) {
      const socket = await dial('/echo', { maxPayload }).opened()
      socket.send(new Uint8Array(16 * 1024 * 1024 + 1))
      await socket.received(1)
      socket.abandon()
    }
  })

  it('a message larger than maxPayload is fatal and ends with 1006 (P01)', async () => {
    const socket = await dial('/echo', { maxPayload: 10 }).opened()
    socket.send('more than ten')
    const { code, detail } = await socket.closed()
    expect([code, detail?.fatal, codeOf(detail)]).toEqual([1006, true, 'ERR_SOCKET'])
    expect(socket.breaches).toEqual([])
  })

  it('an invalid header is fatal', async () => {
    const { detail } = await dial('/echo', {}, { headers: { 'x-broken': 'line\nbreak' } }).closed()
    expect([detail?.fatal, codeOf(detail)]).toEqual([true, 'ERR_OPTION'])
  })

  it('an exception from an agent is an asynchronous failure and not fatal', async () => {
    const createConnection = (): never => {
      throw new Error('the proxy is down')
    }
    const socket = dial('/echo', { createConnection })
    expect(socket.log).toEqual([])
    const { detail } = await socket.closed()
    expect([detail?.fatal, codeOf(detail)]).toEqual([undefined, 'ERR_SOCKET'])
    expect(socket.breaches).toEqual([])
  })

  it('a custom class is used', async () => {
    let made = 0
    class Counting extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args)
        made += 1
      }
    }
    const socket = await dial('/echo', { WebSocket: Counting as typeof WebSocket }).opened()
    socket.abandon()
    expect(made).toBe(1)
  })

  for (const options of [{ certificateErrors: 'ignore' }, { WebSocket: 'ws' }]) {
    it(`${Object.keys(options)[0]}: ${Object.values(options)[0]} throws when the transport is created`, () => {
      expect(() => wsTransport(options as WsTransportOptions)).toThrow(
        expect.objectContaining({ code: 'ERR_OPTION' }) as Error,
      )
    })
  }
})

describe('wsTransport failures', () => {
  it('a link that violated the protocol ends immediately, though the peer keeps TCP open (P02)', async () => {
    const socket = dial('/bad-utf8-and-hold')
    expect(await socket.closed()).toMatchObject({
      code: 1006,
      wasClean: false,
      detail: { error: { code: 'ERR_SOCKET' } },
    })
    socket.abandon()
  })

  it('an unresolvable name is a retryable failure (N16)', async () => {
    const { detail } = await dialUrl('ws://statewire.invalid/').closed()
    expect([detail?.fatal, codeOf(detail)]).toEqual([undefined, 'ERR_SOCKET'])
  })

  it('abandon drops a backlog immediately (D02)', async () => {
    const socket = await dial('/ignore-close?id=backlog').opened()
    const chunk = new Uint8Array(1 << 20)
    for (let i = 0; i < 32; i += 1) socket.send(chunk)
    expect(socket.socket.bufferedAmount).toBeGreaterThan(0)
    socket.abandon(4000, 'dead')
    const facts = await until(async () => {
      const seen = (await (await fetch(`${server.url.replace('ws:', 'http:')}/facts?id=backlog`)).json()) as Facts
      expect(seen.gone).toBe(true)
      return seen
    })
    expect(facts.bytes).toBeLessThan(32 << 20)
    expect(socket.breaches).toEqual([])
  })
})

describe('wsTransport over TLS (N17)', () => {
  const https = createServer({ cert: certificate, key })
  const sockets = new WebSocketServer({ server: https })
  const url = (): string => `wss://localhost:${(https.address() as AddressInfo).port}/`
  beforeAll(() => new Promise<void>((resolve) => https.listen(0, resolve)))
  afterAll(() => {
    for (const each of sockets.clients) each.terminate()
    https.close()
  })

  it('a trusted certificate opens', async () => {
    const socket = await dialUrl(url(), { ca: certificate }).opened()
    socket.abandon()
  })

  it('an untrusted certificate is a retryable failure', async () => {
    const { code, detail } = await dialUrl(url()).closed()
    expect([code, detail?.fatal, codeOf(detail)]).toEqual([1006, undefined, 'ERR_SOCKET'])
  })

  it('an invalid certificate is fatal if certificateErrors says so', async () => {
    for (const options of [{}, { ca: certificate, servername: 'other.test' }]) {
      const { detail } = await dialUrl(url(), { ...options, certificateErrors: 'fatal' }).closed()
      expect([detail?.fatal, codeOf(detail)]).toEqual([true, 'ERR_SOCKET'])
    }
  })

  it("a port that doesn't speak TLS is a retryable failure, whatever certificateErrors says", async () => {
    const { detail } = await dialUrl(server.url.replace('ws:', 'wss:'), { certificateErrors: 'fatal' }).closed()
    expect([detail?.fatal, codeOf(detail)]).toEqual([undefined, 'ERR_SOCKET'])
  })
})

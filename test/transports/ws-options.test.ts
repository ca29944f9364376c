import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, createServer, type IncomingMessage } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { createConnection } from '../../src/index.js'
import { webSocketTransport } from '../../src/transports/browser.js'
import type { Target } from '../../src/core/transport.js'
import { wsTransport } from '../../src/transports/ws.js'
import { certificate, key } from './certificate.js'
import { Dialed, until } from './dialed.js'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

interface Visit {
  readonly request: IncomingMessage
  readonly socket: Socket
}

/** Accepts every connection and records it. */
async function accept(server: Server, address: string | number = 0): Promise<Visit[]> {
  const visits: Visit[] = []
  const sockets = new WebSocketServer({ server: server as never, perMessageDeflate: true })
  sockets.on('connection', (_, request) => visits.push({ request, socket: request.socket }))
  if (typeof address === 'string') server.listen(address)
  else server.listen(address, '127.0.0.1')
  await once(server, 'listening')
  undo.push(() => {
    for (const each of sockets.clients) each.terminate()
    server.close()
  })
  return visits
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** Dials once and disconnects when open. */
async function open(url: string, options: object = {}, target: Partial<Target> = {}): Promise<Dialed> {
  const socket = await new Dialed(wsTransport(options), { url, ...target }).opened()
  socket.abandon()
  return socket
}

const refused = (options: object): unknown => {
  try {
    return wsTransport(options)
  } catch (error) {
    return error
  }
}

describe('wsTransport throws, and suggests a fix, for', () => {
  for (const [name, value, remedy] of [
    ['socketPath', '/run/app.sock', 'ws+unix:'],
    ['path', '/other', 'part of the URL'],
    ['port', 8080, 'part of the URL'],
    ['defaultPort', 8080, 'part of the URL'],
    ['host', 'example.test', 'part of the URL'],
    ['hostname', 'example.test', 'part of the URL'],
    ['timeout', 1_000, 'connectTimeout'],
    ['handshakeTimeout', 1_000, 'connectTimeout'],
    ['closeTimeout', 1_000, "the connection's closeTimeout"],
    ['signal', new AbortController().signal, "the connection's signal"],
    ['method', 'POST', 'GET'],
    ['protocol', 'https:', 'protocols'],
    ['protocols', ['a'], 'protocols'],
    ['protocolVersion', 8, '13'],
    ['socket', {}, 'createConnection'],
    ['fd', 3, 'createConnection'],
    ['onread', {}, 'reads the socket'],
    ['readable', false, 'reads the socket'],
    ['writable', false, 'writes to the socket'],
    ['allowHalfOpen', true, 'ends the socket'],
  ] as const) {
    it(name, () => {
      const error = refused({ [name]: value })
      expect(error).toMatchObject({
        code: 'ERR_OPTION',
        message: expect.stringMatching(new RegExp(`^wsTransport\\.${name} \\(a \\w+\\) must not be given; `)) as string,
      })
      expect((error as Error).message).toContain(remedy)
    })
  }

  it('an unknown option name, without quoting its value', () => {
    for (const name of [
      'rejectUnauthorised',
      'Payload',
      'ca cert',
      '',
      'url',
      'token',
      '__proto',
      'constructor',
      'toString',
    ]) {
      const error = refused({ [name]: 'hunter2' })
      expect(error).toMatchObject({ code: 'ERR_OPTION', message: expect.stringContaining(name) as string })
      expect((error as Error).message).not.toContain('hunter2')
    }
  })

  it('limits that ws would truncate to 32 bits and so remove', () => {
    for (const name of ['maxPayload', 'maxFragments', 'maxBufferedChunks', 'maxPendingAutoPongs']) {
      for (const value of [2 ** 32, 2 ** 31, -1, 0.5, '1', null]) {
        expect(refused({ [name]: value })).toMatchObject({ code: 'ERR_OPTION' })
      }
      for (const value of [0, 1, 2 ** 31 - 1, Infinity]) {
        expect(refused({ [name]: value })).toMatchObject({ schemes: ['ws+unix:'] })
      }
    }
  })

  it('an agent combined with a createConnection that it would not call', () => {
    expect(refused({ agent: new Agent(), createConnection: connect })).toMatchObject({ code: 'ERR_OPTION' })
  })

  it('a value that is not an object', () => {
    for (const value of ['wss://example.test/', 1, [], null])
      expect(refused(value as never)).toMatchObject({ code: 'ERR_OPTION' })
  })

  it('nothing for undefined options', () => {
    const given = {
      socketPath: undefined,
      host: undefined,
      agent: undefined,
      maxPayload: undefined,
      unknown: undefined,
    }
    expect(refused(given)).toMatchObject({ schemes: ['ws+unix:'] })
  })
})

describe('wsTransport passes on', () => {
  it('auth, as the Authorization header, which the URL and headers override', async () => {
    const server = createServer()
    const visits = await accept(server)
    const url = `ws://127.0.0.1:${portOf(server)}/`
    await open(url, { auth: 'me:secret' })
    await open(url, { auth: 'me:secret' }, { headers: { authorization: 'Bearer token' } })
    await open(url.replace('//', '//you:known@'), { auth: 'me:secret' })
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
    expect(visits.map(({ request }) => request.headers.authorization)).toEqual([
      basic('me:secret'),
      'Bearer token',
      basic('you:known'),
    ])
  })

  it('origin, setHost and headers', async () => {
    const server = createServer()
    server.on('clientError', (_, socket) => socket.destroy())
    const visits = await accept(server)
    const url = `ws://127.0.0.1:${portOf(server)}/`
    await open(url, { origin: 'https://example.test', setHost: false, headers: { host: 'other.test' } })
    expect(visits[0]!.request.headers).toMatchObject({ origin: 'https://example.test', host: 'other.test' })
  })

  it('localAddress and localPort', async () => {
    const server = createServer()
    const visits = await accept(server)
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const free = portOf(other)
    await new Promise((resolve) => other.close(resolve))
    await open(`ws://127.0.0.1:${portOf(server)}/`, { localAddress: '127.0.0.2', localPort: free })
    const { remoteAddress, remotePort } = visits[0]!.socket
    expect([remoteAddress, remotePort]).toEqual(['127.0.0.2', free])
  })

  it('lookup, family, hints, autoSelectFamily and autoSelectFamilyAttemptTimeout', async () => {
    const server = createServer()
    await accept(server)
    const asked: object[] = []
    type Found = (error: null, address: unknown, family?: number) => void
    const lookup = (_: string, how: { all?: boolean }, found: Found): void => {
      asked.push({ ...how })
      // With `all`, addresses are tried in turn: the first of these never answers.
      const addresses = ['192.0.2.1', '127.0.0.1'].map((address) => ({ address, family: 4 }))
      if (how.all) found(null, addresses)
      else found(null, '127.0.0.1', 4)
    }
    const url = `ws://name.test:${portOf(server)}/`
    await open(url, { lookup, family: 4, hints: 32, autoSelectFamily: false })
    await open(url, { lookup, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 50 })
    expect(asked).toMatchObject([{ family: 4, hints: 32 }, { all: true }])
  })

  it('createConnection, with noDelay, keepAlive and other options it may read', async () => {
    const server = createServer()
    await accept(server)
    const given: object[] = []
    const createConnection = (options: object): Socket => {
      given.push(options)
      return connect(portOf(server), '127.0.0.1')
    }
    const net = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 5_000, highWaterMark: 1_024 }
    await open('ws://name.test/', { createConnection, ...net })
    expect(given).toMatchObject([{ host: 'name.test', ...net }])
  })

  it('agent', async () => {
    const server = createServer()
    await accept(server)
    class Redirecting extends Agent {
      override createConnection(): Socket {
        return connect(portOf(server), '127.0.0.1')
      }
    }
    await open('ws://name.test/', { agent: new Redirecting() })
  })

  it('finishRequest and generateMask', async () => {
    const server = createServer()
    const visits = await accept(server)
    const called: string[] = []
    await open(`ws://127.0.0.1:${portOf(server)}/`, {
      finishRequest: (request: { setHeader(name: string, value: string): void; end(): void }) => {
        request.setHeader('x-late', 'yes')
        request.end()
      },
      generateMask: () => called.push('mask'),
    })
    expect(visits[0]!.request.headers['x-late']).toBe('yes')
    await until(() => expect(called.length).toBeGreaterThan(0))
  })

  it('maxHeaderSize, which rejects a longer answer', async () => {
    const server = createServer()
    server.on('upgrade', (_, socket) => socket.end(`HTTP/1.1 101 S\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    undo.push(() => server.close())
    const url = `ws://127.0.0.1:${portOf(server)}/`
    const { detail } = await new Dialed(wsTransport({ maxHeaderSize: 1_024 }), { url }).closed()
    expect((detail?.error as { cause?: unknown }).cause).toMatchObject({ code: 'HPE_HEADER_OVERFLOW' })
  })
})

describe('wsTransport passes on to TLS', () => {
  const server = createHttpsServer({ cert: certificate, key, requestCert: true, rejectUnauthorized: false })
  const sockets = new WebSocketServer({ server })
  const seen: unknown[] = []
  sockets.on('connection', (_, { socket }) => {
    const tls = socket as TLSSocket & { readonly servername: string }
    seen.push({
      client: tls.getPeerCertificate().subject?.CN,
      servername: tls.servername,
      protocol: tls.getProtocol(),
      cipher: tls.getCipher().name,
    })
  })
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, resolve)))
  afterAll(() => {
    for (const each of sockets.clients) each.terminate()
    server.close()
  })
  const url = (): string => `wss://localhost:${portOf(server)}/`

  it('cert and key, or a secureContext with them', async () => {
    await open(url(), { ca: certificate, cert: certificate, key })
    await open(url(), { secureContext: createSecureContext({ ca: certificate, cert: certificate, key }) })
    expect(seen.splice(0)).toMatchObject([{ client: 'localhost' }, { client: 'localhost' }])
  })

  it('servername, minVersion, maxVersion, ciphers, ALPNProtocols and rejectUnauthorized', async () => {
    await open(url(), {
      rejectUnauthorized: false,
      servername: 'other.test',
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
      ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256',
      ALPNProtocols: ['http/1.1'],
    })
    const cipher = 'ECDHE-ECDSA-AES128-GCM-SHA256'
    expect(seen.splice(0)).toMatchObject([{ servername: 'other.test', protocol: 'TLSv1.2', cipher }])
  })

  it('checkServerIdentity', async () => {
    const options = { ca: certificate, checkServerIdentity: () => new Error('not that one') }
    const { detail } = await new Dialed(wsTransport(options as never), { url: url() }).closed()
    expect((detail?.error as { cause?: unknown }).cause).toMatchObject({ message: 'not that one' })
  })
})

describe('ws+unix: URLs', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'statewire-unix-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  for (const name of ['plain.sock', 'with a space.sock', 'with:colon.sock', 'naïve ☃.sock', '100%.sock']) {
    it(`reach the server behind the socket file "${name}"`, async () => {
      const path = join(folder, name)
      const visits = await accept(createServer(), path)
      const connection = createConnection(`ws+unix:${encodeURI(path).replace('with:', 'with%3A')}:/feed?a=1`, {
        transport: wsTransport({ headers: { 'x-client': 'mine' } }),
      })
      await connection.opened()
      expect(visits[0]!.request).toMatchObject({ url: '/feed?a=1', headers: { 'x-client': 'mine' } })
      await connection.close()
    })
  }

  it('are accepted from a provider too', async () => {
    const path = join(folder, 'provided.sock')
    const visits = await accept(createServer(), path)
    const connection = createConnection(() => ({ url: `ws+unix:${path}`, headers: { 'x-client': 'mine' } }), {
      transport: wsTransport(),
    })
    await connection.opened()
    expect(visits[0]!.request.headers['x-client']).toBe('mine')
    await connection.close()
  })

  it('fail the attempt while the socket file is missing', async () => {
    const path = join(folder, 'later.sock')
    const connection = createConnection(`ws+unix:${path}:/`, { transport: wsTransport(), backoff: () => 20 })
    await until(() => expect(connection.status.loss?.error).toMatchObject({ code: 'ERR_SOCKET' }))
    await accept(createServer(), path)
    await connection.opened()
    await connection.close()
  })

  for (const [url, remedy] of [
    ['ws+unix://run/app.sock:/feed', 'no host'],
    ['ws+unix:', 'a path'],
    ['ws+unix:?a', 'a path'],
    ['ws+unix:///run/app.sock#part', 'fragment'],
    ['wss+unix:/run/app.sock', 'ws: or wss: or ws+unix:'],
    ['unix:/run/app.sock', 'ws: or wss: or ws+unix:'],
  ] as const) {
    it(`${url} is rejected with the reason`, () => {
      expect(() => createConnection(url, { transport: wsTransport() })).toThrow(
        expect.objectContaining({ code: 'ERR_URL', message: expect.stringContaining(remedy) as string }) as Error,
      )
    })
  }

  it('are rejected over a standard WebSocket, which cannot dial them', () => {
    expect(() => createConnection('ws+unix:/run/app.sock:/feed', { transport: webSocketTransport() })).toThrow(
      expect.objectContaining({ code: 'ERR_URL', message: expect.stringContaining('statewire/ws') as string }) as Error,
    )
  })
})

// Abandoned sockets are released: the servers count them, and the process must end by itself.
import { createHash } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { type Agent, createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { HttpProxyAgent as HpHttp, HttpsProxyAgent as HpHttps } from 'hpagent'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { afterEach, describe, expect, it } from 'vitest'
import { createConnection, fixedBackoff } from '../../src/index.js'
import { wsTransport } from '../../src/transports/ws.js'
import { certificate, key } from './certificate.js'
import { Dialed, until } from './dialed.js'
import { spawn } from '../support/processes.js'

const root = join(import.meta.dirname, '../..')
const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0)) step()
})

interface Counted {
  readonly port: number
  /** All sockets so far. */
  total: number
  readonly open: Set<Socket>
}

async function counted(server: Server, event: 'connection' | 'secureConnection' = 'connection'): Promise<Counted> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const counts: Counted = { port: (server.address() as AddressInfo).port, total: 0, open: new Set() }
  server.on(event, (socket: Socket) => {
    counts.total += 1
    counts.open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => counts.open.delete(socket))
  })
  undo.push(() => {
    for (const socket of counts.open) socket.destroy()
    server.close()
  })
  return counts
}

/** Accepts connections, reads them, and never answers. */
const silent = (): Promise<Counted> => counted(createServer((socket) => void socket.resume()))
const silentTls = (): Promise<Counted> =>
  counted(
    createTlsServer({ cert: certificate, key }, (socket) => void socket.resume()),
    'secureConnection',
  )

/** Opens, reads, and answers neither pings nor a closing handshake. */
function halfOpen(): Promise<Counted> {
  const server = createHttpServer()
  server.on('upgrade', ({ headers }, socket: Socket) => {
    const asked = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(asked).digest('base64')
    socket.resume()
    // An HTTP server's sockets stay half-open by default.
    socket.on('end', () => socket.end())
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
  })
  return counted(server)
}

interface Through {
  readonly what: string
  readonly server: () => Promise<Counted>
  readonly url: string
  readonly agent: (port: number) => Agent
  /** Node 20 does not report opened TLS sockets. */
  readonly tls?: true
}

const agents: Through[] = [
  {
    what: 'https-proxy-agent',
    server: silent,
    url: 'wss://example.test/',
    agent: (port) => new HttpsProxyAgent(`http://127.0.0.1:${port}`),
  },
  {
    what: 'https-proxy-agent, to a proxy that speaks TLS',
    server: silentTls,
    url: 'wss://example.test/',
    agent: (port) => new HttpsProxyAgent(`https://localhost:${port}`, { ca: certificate }),
    tls: true,
  },
  {
    what: 'hpagent',
    server: silent,
    url: 'wss://example.test/',
    agent: (port) => new HpHttps({ proxy: `http://127.0.0.1:${port}` }),
  },
  {
    what: 'hpagent for ws:',
    server: silent,
    url: 'ws://example.test/',
    agent: (port) => new HpHttp({ proxy: `http://127.0.0.1:${port}` }),
  },
]

describe('a proxy that never answers CONNECT', () => {
  for (const { what, server, url, agent, tls } of agents) {
    it.skipIf(tls && process.version.startsWith('v20.'))(
      `has at most one connection at a time, and none after close(), through ${what}`,
      async () => {
        const proxy = await server()
        const connection = createConnection(url, {
          transport: wsTransport({ agent: agent(proxy.port) }),
          connectTimeout: 250,
          backoff: fixedBackoff(1),
        })
        await until(() => expect(proxy.total).toBeGreaterThanOrEqual(4))
        await until(() => expect(proxy.open.size).toBeLessThanOrEqual(1))
        await connection.close()
        await until(() => expect(proxy.open.size).toBe(0))
      },
    )
  }

  it('has none after close() if the socket is created later, in a callback', async () => {
    const proxy = await silent()
    const later = (_: unknown, done: (error: Error | null, socket: Socket) => void): void => {
      setImmediate(() => {
        const socket = connect(proxy.port, '127.0.0.1')
        socket.on('error', () => {})
        socket.once('data', () => done(null, socket))
      })
    }
    const connection = createConnection('ws://example.test/', {
      transport: wsTransport({ createConnection: later as never }),
      connectTimeout: 250,
      backoff: fixedBackoff(1),
    })
    await until(() => expect(proxy.total).toBeGreaterThanOrEqual(3))
    await connection.close()
    await until(() => expect(proxy.open.size).toBe(0))
  })

  it('does not affect an open link of the same transport', async () => {
    const proxy = await silent()
    const server = await halfOpen()
    const transport = wsTransport({
      createConnection: (({ host }: { host: string }) =>
        connect(host === 'open.test' ? server.port : proxy.port, '127.0.0.1')) as never,
    })
    const open = createConnection('ws://open.test/', { transport })
    await open.opened()
    const hanging = createConnection('ws://hangs.test/', { transport, connectTimeout: 250, backoff: fixedBackoff(1) })
    await until(() => expect(proxy.total).toBeGreaterThanOrEqual(3))
    await hanging.close()
    await until(() => expect(proxy.open.size).toBe(0))
    expect([open.state, server.open.size]).toEqual(['open', 1])
    await open.close()
  })
})

it("the transport stops watching the process's sockets once no agent handshake is pending", async () => {
  const { url, agent } = agents[2]!
  const sockets = channel('net.client.socket')
  const refusing = createServer((socket) => socket.destroy())
  const proxy = await counted(refusing)
  const dialed = new Dialed(wsTransport({ agent: agent(proxy.port) }), { url })
  expect(sockets.hasSubscribers).toBe(true)
  await dialed.closed()
  expect(sockets.hasSubscribers).toBe(false)
  const server = await halfOpen()
  const given = { createConnection: (() => connect(server.port, '127.0.0.1')) as never }
  const open = await new Dialed(wsTransport(given), { url: 'ws://open.test/' }).opened()
  expect(sockets.hasSubscribers).toBe(false)
  open.abandon()
  expect([...dialed.breaches, ...open.breaches]).toEqual([])
})

/** Runs a module, also in TypeScript, and resolves with its exit code. The module gets `port`. */
async function exitCode(node: string, code: string, port: number): Promise<number | null> {
  const child = spawn(node, ['--import', 'tsx', '--input-type=module', '-e', `const port = ${port}\n${code}`], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  undo.push(() => child.kill('SIGKILL'))
  const [exit] = (await once(child, 'exit')) as [number | null]
  return exit
}

describe('a process ends by itself when its connection has ended', () => {
  it('through an agent whose proxy never answers', async () => {
    const proxy = await silent()
    const code = `
      import { HttpsProxyAgent } from 'https-proxy-agent'
      import { createConnection, fixedBackoff } from './src/index.js'
      import { wsTransport } from './src/transports/ws.js'
      const transport = wsTransport({ agent: new HttpsProxyAgent('http://127.0.0.1:' + port) })
      const connection = createConnection('wss://example.test/', { transport, connectTimeout: 200, backoff: fixedBackoff(1) })
      let attempts = 0
      connection.on('close', () => ++attempts === 3 && void connection.close())
    `
    expect(await exitCode(process.execPath, code, proxy.port)).toBe(0)
    expect(proxy.total).toBeGreaterThanOrEqual(3)
  })

  for (const version of ['22', '24', '26']) {
    const node = join(root, `test/runtimes/node_modules/node${version}/bin/node`)
    if (!existsSync(node) && process.env['CI']) throw new Error(`${node} is not there: npm ci --prefix test/runtimes`)
    it.skipIf(!existsSync(node))(
      `over Node ${version}'s own WebSocket, even after half-open links were abandoned`,
      async () => {
        const server = await halfOpen()
        const code = `
        import { createConnection, fixedBackoff, textHeartbeat } from './src/index.js'
        const heartbeat = textHeartbeat({ ping: 'ping', pong: 'pong', interval: 50, timeout: 50 })
        const connection = createConnection('ws://127.0.0.1:' + port, { heartbeat, backoff: fixedBackoff(1), closeTimeout: 200 })
        let lost = 0
        connection.on('close', () => lost++)
        connection.on('open', () => lost >= 3 && void connection.close())
      `
        expect(await exitCode(node, code, server.port)).toBe(0)
        expect(server.total).toBeGreaterThanOrEqual(4)
        await until(() => expect(server.open.size).toBe(0))
      },
    )
  }
})

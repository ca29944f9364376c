// The servers of examples/servers: each on a real port, with a real client whose link is cut on the server.
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import type { WebSocketServer } from 'ws'
import { createConnection } from '../../src/index.js'
import { resumable, type Continuity } from '../../src/resume/index.js'
import type { SessionServer } from '../../src/server/index.js'
import { wsTransport } from '../../src/transports/ws.js'
import { folder, missingTools, Running as Program, servers } from './support/examples.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

interface Running {
  readonly http: Server
  readonly sockets: WebSocketServer
  readonly sessions: SessionServer
}

const cannot = missingTools()
const messages = 300

test.skipIf(cannot !== undefined).each(servers)(
  'the command %s starts the server, says where it is, and cuts its links with a key; the session goes on',
  async (name) => {
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    // Without building the library again.
    const [build, command = ''] = scripts[name]!.split(' && tsx ')
    expect(build).toBe('npm run -s library')
    const args = ['--import', 'tsx', ...command.split(' ')]
    await using running = new Program(process.execPath, args, { cwd: folder, env: { PORT: '0' } })
    const [, url = ''] = await running.says(/sessions at (ws:\S+); to cut all links, press x \+ enter/)
    const session = resumable({ auth: () => 'demo' })
    const client = createConnection(url, { transport: wsTransport(), features: [session], backoff: () => 50 })
    await client.opened()
    running.process.stdin!.write('x\n')
    await running.says(/session \w+ has lost its link\nsession \w+ has a link/)
    client.send('hello')
    await session.delivered()
    await client.close()
    await running.says(/session \w+ has ended: goodbye/)
    expect(running.output).not.toContain(session.id)
  },
)

describe.skipIf(cannot !== undefined)('sessions beside', () => {
  const running: Running[] = []

  async function start(name: string): Promise<Running & { url: string }> {
    vi.stubEnv('PORT', '0')
    vi.resetModules()
    const server = (await import(join(folder, 'servers', `${name}.ts`))) as Running
    running.push(server)
    if (!server.http.listening) await once(server.http, 'listening')
    return { ...server, url: `127.0.0.1:${(server.http.address() as AddressInfo).port}` }
  }

  afterEach(async () => {
    vi.unstubAllEnvs()
    for (const { http, sockets, sessions } of running.splice(0)) {
      await sessions.close()
      sockets.close()
      http.closeAllConnections()
      http.close()
    }
  })
  afterAll(() => vi.resetModules())

  test.each(servers)('%s: a client whose link is cut loses nothing, in either direction', async (name) => {
    const { sockets, sessions, url } = await start(name)
    const session = resumable({ auth: () => 'demo' })
    const happened: Continuity['kind'][] = []
    session.on('continuity', ({ kind }) => happened.push(kind))
    const client = createConnection(`ws://${url}/sessions`, {
      transport: wsTransport(),
      features: [session],
      backoff: () => 50,
    })
    const received: unknown[] = []
    client.on('message', (message) => received.push(message))
    await client.opened()
    for (let number = 1; number <= messages; number++) {
      client.send(`message ${number}`)
      if (number % 75 !== 0) continue
      // In the middle of the traffic: after some answers, and before the others.
      await vi.waitFor(() => expect(received.length).toBeGreaterThan(number - 75), 10_000)
      for (const socket of sockets.clients) socket.terminate()
    }
    await session.delivered()
    await vi.waitFor(() => expect(received.length).toBeGreaterThanOrEqual(messages), 20_000)
    await client.close()
    expect(received).toEqual(Array.from({ length: messages }, (_, index) => `message ${index + 1}`))
    expect(happened.filter((kind) => kind === 'begun')).toHaveLength(1)
    expect(happened).not.toContain('lost')
    expect(session.counters.resumed).toBeGreaterThanOrEqual(3)
    // The client has said goodbye.
    expect(sessions.size).toBe(0)
  })

  test.each(servers)('%s: pages are served on the same port, and no other path has sessions', async (name) => {
    const { url } = await start(name)
    expect(await (await fetch(`http://${url}/`)).text()).toBe('up')
    const elsewhere = createConnection(`ws://${url}/elsewhere`, {
      transport: wsTransport(),
      features: [resumable({ auth: () => 'demo' })],
    })
    const loss = new Promise((resolve) => elsewhere.on('close', resolve))
    expect(await loss).toMatchObject({ status: name === 'no-server' ? 404 : 400 })
    await elsewhere.close()
  })

  test.each(servers)('%s: a client without a valid token is refused', async (name) => {
    const { sessions, url } = await start(name)
    const stranger = createConnection(`ws://${url}/sessions`, {
      transport: wsTransport(),
      features: [resumable({ auth: () => 'guessed' })],
    })
    stranger.on('close', () => {})
    expect(await stranger.ended()).toMatchObject({ code: 4401 })
    expect(sessions.size).toBe(0)
  })
})

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { sessionServer, type SessionServer } from '../../src/server/index.js'
import { newId, WireClient } from '../resume/interop/wire-client.js'

// What only a real socket shows: sizes, deadlines, handshakes, broken text.

describe('a session server on a real socket', () => {
  let server: WebSocketServer
  let sessions: SessionServer
  let url: string

  beforeEach(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: 4_194_304 })
    await once(server, 'listening')
    sessions = sessionServer({
      server,
      helloTimeout: 400,
      authenticate: ({ auth }) => (auth === 'alice-secret' ? { principal: 'alice' } : undefined),
    })
    sessions.on('session', (session) => session.on('message', (message) => session.send(message)))
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  afterEach(async () => {
    await sessions.close()
    for (const client of server.clients) client.terminate()
    await new Promise((resolve) => void server.close(resolve))
  })

  const serves = async (): Promise<void> => {
    const link = await WireClient.dial(url)
    await link.welcome()
    link.send('d1:a')
    expect(await link.messages(1)).toEqual([[1, 'a']])
    await link.cut()
  }

  it('closes a link with a hello of 1 MiB with 4400', async () => {
    const padding = 'x'.repeat(1_048_576)
    for (const frame of [
      `h{"v":1,"sid":"${newId()}","gen":1,"rx":0,"auth":"alice-secret","padding":"${padding}"}`,
      `h${'['.repeat(1_048_576)}`,
      Buffer.alloc(1_048_576, 'h'),
    ]) {
      const link = await WireClient.dial(url)
      link.send(frame)
      expect(await link.closed()).toBe(4400)
    }
    expect(sessions.size).toBe(0)
    await serves()
  })

  it('closes a link that says nothing in time with 4408, also if it pings', async () => {
    const begun = performance.now()
    const link = await WireClient.dial(url)
    const pings = setInterval(() => link.socket.ping(), 50)
    expect(await link.closed()).toBe(4408)
    clearInterval(pings)
    expect(performance.now() - begun).toBeGreaterThan(350)
    await serves()
  })

  it('closes a link whose session was refused and that says no other hello', async () => {
    const link = await WireClient.dial(url)
    expect(await link.refusal({ gen: 2, ep: 'unknown' })).toEqual({ reason: 'unknown' })
    expect(await link.closed()).toBe(4408)
  })

  it('survives 300 clients that break the protocol at once, and keeps nothing of them', async () => {
    const guess = `h{"v":1,"sid":"${newId()}","gen":1,"rx":0,"auth":"guess"}`
    const clients = [[''], ['h'], ['h{}', 'h{}'], ['d1:a'], ['a1', guess], [guess], [guess, 'd1:a']]
    const codes = await Promise.all(
      Array.from({ length: 300 }, async (_, at) => {
        const link = await WireClient.dial(url)
        link.send(...clients[at % clients.length]!)
        return link.closed()
      }),
    )
    expect(new Set(codes)).toEqual(new Set([4400, 4401]))
    expect(sessions.size).toBe(0)
    await serves()
  })

  it('closes a link with broken UTF-8 with 1007, and keeps the session', async () => {
    const sid = newId()
    const first = await WireClient.dial(url)
    const { ep } = await first.welcome({ sid })
    first.socket.send(Buffer.from([0x64, 0x31, 0x3a, 0xff]), { binary: false })
    expect(await first.closed()).toBe(1007)
    const second = await WireClient.dial(url)
    expect(await second.welcome({ sid, gen: 2, ep })).toMatchObject({ seen: 0, resumed: true })
  })

  it.each([
    ['none', [], ''],
    ['another', ['chat'], 'chat'],
    ['one that only begins alike', ['resume.v11', 'resume.v1x'], 'resume.v11'],
  ])('closes a link without the subprotocol with 1002: %s', async (_, offered, selected) => {
    const socket = new WebSocket(url, offered)
    const [code] = (await once(socket, 'close')) as [number]
    expect([socket.protocol, code]).toEqual([selected, 1002])
    await serves()
  })
})

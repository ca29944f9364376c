// Applications and unauthorized clients that send a relay what no statewire program would.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createRelay, type Relay } from '../../../../src/tools/inspect/relay/index.js'
import { awkwardTimes, chart, deepArrays, deepObjects, hostileMessage } from '../support/hostile.js'
import { ask, Looker, until, upgrade } from './support/visitors.js'

let relay: Relay
beforeEach(async () => (relay = await createRelay({ viewer: 'the viewer' })))
afterEach(() => relay.close())

async function application(): Promise<WebSocket> {
  const socket = new WebSocket(relay.url)
  await once(socket, 'open')
  return socket
}

/** Sends no faster than the data leaves. */
async function send(socket: WebSocket, text: string): Promise<void> {
  socket.send(text)
  while (socket.bufferedAmount > 1 << 20) await new Promise((resolve) => setTimeout(resolve, 1))
}

const about = (sessionId: string): Record<string, unknown> => ({ sessionId, rootId: sessionId, createdAt: '1' })
const actor = (sessionId: string, more: object = {}): string =>
  JSON.stringify({ ...about(sessionId), type: '@xstate.actor', name: 'n', definition: chart, snapshot: {}, ...more })

describe('an application', () => {
  it('cannot end the relay with a deeply nested message', async () => {
    const looker = await Looker.at(relay)
    const app = await application()
    for (const deep of [deepArrays(20_000), deepObjects(20_000), deepArrays(101), deepArrays(1_000_000)]) {
      for (const [type, field] of [
        ['@xstate.event', 'event'],
        ['@xstate.snapshot', 'snapshot'],
        ['@xstate.actor', 'name'],
        ['@statewire.figures', 'figures'],
        ['@statewire.gone', 'id'],
      ]) {
        await send(app, `{"type":"${type}","sessionId":"deep","${field}":${deep}}`)
      }
      await send(app, deep)
    }
    await send(app, `{"type":"@xstate.event","sessionId":"shallow","event":${deepArrays(90)}}`)
    await send(app, actor('last'))
    await until(() => looker.received.length === 2, 'the message at the depth limit arrived')
    expect(looker.received.map(({ sessionId }) => sessionId)).toEqual(['p1/shallow', 'p1/last'])
    app.terminate()
    await looker.leave()
  })

  it(
    'cannot disturb the relay, its viewers or other applications, whatever it sends',
    { timeout: 60_000 },
    async () => {
      const looker = await Looker.at(relay)
      const good = await application()
      await send(good, actor('good'))
      const bad = await application()
      const messages = fc.sample(fc.array(hostileMessage, { minLength: 20, maxLength: 20 }), { seed: 13, numRuns: 200 })
      for (const message of messages.flat()) {
        const text = JSON.stringify(message, (_, value) => (typeof value === 'bigint' ? 1 : value))
        await send(bad, text)
        await send(bad, text.slice(0, -1))
      }
      await send(bad, actor('last'))
      await until(() => looker.received.some(({ sessionId }) => sessionId === 'p2/last'), 'all of it came')
      expect(looker.received.length).toBeGreaterThan(200)
      for (const { sessionId, createdAt } of looker.received) {
        expect(sessionId).toMatch(/^p[12]\//)
        expect(Number(createdAt)).toBeLessThanOrEqual(Date.now() + 60_000)
      }
      const late = await Looker.at(relay)
      await until(() => late.received.some(({ sessionId }) => sessionId === 'p2/last'), 'a late viewer is introduced')
      expect(late.received[0]).toMatchObject({ sessionId: 'p1/good' })
      for (const socket of [good, bad]) socket.terminate()
      await Promise.all([looker.leave(), late.leave()])
    },
  )

  it('cannot date a message in the future', async () => {
    const looker = await Looker.at(relay)
    const app = await application()
    for (const createdAt of [...awkwardTimes, Date.now() + 86_400_000]) await send(app, actor('x', { createdAt }))
    await send(app, actor('past', { createdAt: '1000' }))
    await until(() => looker.received.length === awkwardTimes.length + 2, 'all came')
    const late = await Looker.at(relay)
    await until(() => late.received.length === 2, 'it is introduced')
    for (const { createdAt } of [...looker.received, ...late.received]) {
      expect(createdAt).toMatch(/^\d+$/)
      expect(Number(createdAt)).toBeLessThanOrEqual(Date.now() + 60_000)
    }
    expect(looker.received.at(-1)!['createdAt']).toBe('1000')
    app.terminate()
    await Promise.all([looker.leave(), late.leave()])
  })

  it('can report thousands of connections and withdraw each of them in linear time', { timeout: 120_000 }, async () => {
    const app = await application()
    for (let round = 0; round < 12; round++) {
      for (let index = 0; index < 4_000; index++) {
        await send(app, actor(`x:${round}:${index}`))
        await send(
          app,
          actor(`s:${round}:${index}`, { rootId: `x:${round}:${index}`, parentId: `x:${round}:${index}` }),
        )
      }
      await until(() => relay.census.connections === 4_000, 'all are reported')
      for (let index = 0; index < 4_000; index++) {
        await send(app, JSON.stringify({ ...about(`x:${round}:${index}`), type: '@statewire.gone' }))
      }
      await until(() => relay.census.connections === 0, 'all have gone')
    }
    app.terminate()
  })

  it(
    'can report more than may wait for a viewer: the viewer gets it in batches and is not dropped',
    { timeout: 120_000 },
    async () => {
      const app = await application()
      const definition = 'x'.repeat(20_000)
      for (let index = 0; index < 4_000; index++) await send(app, actor(`x:${index}`, { definition }))
      await until(() => relay.census.connections === 4_000, 'all are reported')
      const looker = await Looker.at(relay)
      await until(() => looker.received.length >= 4_000 || looker.socket.readyState !== 1, 'it is introduced')
      expect(looker.received).toHaveLength(4_000)
      app.terminate()
      await looker.leave()
    },
  )

  it('is disconnected when it sends an oversized message, and no other application is', async () => {
    const good = await application()
    const bad = await application()
    bad.on('error', () => {})
    bad.send(`"${'x'.repeat(5_000_000)}"`)
    await once(bad, 'close')
    expect(good.readyState).toBe(1)
    good.terminate()
  })
})

describe('the memory of a relay', () => {
  it('is bounded for all applications together', { timeout: 120_000 }, async () => {
    const apps = await Promise.all(Array.from({ length: 30 }, () => application()))
    for (const app of apps) {
      for (let index = 0; index < 5; index++)
        await send(app, actor(`x:${index}`, { definition: `${index}`, name: 'n'.repeat(3_000_000) }))
    }
    await until(() => apps.every(({ bufferedAmount }) => bufferedAmount === 0), 'all went out')
    const looker = await Looker.at(relay)
    let known = -1
    while (known !== looker.text.length) {
      known = looker.text.length
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    expect(looker.socket.readyState).toBe(1)
    expect(known).toBeGreaterThan(30_000_000)
    expect(known).toBeLessThan(100_000_000)
    for (const app of apps) app.terminate()
    await looker.leave()
  })
})

describe('an unauthorized client', () => {
  const port = (): number => Number(new URL(relay.url).port)
  const token = (): string => new URL(relay.viewerUrl).pathname.slice(1, -1)
  const host = (): string => `127.0.0.1:${port()}`

  /** A client that never closes its side. */
  async function dial(text: string): Promise<Socket> {
    const socket = connect({ port: port(), host: '127.0.0.1', allowHalfOpen: true })
    socket.on('error', () => {})
    await once(socket, 'connect')
    if (text !== '') socket.write(text)
    return socket
  }

  /** Resolves once the relay has destroyed its end, which resets further writes. */
  async function isReset(socket: Socket): Promise<void> {
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const writing = setInterval(() => socket.write('x'), 50)
    await closed
    clearInterval(writing)
  }

  const headers = Object.entries(upgrade).map(([name, value]) => `${name}: ${value}\r\n`)
  const kinds: readonly [name: string, text: () => string][] = [
    ['a refused upgrade', () => `GET /x HTTP/1.1\r\nHost: ${host()}\r\n${headers.join('')}\r\n`],
    ['a refused page', () => `GET /x HTTP/1.1\r\nHost: ${host()}\r\n\r\n`],
    ['bytes that are not HTTP', () => 'hello\r\n\r\n'],
  ]

  it.each(kinds)('cannot hold a connection by leaving its side open after %s', async (_, text) => {
    const socket = await dial(text())
    socket.resume()
    await once(socket, 'end')
    await isReset(socket)
  })

  it('cannot prevent a relay from closing, at any stage of a request', async () => {
    const sockets = [
      ...(await Promise.all(kinds.map(([, text]) => dial(text())))),
      await dial(''),
      await dial('GET /'),
      await dial(`GET /${token()}/ HTTP/1.1\r\nHost: ${host()}\r\n`),
      await dial(`GET /${token()}/viewer.html HTTP/1.1\r\nHost: ${host()}\r\n\r\n`),
      await dial(`POST /${token()}/ HTTP/1.1\r\nHost: ${host()}\r\nContent-Length: 100\r\n\r\n`),
    ]
    await new Promise((resolve) => setTimeout(resolve, 100))
    await relay.close()
    for (const socket of sockets) socket.destroy()
  })

  it('gets no further answers to requests sent after a rejected one', async () => {
    const socket = await dial('')
    socket.resume()
    socket.write(`GET /x HTTP/1.1\r\nHost: ${host()}\r\n\r\n`.repeat(20_000))
    await isReset(socket)
    expect((await fetch(relay.viewerUrl)).status).toBe(200)
  })

  it.each([
    ['an unknown expectation', 'Expect: nothing\r\n'],
    ['100-continue', 'Expect: 100-continue\r\nContent-Length: 1\r\n'],
    ['no Host header', undefined],
  ])('gets the same refusal as any other with %s', async (_, more) => {
    const usual = await ask(port(), '/x', { Host: host() })
    const socket = await dial(`GET /x HTTP/1.1\r\n${more === undefined ? '' : `Host: ${host()}\r\n${more}`}\r\n`)
    let answer = ''
    socket.on('data', (data: Buffer) => (answer += data.toString()))
    await once(socket, 'end')
    socket.destroy()
    expect(answer).toBe(usual)
  })
})

describe('the address of the page', () => {
  it.each(['?x', '?', '?a=/b', '/?x', '/', ''])('leads to the page with %j after it', async (more) => {
    const response = await fetch(relay.viewerUrl.replace(/\/$/, more))
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('<title>statewire viewer</title>')
    expect(new URL(response.url).pathname).toBe(new URL(relay.viewerUrl).pathname)
  })
})

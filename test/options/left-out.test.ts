// An undefined option counts as omitted everywhere, because that is how options are passed on.
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  createConnection,
  decorrelatedJitter,
  equalJitter,
  fixedBackoff,
  fullJitter,
  protocolPing,
  sequenceBackoff,
  serverPing,
  textHeartbeat,
  webSocketTransport,
} from '../../src/index.js'
import { linkRelay, observe } from '../../src/tools/inspect/index.js'
import { createRelay } from '../../src/tools/inspect/relay/index.js'
import { createFaultServer, FakeTransport, settle, TestClock } from '../../src/tools/testing/index.js'
import { wsTransport } from '../../src/transports/ws.js'
import { wsDefaults } from '../../src/transports/ws/options.js'
import { ReconnectingWebSocket } from '../../src/websocket/index.js'
import { setup } from '../support/setup.js'

const url = 'wss://server.test/'

/** Every known name of an options object, found through the error for an unknown one, with the value undefined. */
async function allUndefined(call: (options: object) => unknown): Promise<Record<string, undefined>> {
  let said = ''
  try {
    await call({ 'not an option': 1 })
  } catch (error) {
    said = (error as Error).message
  }
  const [, names] = /the known names are (.*)$/.exec(said) ?? []
  if (names === undefined) throw new Error(`it takes anything: ${said}`)
  return Object.fromEntries(names.split(', ').map((name) => [name, undefined]))
}

const connectionOptions = (options: object): unknown =>
  createConnection(url, { transport: new FakeTransport(), ...options })

describe('an undefined option', () => {
  it('of createConnection counts as omitted, as does each of its queue', async () => {
    for (const wrap of [(options: object) => options, (queue: object) => ({ queue })]) {
      const all = await allUndefined((options) => connectionOptions(wrap(options)))
      expect(Object.keys(all).length).toBeGreaterThan(2)
      const connection = createConnection(url, { ...wrap(all), transport: new FakeTransport() })
      expect([connection.state, connection.binaryType]).toEqual(['connecting', 'arraybuffer'])
      for (let at = 0; at < 1_000; at++) connection.send('x')
      expect(() => connection.send('x')).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }))
      void connection.close()
    }
  })

  it.each<[string, (options: object) => unknown, object?]>([
    ['protocolPing', (options) => protocolPing(options)],
    ['serverPing', (options) => serverPing(options)],
    [
      'textHeartbeat',
      (options) => textHeartbeat({ ping: 'ping', pong: 'pong', ...options }),
      { ping: 'ping', pong: 'pong' },
    ],
  ])('of %s counts as omitted', async (_, make, required = {}) => {
    const all = { ...(await allUndefined(make)), ...required }
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
    expect(plain(make(all))).toEqual(plain(make({})))
  })

  it.each<
    [string, (options: object) => (input: { attempt: number; previous: undefined; random: () => number }) => number]
  >([
    ['fullJitter', (options) => fullJitter(options)],
    ['equalJitter', (options) => equalJitter(options)],
    ['decorrelatedJitter', (options) => decorrelatedJitter(options)],
    ['fixedBackoff', (options) => fixedBackoff(1_000, options)],
    ['sequenceBackoff', (options) => sequenceBackoff([1, 2], options)],
  ])('of %s counts as omitted', async (_, make) => {
    const all = await allUndefined(make)
    for (let attempt = 1; attempt < 12; attempt++) {
      const input = { attempt, previous: undefined, random: () => 0.7 }
      expect(make(all)(input)).toBe(make({})(input))
    }
  })

  it('of a transport counts as omitted', async () => {
    const all = await allUndefined((options) => webSocketTransport(options))
    expect(() => webSocketTransport(all)).not.toThrow()
    // To ws itself, each of these would disable something.
    const off = {
      autoPong: undefined,
      perMessageDeflate: undefined,
      maxPayload: undefined,
      skipUTF8Validation: undefined,
    }
    const given: object[] = []
    class Spy extends WebSocket {
      constructor(_url: string, _protocols: string[], options: object) {
        given.push(options)
        // Like those of its server, which do not dial.
        super(null)
        throw new Error('enough')
      }
    }
    const owned = {
      host: undefined,
      protocol: undefined,
      coalesce: undefined,
      certificateErrors: undefined,
      WebSocket: undefined,
    }
    expect(() => wsTransport({ ...off, ...owned })).not.toThrow()
    const connection = createConnection(url, {
      transport: wsTransport({ ...off, WebSocket: Spy as typeof WebSocket }),
      retry: () => false,
    })
    connection.on('close', () => {})
    await settle()
    expect(given).toHaveLength(1)
    // An option with a default in statewire gets it.
    const defaults: Readonly<Record<string, unknown>> = wsDefaults
    for (const name of Object.keys(off)) {
      if (name in defaults) expect(given[0]).toHaveProperty(name, defaults[name])
      else expect(given[0]).not.toHaveProperty(name)
    }
  })

  it('of send, sendMany, messages, opened, ended, drained and on counts as omitted', async () => {
    const { connection, accept } = setup()
    const socket = await accept()
    connection.on('message', () => {}, { once: undefined, signal: undefined })
    expect(connection.send('a', { ttl: undefined, key: undefined })).toBe('sent')
    expect(connection.sendMany(['b'], { ttl: undefined }).sent).toBe(1)
    const reader = connection.messages({ limit: undefined, bytes: undefined, overflow: undefined, signal: undefined })
    socket.message('c')
    expect(await reader.next()).toEqual({ done: false, value: 'c' })
    await connection.opened({ signal: undefined })
    await connection.drained({ signal: undefined })
    void connection.ended({ signal: undefined })
  })

  it('in the result of a url function counts as omitted', async () => {
    const transport = new FakeTransport()
    createConnection(() => ({ url, protocols: undefined, headers: undefined }), { transport, protocols: ['mine'] })
    await settle()
    expect(transport.last.target).toMatchObject({ protocols: ['mine'], headers: {} })
  })

  it('of ReconnectingWebSocket counts as omitted and keeps bound options', async () => {
    const all = await allUndefined((options) => new ReconnectingWebSocket(url, [], options))
    const transport = new FakeTransport()
    const bound = { transport, maxRetries: 0, queue: false }
    const Bound = ReconnectingWebSocket.with(bound).with(all)
    const ws = new Bound(url, [], all)
    expect(() => ws.send('x')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }))
    await settle()
    transport.last.refuse()
    expect([ws.readyState, ws.shouldReconnect]).toEqual([3, false])
    let heard = 0
    ws.addEventListener('close', () => heard++, {
      once: undefined,
      capture: undefined,
      passive: undefined,
      signal: undefined,
    })
    ws.dispatchEvent(new Event('close'))
    expect(heard).toBe(1)
  })

  it('of the testing tools counts as omitted', async () => {
    const all = await allUndefined((options) => createFaultServer(options))
    const server = await createFaultServer(all)
    expect(server.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+/)
    await server.close()
    expect(new TestClock({ epoch: undefined }).wall()).toBe(new TestClock().wall())
    const transport = new FakeTransport({ capabilities: { ping: undefined, pause: undefined }, onSocket: undefined })
    createConnection(url, { transport })
    await settle()
    expect([typeof transport.last.ping, typeof transport.last.pause]).toEqual(['function', 'function'])
  })

  it('of the inspector counts as omitted', async () => {
    const { connection } = setup()
    const off = observe(connection, () => {}, {
      name: undefined,
      every: undefined,
      errors: undefined,
      clock: undefined,
    })
    off()
    const relay = await createRelay({
      port: undefined,
      token: undefined,
      origins: undefined,
      viewer: undefined,
      replay: undefined,
      WebSocketServer: undefined,
    })
    const link = linkRelay(relay.url, { transport: undefined })
    link.close()
    await relay.close()
  })
})

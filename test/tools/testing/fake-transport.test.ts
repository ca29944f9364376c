import { describe, expect, test } from 'vitest'
import { FakeTransport, settle, type FakeSocket, type FakeTransportOptions } from '../../../src/tools/testing/index.js'
import type { SocketSink, Target } from '../../../src/core/transport.js'

const target: Target = { url: 'ws://server.test/', protocols: ['feed'], headers: {}, binaryType: 'arraybuffer' }

/** A sink that records what it receives. */
function noted(): { heard: unknown[]; sink: SocketSink } {
  const heard: unknown[] = []
  return {
    heard,
    sink: {
      opened: (info) => heard.push(['opened', info]),
      message: (data) => heard.push(['message', data]),
      alive: (frame) => heard.push(['alive', frame]),
      failed: (detail) => heard.push(['failed', detail]),
      closed: (close) => heard.push(['closed', close]),
    },
  }
}

function connected(options?: FakeTransportOptions): { transport: FakeTransport; socket: FakeSocket; heard: unknown[] } {
  const transport = new FakeTransport(options)
  const { heard, sink } = noted()
  transport.connect(target, sink)
  return { transport, socket: transport.last, heard }
}

describe('the fake transport', () => {
  test('records its sockets, and has no last one before the first', () => {
    const transport = new FakeTransport()
    expect(() => transport.last).toThrow('nothing has been dialed yet')
    const { sink } = noted()
    const sockets = [transport.connect(target, sink), transport.connect(target, sink)]
    expect(transport.sockets).toEqual(sockets)
    expect(transport.last).toBe(sockets[1])
    expect(transport.last.target).toBe(target)
  })

  test('counts a socket as alive until either side ends it', () => {
    const { transport, socket } = connected()
    expect(transport.alive).toBe(1)
    socket.close()
    expect(transport.alive).toBe(1)
    socket.end()
    expect(transport.alive).toBe(0)
    transport.connect(target, noted().sink)
    transport.last.abandon()
    expect(transport.alive).toBe(0)
  })

  test('passes each new socket to its script after connect returns', async () => {
    const scripted: FakeSocket[] = []
    const { socket, heard } = connected({ onSocket: (each) => (scripted.push(each), each.accept()) })
    expect(scripted).toEqual([])
    expect(heard).toEqual([])
    await settle()
    expect(scripted).toEqual([socket])
    expect(heard).toHaveLength(1)
  })

  test('creates sockets with the configured capabilities', () => {
    const { socket } = connected()
    socket.ping!()
    socket.pause!()
    socket.resume!()
    expect(socket.actions.map(({ type }) => type)).toEqual(['ping', 'pause', 'resume'])
    const { socket: poor } = connected({ capabilities: { ping: false, pause: false } })
    expect([poor.ping, poor.pause, poor.resume]).toEqual([undefined, undefined, undefined])
  })
})

describe('a fake socket', () => {
  test('sends only while it is open', () => {
    const { socket } = connected()
    expect(() => socket.send('early')).toThrow('the socket is not open')
    socket.accept()
    socket.send('now')
    socket.close(4000, 'bye')
    expect(() => socket.send('late')).toThrow('the socket is not open')
    expect(socket.sent).toEqual(['now'])
    expect(socket.actions.at(-1)).toEqual({ type: 'close', code: 4000, reason: 'bye' })
    expect([socket.count('send'), socket.count('close'), socket.count('abandon')]).toEqual([1, 1, 0])
  })

  test('never calls its sink inside a socket method', () => {
    const { socket, heard } = connected()
    socket.accept()
    heard.length = 0
    socket.send('data')
    socket.ping!()
    socket.pause!()
    socket.resume!()
    socket.close()
    socket.abandon()
    expect(heard).toEqual([])
  })

  test('opens once, and not at all if closed before', () => {
    const { socket, heard } = connected()
    socket.accept({ protocol: 'feed' })
    socket.accept()
    expect(heard).toEqual([['opened', { protocol: 'feed', extensions: '' }]])
    const { socket: closing, heard: nothing } = connected()
    closing.close()
    closing.accept()
    expect(closing.open).toBe(false)
    expect(nothing).toEqual([])
  })

  test('reports what the server does', () => {
    const { socket, heard } = connected()
    socket.accept()
    heard.length = 0
    socket.message('text')
    socket.pong()
    socket.serverPing()
    expect(heard).toEqual([
      ['message', 'text'],
      ['alive', 'pong'],
      ['alive', 'ping'],
    ])
  })

  test('ends once: first with the failure, if any', () => {
    const { socket, heard } = connected()
    socket.refuse({ status: 503, retryAfter: 1_000 })
    socket.end()
    socket.refuse()
    expect(heard).toEqual([
      ['failed', { error: new Error('refused'), status: 503, retryAfter: 1_000 }],
      ['closed', { code: 1006, reason: '', wasClean: false }],
    ])
  })

  test('ends uncleanly with 1006 and cleanly with any other code, unless told otherwise', () => {
    const closes = [{}, { code: 1001, reason: 'restart' }, { code: 1001, wasClean: false }].map((close) => {
      const { socket, heard } = connected()
      socket.end(close)
      return heard.at(-1)
    })
    expect(closes).toEqual([
      ['closed', { code: 1006, reason: '', wasClean: false }],
      ['closed', { code: 1001, reason: 'restart', wasClean: true }],
      ['closed', { code: 1001, reason: '', wasClean: false }],
    ])
  })

  test.each(['abandon', 'end'] as const)('reports nothing after %s, except through its late sink', (over) => {
    const { socket, heard } = connected()
    socket.accept()
    socket[over]()
    heard.length = 0
    socket.accept()
    socket.message('late')
    socket.pong()
    socket.serverPing()
    socket.end()
    expect(heard).toEqual([])
    socket.lateSink.message('later')
    expect(heard).toEqual([['message', 'later']])
  })
})

// The constructor accepts what the platform's accepts: relative URLs in a page or a worker, and http: and https:.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { settle } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { wsTransport } from '../../src/transports/ws.js'
import { ReconnectingWebSocket, type ReconnectingWebSocketOptions } from '../../src/websocket/index.js'

afterEach(() => {
  vi.unstubAllGlobals()
})

/** Where the code runs, and the base of relative URLs there. */
const places = [
  ['a page', () => vi.stubGlobal('document', { baseURI: 'https://app.test/deep/page?query=1#part' })],
  ['a worker', () => vi.stubGlobal('location', { href: 'https://app.test/deep/worker.js' })],
] as const

/** A transport of each kind, none of which dials. */
const transports: Record<string, () => ReconnectingWebSocketOptions> = {
  'the platform’s class': () => ({ WebSocket: class extends FakeClass {} as never }),
  'a transport of its own': () => ({ transport: new FakeTransport() }),
  ws: () => ({ transport: wsTransport() }),
}

class FakeClass extends EventTarget {
  readonly readyState = 0
  close(): void {}
}

const relative = [
  ['socket', 'wss://app.test/deep/socket'],
  ['/socket?a=b', 'wss://app.test/socket?a=b'],
  ['//other.test/socket', 'wss://other.test/socket'],
  ['http://other.test:80/', 'ws://other.test/'],
  ['https://other.test:443/', 'wss://other.test/'],
] as const

describe.each(Object.entries(transports))('over %s', (_, options) => {
  describe.each(places)('in %s', (_place, stub) => {
    test.each(relative)('%s is %s', (given, expected) => {
      stub()
      for (const make of [ReconnectingWebSocket, ReconnectingWebSocket.with(options())]) {
        const ws = new make(given, [], { ...options(), startClosed: true })
        expect(ws.url).toBe(expected)
        // Passed to a provider of subprotocols.
        expect(new make(given, () => [], { ...options(), startClosed: true }).url).toBe(expected)
      }
    })

    test('a fragment, another scheme and bad syntax throw SyntaxError', () => {
      stub()
      for (const given of ['/socket#part', 'socket#', 'ftp://other.test/', 'http://a:b']) {
        expect(() => new ReconnectingWebSocket(given, [], options())).toThrow(
          expect.objectContaining({ name: 'SyntaxError' }),
        )
      }
    })
  })

  test('a relative URL throws SyntaxError outside a page or worker; http: and https: are accepted', () => {
    for (const given of ['socket', '/socket', '//other.test/', '']) {
      expect(() => new ReconnectingWebSocket(given, [], options())).toThrow(
        expect.objectContaining({ name: 'SyntaxError' }),
      )
    }
    const url = (given: string): string => new ReconnectingWebSocket(given, [], { ...options(), startClosed: true }).url
    expect([url('http://other.test/'), url('https://other.test/')]).toEqual(['ws://other.test/', 'wss://other.test/'])
  })
})

test('a URL returned by a provider is also relative to the page', async () => {
  vi.stubGlobal('document', { baseURI: 'https://app.test/deep/page' })
  const transport = new FakeTransport()
  new ReconnectingWebSocket(() => 'socket', [], { transport })
  await settle()
  expect(transport.last.target.url).toBe('wss://app.test/deep/socket')
})

test('a transport with its own base keeps it', async () => {
  vi.stubGlobal('document', { baseURI: 'https://app.test/deep/page' })
  const transport = Object.assign(new FakeTransport(), { base: 'https://other.test/' })
  expect(new ReconnectingWebSocket('/socket', [], { transport, startClosed: true }).url).toBe('wss://other.test/socket')
})

test.each([5, {}, { connect: 1 }])('a value that is no transport (%j) is rejected as such', (transport) => {
  expect(() => new ReconnectingWebSocket('ws://a.test', [], { transport: transport as never })).toThrow(
    expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringContaining('transport') as unknown }),
  )
})

// WHATWG WebSockets §3.1, `new WebSocket(url, protocols)`.
import { expect } from 'vitest'
import { expectDOMException, expectTypeError, fact, noting, thrownBy, type Fact } from './world.js'

/** The result of a construction: a URL, or the name of the exception. */
function outcome(make: () => WebSocket): string {
  try {
    return make().url
  } catch (thrown) {
    return (thrown as Error).name
  }
}

const { document: page, location: place } = globalThis as {
  document?: { baseURI: string }
  location?: { href: string }
}
const base = page?.baseURI ?? place?.href

export const construction: Fact[] = [
  fact('the constructor without arguments throws TypeError', ({ WebSocket }) => {
    expectTypeError(() => Reflect.construct(WebSocket, []))
  }),
  fact('the constructor without new throws TypeError', ({ WebSocket, server }) => {
    expectTypeError(() => (WebSocket as unknown as (url: string) => void)(server))
  }),
  fact('a URL object is accepted as url', (world) => {
    expect(world.make(new URL(`${world.server}/echo?a=b`)).url).toBe(`${world.server}/echo?a=b`)
  }),
  fact('any value is converted to a url string', (world) => {
    expect(world.make({ toString: () => `${world.server}/echo` }).url).toBe(`${world.server}/echo`)
  }),
  fact('null and undefined as url become "null" and "undefined"', (world) => {
    for (const value of [null, undefined]) {
      expect(outcome(() => world.make(value))).toBe(outcome(() => world.make(String(value))))
    }
  }),
  fact('a symbol as url throws TypeError', (world) => {
    expectTypeError(() => world.make(Symbol('url')))
  }),
  fact('a function as url becomes its source text', (world) => {
    const url = Object.assign(() => {}, { toString: () => `${world.server}/echo` })
    expect(world.make(url).url).toBe(`${world.server}/echo`)
  }),
  fact("an exception of the url's toString is rethrown", (world) => {
    const mine = new Error('mine')
    const url = {
      toString: () => {
        throw mine
      },
    }
    expect(thrownBy(() => world.make(url))).toBe(mine)
  }),
  fact('url is converted before protocols, and both before either is validated', (world) => {
    const log: string[] = []
    expectDOMException(
      () => world.make(noting(log, 'url', 'ftp://a'), [noting(log, 'first', 'a'), noting(log, 'second', 'a')]),
      'SyntaxError',
    )
    expect(log).toEqual(['url', 'first', 'second'])
  }),
  fact('url is serialized as in the URL standard', (world) => {
    const raw = `${world.server.replace('ws', 'WS')}/a/../echo?q=ü "x"`
    expect(world.make(`  ${raw}\n`).url).toBe(`${world.server}/echo?q=%C3%BC%20%22x%22`)
  }),
  fact('a url without a path gets the path /', (world) => {
    expect(world.make(world.server).url).toBe(`${world.server}/`)
  }),
  fact('the default port is left out of the url', (world) => {
    expect(world.make('ws://127.0.0.1:80/').url).toBe('ws://127.0.0.1/')
    expect(world.make('wss://127.0.0.1:443/').url).toBe('wss://127.0.0.1/')
    expect(world.make('https://127.0.0.1:443/').url).toBe('wss://127.0.0.1/')
  }),
  fact('http: becomes ws: and opens', async (world) => {
    const socket = world.make(`${world.server.replace('ws:', 'http:')}/echo`)
    expect(socket.url).toBe(`${world.server}/echo`)
    await world.next(socket, 'open')
  }),
  fact('https: becomes wss:', (world) => {
    expect(world.make(`${world.server.replace('ws:', 'https:')}/echo`).url).toBe(
      `${world.server.replace('ws:', 'wss:')}/echo`,
    )
  }),
  fact('a relative url is resolved against the document or worker, and throws SyntaxError elsewhere', (world) => {
    for (const url of ['/feed', 'feed', '?feed', '', '//127.0.0.1/feed']) {
      const expected = base === undefined ? 'SyntaxError' : new URL(url, base).href.replace(/^http/, 'ws')
      expect(outcome(() => world.make(url))).toBe(expected)
    }
  }),
  fact('a lone surrogate in a url becomes U+FFFD', (world) => {
    expect(world.make(`${world.server}/echo?\ud800`).url).toBe(`${world.server}/echo?%EF%BF%BD`)
  }),
  fact('credentials stay in the url', (world) => {
    const url = `${world.server.replace('//', '//user:secret@')}/echo`
    expect(world.make(url).url).toBe(url)
  }),
  fact('a url that cannot be parsed throws SyntaxError', (world) => {
    for (const url of ['ws://', 'ws://127.0.0.1:99999', 'ws://[::1', 'http://a:b']) {
      expectDOMException(() => world.make(url), 'SyntaxError')
    }
  }),
  fact('a host with a space or a lone percent sign throws SyntaxError', (world) => {
    for (const url of ['ws://a b', 'wss://%']) expectDOMException(() => world.make(url), 'SyntaxError')
  }),
  fact('a scheme other than ws, wss, http and https throws SyntaxError', (world) => {
    for (const url of ['ftp://127.0.0.1/', 'mailto:a@b.test', 'about:blank', 'data:,x', 'file:///x', 'wsx://a/']) {
      expectDOMException(() => world.make(url), 'SyntaxError')
    }
  }),
  fact('a fragment throws SyntaxError, even an empty one', (world) => {
    for (const hash of ['#', '#x', '?q#', '/#/']) {
      expectDOMException(() => world.make(`${world.server}/${hash}`), 'SyntaxError')
    }
    expect(world.make(`${world.server}/%23`).url).toBe(`${world.server}/%23`)
  }),
  fact('a SyntaxError is a DOMException of code 12', (world) => {
    expect(thrownBy(() => world.make('ftp://127.0.0.1/'))).toHaveProperty('code', 12)
  }),
  fact('a third argument is ignored', (world) => {
    expect(world.make(`${world.server}/echo`, [], { nonsense: true }).url).toBe(`${world.server}/echo`)
  }),
  fact('a new socket is CONNECTING, empty, and presents binary messages as Blobs', (world) => {
    const { readyState, bufferedAmount, protocol, extensions, binaryType } = world.dial()
    expect({ readyState, bufferedAmount, protocol, extensions, binaryType }).toEqual({
      readyState: 0,
      bufferedAmount: 0,
      protocol: '',
      extensions: '',
      binaryType: 'blob',
    })
  }),
]

/** The header that reaches the server. */
const offers = (title: string, protocols: () => unknown, header: string | undefined): Fact =>
  fact(title, async (world) => {
    const visit = world.remembered('/echo')
    const socket = await world.open(visit.path, protocols())
    const { headers } = await visit.facts((facts) => facts.arrived)
    expect(headers['sec-websocket-protocol']?.toString().replaceAll(' ', '')).toBe(header)
    expect(socket.protocol).toBe(header?.split(',')[0] ?? '')
  })

const refuses = (title: string, error: 'SyntaxError' | 'TypeError', ...protocols: unknown[]): Fact =>
  fact(title, (world) => {
    for (const each of protocols) {
      if (error === 'TypeError') expectTypeError(() => world.dial('/echo', each))
      else expectDOMException(() => world.dial('/echo', each), error)
    }
  })

export const subprotocols: Fact[] = [
  offers('omitted subprotocols offer none', () => undefined, undefined),
  offers('an empty list offers no subprotocol', () => [], undefined),
  offers('one subprotocol may be a string', () => 'chat', 'chat'),
  offers('a list of subprotocols is offered in order', () => ['chat', 'super.chat'], 'chat,super.chat'),
  offers('a Set of subprotocols is accepted as a list', () => new Set(['b', 'a']), 'b,a'),
  offers(
    'any iterable is accepted as a list of subprotocols',
    function* iterate() {
      yield 'x'
      yield 'y'
    },
    'x,y',
  ),
  // oxlint-disable-next-line no-new-wrappers -- the fact is about wrappers
  offers('a String object is iterated, so each character is a subprotocol', () => new String('ab'), 'a,b'),
  offers('the members of a list are converted to strings', () => [1, { toString: () => 'two' }, null], '1,two,null'),
  offers('a number is converted to one subprotocol', () => 5, '5'),
  offers('null becomes the subprotocol "null"', () => null, 'null'),
  offers(
    'an object whose iterator is null is converted to a string',
    () => ({ [Symbol.iterator]: null, toString: () => 'chat' }),
    'chat',
  ),
  offers('a subprotocol may contain every token character', () => "!#$%&'*+-.^_`|~09azAZ", "!#$%&'*+-.^_`|~09azAZ"),
  // As the Web Platform Tests read "occur more than once".
  refuses('subprotocols that differ only in case throw SyntaxError', 'SyntaxError', ['chat', 'CHAT']),
  refuses('an empty subprotocol throws SyntaxError', 'SyntaxError', '', [''], ['chat', '']),
  refuses(
    'a subprotocol that is not a token throws SyntaxError',
    'SyntaxError',
    ...[
      'a b',
      'a,b',
      'a/b',
      'a:b',
      'a;b',
      'a@b',
      'a"',
      '(',
      ')',
      '<',
      '=',
      '[',
      '{',
      '\\',
      '?',
      '\t',
      '\0',
      '\x7f',
      'ä',
      '€',
    ],
  ),
  refuses('a subprotocol given twice throws SyntaxError', 'SyntaxError', ['chat', 'chat'], ['a', 'b', 'a'], [1, '1']),
  refuses('an object that is not iterable is converted to a string, rarely a token', 'SyntaxError', {}),
  refuses('a symbol as subprotocol throws TypeError', 'TypeError', Symbol('chat'), [Symbol('chat')]),
  refuses('an iterator that is not callable throws TypeError', 'TypeError', { [Symbol.iterator]: 1 }),
  fact('a server that selects none of the offered subprotocols causes error and close (1006)', async (world) => {
    const socket = world.dial('/echo?choose=', ['chat'])
    await world.next(socket, 'error')
    const { code, wasClean } =
      socket.readyState === 3 ? { code: 1006, wasClean: false } : await world.next(socket, 'close')
    expect({ code, wasClean }).toEqual({ code: 1006, wasClean: false })
  }),
  fact('a server can select the second subprotocol', async (world) => {
    expect((await world.open('/echo?choose=b', ['a', 'b'])).protocol).toBe('b')
  }),
]

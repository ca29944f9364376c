// WHATWG WebSockets §3.1, `new WebSocket(url, protocols)`.
import { expect } from 'vitest'
import { expectDOMException, expectTypeError, fact, noting, thrownBy, type Fact } from './setup.js'

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
  fact('a URL object is accepted as url', (setup) => {
    expect(setup.make(new URL(`${setup.server}/echo?a=b`)).url).toBe(`${setup.server}/echo?a=b`)
  }),
  fact('any value is converted to a url string', (setup) => {
    expect(setup.make({ toString: () => `${setup.server}/echo` }).url).toBe(`${setup.server}/echo`)
  }),
  fact('null and undefined as url become "null" and "undefined"', (setup) => {
    for (const value of [null, undefined]) {
      expect(outcome(() => setup.make(value))).toBe(outcome(() => setup.make(String(value))))
    }
  }),
  fact('a symbol as url throws TypeError', (setup) => {
    expectTypeError(() => setup.make(Symbol('url')))
  }),
  fact('a function as url becomes its source text', (setup) => {
    const url = Object.assign(() => {}, { toString: () => `${setup.server}/echo` })
    expect(setup.make(url).url).toBe(`${setup.server}/echo`)
  }),
  fact("an exception of the url's toString is rethrown", (setup) => {
    const mine = new Error('mine')
    const url = {
      toString: () => {
        throw mine
      },
    }
    expect(thrownBy(() => setup.make(url))).toBe(mine)
  }),
  fact('url is converted before protocols, and both before either is validated', (setup) => {
    const log: string[] = []
    expectDOMException(
      () => setup.make(noting(log, 'url', 'ftp://a'), [noting(log, 'first', 'a'), noting(log, 'second', 'a')]),
      'SyntaxError',
    )
    expect(log).toEqual(['url', 'first', 'second'])
  }),
  fact('url is serialized as in the URL standard', (setup) => {
    const raw = `${setup.server.replace('ws', 'WS')}/a/../echo?q=ü "x"`
    expect(setup.make(`  ${raw}\n`).url).toBe(`${setup.server}/echo?q=%C3%BC%20%22x%22`)
  }),
  fact('a url without a path gets the path /', (setup) => {
    expect(setup.make(setup.server).url).toBe(`${setup.server}/`)
  }),
  fact('the default port is left out of the url', (setup) => {
    expect(setup.make('ws://127.0.0.1:80/').url).toBe('ws://127.0.0.1/')
    expect(setup.make('wss://127.0.0.1:443/').url).toBe('wss://127.0.0.1/')
    expect(setup.make('https://127.0.0.1:443/').url).toBe('wss://127.0.0.1/')
  }),
  fact('http: becomes ws: and opens', async (setup) => {
    const socket = setup.make(`${setup.server.replace('ws:', 'http:')}/echo`)
    expect(socket.url).toBe(`${setup.server}/echo`)
    await setup.next(socket, 'open')
  }),
  fact('https: becomes wss:', (setup) => {
    expect(setup.make(`${setup.server.replace('ws:', 'https:')}/echo`).url).toBe(
      `${setup.server.replace('ws:', 'wss:')}/echo`,
    )
  }),
  fact('a relative url is resolved against the document or worker, and throws SyntaxError elsewhere', (setup) => {
    for (const url of ['/feed', 'feed', '?feed', '', '//127.0.0.1/feed']) {
      const expected = base === undefined ? 'SyntaxError' : new URL(url, base).href.replace(/^http/, 'ws')
      expect(outcome(() => setup.make(url))).toBe(expected)
    }
  }),
  fact('a lone surrogate in a url becomes U+FFFD', (setup) => {
    expect(setup.make(`${setup.server}/echo?\ud800`).url).toBe(`${setup.server}/echo?%EF%BF%BD`)
  }),
  fact('credentials stay in the url', (setup) => {
    const url = `${setup.server.replace('//', '//user:secret@')}/echo`
    expect(setup.make(url).url).toBe(url)
  }),
  fact('a url that cannot be parsed throws SyntaxError', (setup) => {
    for (const url of ['ws://', 'ws://127.0.0.1:99999', 'ws://[::1', 'http://a:b']) {
      expectDOMException(() => setup.make(url), 'SyntaxError')
    }
  }),
  fact('a host with a space or a lone percent sign throws SyntaxError', (setup) => {
    for (const url of ['ws://a b', 'wss://%']) expectDOMException(() => setup.make(url), 'SyntaxError')
  }),
  fact('a scheme other than ws, wss, http and https throws SyntaxError', (setup) => {
    for (const url of ['ftp://127.0.0.1/', 'mailto:a@b.test', 'about:blank', 'data:,x', 'file:///x', 'wsx://a/']) {
      expectDOMException(() => setup.make(url), 'SyntaxError')
    }
  }),
  fact('a fragment throws SyntaxError, even an empty one', (setup) => {
    for (const hash of ['#', '#x', '?q#', '/#/']) {
      expectDOMException(() => setup.make(`${setup.server}/${hash}`), 'SyntaxError')
    }
    expect(setup.make(`${setup.server}/%23`).url).toBe(`${setup.server}/%23`)
  }),
  fact('a SyntaxError is a DOMException of code 12', (setup) => {
    expect(thrownBy(() => setup.make('ftp://127.0.0.1/'))).toHaveProperty('code', 12)
  }),
  fact('a third argument is ignored', (setup) => {
    expect(setup.make(`${setup.server}/echo`, [], { nonsense: true }).url).toBe(`${setup.server}/echo`)
  }),
  fact('a new socket is CONNECTING, empty, and presents binary messages as Blobs', (setup) => {
    const { readyState, bufferedAmount, protocol, extensions, binaryType } = setup.dial()
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
  fact(title, async (setup) => {
    const visit = setup.remembered('/echo')
    const socket = await setup.open(visit.path, protocols())
    const { headers } = await visit.facts((facts) => facts.arrived)
    expect(headers['sec-websocket-protocol']?.toString().replaceAll(' ', '')).toBe(header)
    expect(socket.protocol).toBe(header?.split(',')[0] ?? '')
  })

const refuses = (title: string, error: 'SyntaxError' | 'TypeError', ...protocols: unknown[]): Fact =>
  fact(title, (setup) => {
    for (const each of protocols) {
      if (error === 'TypeError') expectTypeError(() => setup.dial('/echo', each))
      else expectDOMException(() => setup.dial('/echo', each), error)
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
  fact('a server that selects none of the offered subprotocols causes error and close (1006)', async (setup) => {
    const socket = setup.dial('/echo?choose=', ['chat'])
    await setup.next(socket, 'error')
    const { code, wasClean } =
      socket.readyState === 3 ? { code: 1006, wasClean: false } : await setup.next(socket, 'close')
    expect({ code, wasClean }).toEqual({ code: 1006, wasClean: false })
  }),
  fact('a server can select the second subprotocol', async (setup) => {
    expect((await setup.open('/echo?choose=b', ['a', 'b'])).protocol).toBe('b')
  }),
]

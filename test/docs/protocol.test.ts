import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  closeCodes,
  encodeData,
  encodeNumber,
  longestHello,
  parseHello,
  parseJoined,
  parseRefusal,
  parseWelcome,
  protocolName,
  readFrame,
  refusalReasons,
  type Frame,
} from '../../src/resume/protocol.js'
import { root } from './pages.js'

const page = readFileSync(join(root, 'docs/protocol.md'), 'utf8')

/** The rows of the first table after a heading or a sentence, without their backticks. */
function table(after: string): string[][] {
  const start = page.indexOf(after)
  if (start === -1) throw new Error(`the page has no "${after}"`)
  const [rows = ''] = /(?:^\|.*\n)+/m.exec(page.slice(start)) ?? []
  const [, , ...body] = rows.trim().split('\n')
  return body.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

const plain = (cell = ''): string => cell.replaceAll('`', '')
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(plain(hex).split(' '), (byte) => parseInt(byte, 16))
const hexOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
const read = (data: string | Uint8Array): Frame => ({ ...readFrame(data) })
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const hello = { v: 1, sid: 'q83vEjRWeJCrze8SNFZ4kA', gen: 1, rx: 0 }
const samples: Record<string, { parse: (json: string) => object | undefined; body: Record<string, unknown> }> = {
  h: { parse: parseHello, body: { ...hello, tx: 7, ep: 'e', auth: 1, x: ['topics'], topics: { btc: ['e9', 41] } } },
  w: { parse: parseWelcome, body: { ep: 'e', rx: 1, seen: 2, resumed: true, ttl: 3, max: 4, tail: 5 } },
  r: { parse: parseRefusal, body: { reason: 'expired', rx: 1, exact: false, tried: 2 } },
  j: { parse: parseJoined, body: { id: 1, topic: 'btc', ep: 'e', off: 0, lost: true } },
}

describe('docs/protocol.md', () => {
  it('lists every frame with its letter', () => {
    const bodies: Record<string, string> = { d: '1:', t: '1,1:' }
    const listed = table('## Frames').map(([letter, kind]) => [plain(letter), plain(kind)])
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 {}"\u0000\u00e9'
    const known = letters.split('').flatMap((letter) =>
      ['1', '1:', '1,1:', '{}'].flatMap((body) => {
        const { kind } = readFrame(letter + body)
        return kind === 'invalid' ? [] : [`${letter} ${kind}`]
      }),
    )
    expect(new Set(listed.map((row) => row.join(' ')))).toEqual(new Set(known))
    for (const [letter = '', kind] of listed) expect(read(letter + (bodies[letter] ?? '1')).kind).toBe(kind)
  })

  it.each([
    ['### Client', 'client'],
    ['### Server', 'server'],
  ])('has a row for each frame that the other side sends: %s', (heading, side) => {
    const arriving = table('## Frames').flatMap(([letter, , by]) => (by === side ? [] : [plain(letter)]))
    const events = table(heading).map(([event = '']) => event)
    expect(arriving.filter((letter) => !events.some((event) => event.includes(`\`${letter}\``)))).toEqual([])
    const columns = table(heading).map((row) => row.length)
    expect(new Set(columns).size).toBe(1)
  })

  it('lists every close code', () => {
    const listed = table('### Close codes').map(([code, name]) => [plain(name), Number(code)])
    expect(Object.fromEntries(listed)).toEqual(closeCodes)
  })

  it('lists every reason of a refusal', () => {
    const rows = table('| reason ')
    expect(rows.map(([reason]) => plain(reason))).toEqual(refusalReasons)
    for (const [reason, , client] of rows) expect(client).toContain(`\`lost: ${plain(reason)}\``)
  })

  it('names the subprotocol and the largest hello', () => {
    expect(page).toContain(`The subprotocol is \`${protocolName}\`.`)
    expect(page).toContain(`At most ${longestHello} bytes.`)
    const limits = new Map(table('## Limits').map(([limit, value]) => [limit, value]))
    expect(limits.get('hello')).toContain(`${longestHello} bytes`)
  })

  it.each(table('| value '))('writes the number %s as %s and as %s', (value, base36, varint) => {
    const number = Number(value)
    expect(encodeNumber('a', number)).toBe(`a${plain(base36)}`)
    expect(hexOf(encodeData(number, new Uint8Array()) as Uint8Array)).toBe(`64 ${plain(varint)}`)
    expect(read(`a${plain(base36)}`)).toMatchObject({ kind: 'ack', number })
    expect(read(bytesOf(`64 ${plain(varint)}`))).toMatchObject({ kind: 'data', number })
  })

  it('has examples in bytes that are read as described', () => {
    const binary = Uint8Array.of(0xca, 0xfe)
    const frames = table('Examples, in bytes').map(([what = '', hex = '']) => {
      const { kind, number, topic, payload } = read(what.includes('binary') ? bytesOf(hex) : text(bytesOf(hex)))
      return [kind, number, kind === 'topic' ? topic : undefined, payload]
    })
    expect(frames).toEqual([
      ['data', 1, undefined, 'hi'],
      ['data', 36, undefined, ''],
      ['data', 2, undefined, 'é'],
      ['data', 300, undefined, binary],
      ['ack', 300, undefined, ''],
      ['ping', 0, undefined, ''],
      ['topic', 36, 1, 'hi'],
      ['topic', 36, 1, binary],
    ])
  })

  describe.each(Object.entries(samples))('the members of %s', (letter, { parse, body }) => {
    const members = table(`### \`${letter}\``).map(([name, type = '']) => ({ name: plain(name), type }))

    it('are those that are read', () => {
      expect(members.map(({ name }) => name)).toEqual(Object.keys(body))
      expect(parse(JSON.stringify({ ...body, later: 1 }))).toEqual(body)
    })

    it.each(members)('are required unless they are called optional: $name', ({ name, type }) => {
      const without = JSON.stringify({ ...body, [name]: undefined, ...(name === 'rx' && { tried: undefined }) })
      expect(parse(without) !== undefined).toBe(type.includes('optional'))
    })

    it.each(members.filter(({ type }) => !type.startsWith('any')))('have the type that is named: $name', ({ name }) => {
      for (const wrong of [null, [1], -1, 0.5, '']) {
        expect(parse(JSON.stringify({ ...body, [name]: wrong })), JSON.stringify(wrong)).toBeUndefined()
      }
    })
  })

  it('says that an unknown reason counts as ended', () => {
    expect(parseRefusal('{"reason":"of a later version"}')).toMatchObject({ reason: 'ended' })
  })
})

/** What one side has sent and received. */
interface Side {
  sent: number
  received: number
  acknowledged: number
}

/** Plays the frames of a printed exchange by the rules for numbers. Returns the kinds in order; throws at what breaks a rule. */
function play(exchange: string): string[] {
  const client: Side = { sent: 0, received: 0, acknowledged: 0 }
  const server: Side = { sent: 0, received: 0, acknowledged: 0 }
  const payloads = new Map<string, unknown>()
  const kinds: string[] = []
  let [sid, gen] = ['', 0]
  for (const line of exchange.split('\n')) {
    const [, arrow, shown = ''] = /^([→←]) (.*)$/.exec(line) ?? []
    if (arrow === undefined) continue
    const frame = read(shown.startsWith('binary ') ? bytesOf(shown.slice('binary '.length)) : shown)
    const { kind, number, payload } = frame
    const fail = (why: string): never => {
      throw new Error(`${line}: ${why}`)
    }
    const from = arrow === '→' ? client : server
    const to = arrow === '→' ? server : client
    kinds.push(kind)
    if (kind === 'data') {
      const key = `${arrow}${sid}${number}`
      if (number > from.sent + 1 || number <= from.acknowledged) fail('is not the next message')
      if (payloads.has(key) && payloads.get(key) !== payload) fail('differs from what was sent first')
      payloads.set(key, payload)
      from.sent = Math.max(from.sent, number)
      to.received = number
    } else if (['ack', 'ping', 'pong', 'bye'].includes(kind)) {
      if (number > to.sent || number < to.acknowledged) fail('acknowledges what was not sent, or less than before')
      to.acknowledged = number
    } else if (kind === 'hello') {
      const given = parseHello(payload as string) ?? fail('is invalid')
      if (given.sid === sid ? given.gen <= gen : given.gen !== 1) fail('has a wrong generation')
      if (given.sid !== sid)
        for (const side of [client, server]) Object.assign(side, { sent: 0, received: 0, acknowledged: 0 })
      ;({ sid, gen } = given)
      if (given.rx !== client.received) fail('has a wrong rx')
    } else if (kind === 'welcome') {
      const { rx, seen, ep } = parseWelcome(payload as string) ?? fail('is invalid')
      if (seen > client.sent || rx < client.acknowledged || ep === '') fail('does not fit')
      client.acknowledged = rx
      server.received = seen
    } else if (kind === 'refusal') {
      if (parseRefusal(payload as string) === undefined) fail('is invalid')
    } else fail('is invalid')
  }
  return kinds
}

describe('the worked exchange', () => {
  const [first = '', second = ''] = [
    ...page.slice(page.indexOf('## A worked exchange')).matchAll(/```text\n(.*?)```/gs),
  ].map(([, block = '']) => block)

  it('keeps the rules, across the cut', () => {
    const kinds = play(first)
    expect(kinds.filter((kind) => kind === 'hello')).toHaveLength(2)
    expect(kinds.slice(0, 2)).toEqual(['hello', 'welcome'])
    expect(kinds.slice(-2)).toEqual(['bye', 'bye'])
    expect(new Set(kinds)).toEqual(new Set(['hello', 'welcome', 'data', 'ack', 'ping', 'pong', 'bye']))
  })

  it('goes on with a session that is over', () => {
    const forgotten = second.replace('"rx":2', '"rx":0')
    expect(play(forgotten.replace('"gen":3', '"gen":1'))).toEqual(['hello', 'refusal', 'hello', 'welcome'])
  })

  it('would fail with a frame that breaks a rule', () => {
    for (const [from, to] of [
      ['d3:sell 1 apple', 'd4:sell 1 apple'],
      ['← a3', '← a9'],
      ['"gen":2', '"gen":1'],
      ['→ p2', '→ p02'],
      ['"seen":2', '"seen":9'],
    ] as const) {
      expect(() => play(first.replace(from, to)), to).toThrow(Error)
    }
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  encodeData,
  encodeJson,
  encodeNumber,
  encodeTopic,
  parseHello,
  parseJoined,
  parseRefusal,
  parseWelcome,
  readFrame,
  refusalReasons,
} from '../../src/resume/protocol.js'

const count = fc.oneof(
  fc.constantFrom(1, 35, 36, 127, 128, 16_383, 16_384, 2 ** 32, Number.MAX_SAFE_INTEGER),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
)
/** Any UTF-16, also lone surrogates. */
const text = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) })
const payload = fc.oneof(text, fc.uint8Array())
const name = fc.string({ minLength: 1, maxLength: 40 })
const sid = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('base64url'))
const numbered = fc.constantFrom('a', 'p', 'q', 'b', 'l')
const options = { seed: 16, numRuns: 2_000 }
const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined })
const reread = (frame: string | Uint8Array) => ({ ...readFrame(frame) })

const hello = fc.record({
  v: fc.constant(1 as const),
  sid,
  gen: count,
  rx: fc.oneof(fc.constant(0), count),
  ep: maybe(name),
  auth: maybe(fc.jsonValue()),
  x: maybe(fc.array(name)),
  topics: maybe(fc.dictionary(name, fc.tuple(name, count))),
})
const welcome = fc
  .record({ ep: name, rx: count, more: fc.nat(), resumed: fc.boolean(), ttl: fc.nat(), max: maybe(count), tail: count })
  .map(({ more, ...rest }) => ({ ...rest, seen: Math.min(rest.rx + more, Number.MAX_SAFE_INTEGER) }))
const refusal = fc
  .record({ reason: fc.constantFrom(...refusalReasons), rx: count, exact: maybe(fc.boolean()), more: maybe(fc.nat()) })
  .map(({ more, ...rest }) => ({
    ...rest,
    tried: more === undefined ? undefined : Math.min(rest.rx + more, Number.MAX_SAFE_INTEGER),
  }))
const joined = fc.record({ id: count, topic: name, ep: name, off: count, lost: maybe(fc.boolean()) })

/** A valid frame of any kind. */
const frame: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  fc.tuple(count, payload).map(([number, data]) => encodeData(number, data)),
  fc.tuple(count, count, payload).map(([id, offset, data]) => encodeTopic(id, offset, data)),
  fc.tuple(numbered, count).map(([type, number]) => encodeNumber(type, number)),
  hello.map((body) => encodeJson('h', body)),
  welcome.map((body) => encodeJson('w', body)),
  refusal.map((body) => encodeJson('r', body)),
  joined.map((body) => encodeJson('j', body)),
)

/** Writes a frame again from what was read of it. */
function rewritten({ kind, number, topic, payload: data }: ReturnType<typeof reread>): string | Uint8Array | undefined {
  if (kind === 'data') return encodeData(number, data)
  if (kind === 'topic') return encodeTopic(topic, number, data)
  const letters = { ack: 'a', ping: 'p', pong: 'q', bye: 'b', left: 'l' } as const
  if (kind in letters) return encodeNumber(letters[kind as keyof typeof letters], number)
  const bodies = { hello: 'h', welcome: 'w', refusal: 'r', joined: 'j' } as const
  return kind === 'invalid' ? undefined : bodies[kind as keyof typeof bodies] + String(data)
}

function staysItself(data: string | Uint8Array): void {
  const read = reread(data)
  if (read.kind === 'invalid') return
  expect(rewritten(read)).toEqual(data)
  if (['data', 'topic', 'ack', 'ping', 'pong', 'bye', 'left'].includes(read.kind))
    expect(Number.isSafeInteger(read.number)).toBe(true)
}

/** Each either refuses a body, or returns the members that it checked. */
function parsedAreChecked(body: string): void {
  const isCount = (given: unknown): boolean => Number.isSafeInteger(given) && (given as number) >= 0
  const [asHello, asWelcome, asRefusal, asJoined] = [
    parseHello(body),
    parseWelcome(body),
    parseRefusal(body),
    parseJoined(body),
  ]
  if (asHello !== undefined) {
    expect(asHello.sid).toMatch(/^[\w-]{22}$/)
    expect(isCount(asHello.gen) && isCount(asHello.rx) && asHello.gen > 0).toBe(true)
  }
  if (asWelcome !== undefined) {
    expect(isCount(asWelcome.rx) && isCount(asWelcome.seen) && isCount(asWelcome.ttl)).toBe(true)
    expect(asWelcome.seen).toBeGreaterThanOrEqual(asWelcome.rx)
  }
  if (asRefusal !== undefined) {
    expect(refusalReasons).toContain(asRefusal.reason)
    if (asRefusal.tried !== undefined) expect(asRefusal.tried).toBeGreaterThanOrEqual(asRefusal.rx!)
  }
  if (asJoined !== undefined) expect(isCount(asJoined.id) && isCount(asJoined.off) && asJoined.id > 0).toBe(true)
}

describe('frames', () => {
  it('carry any text and any bytes under any number', () => {
    fc.assert(
      fc.property(count, payload, (number, data) => {
        expect(reread(encodeData(number, data))).toMatchObject({ kind: 'data', number, payload: data })
      }),
      options,
    )
  })

  it('carry any text and any bytes of a topic', () => {
    fc.assert(
      fc.property(count, count, payload, (topic, number, data) => {
        expect(reread(encodeTopic(topic, number, data))).toMatchObject({ kind: 'topic', topic, number, payload: data })
      }),
      options,
    )
  })

  it('carry any number', () => {
    fc.assert(
      fc.property(numbered, count, (type, number) => {
        const read = reread(encodeNumber(type, number))
        expect(read.number).toBe(number)
        expect(rewritten(read)).toBe(encodeNumber(type, number))
      }),
      options,
    )
  })

  it('carry the same hello, welcome, refusal and announcement of a topic', () => {
    const body = (given: string): string => String(reread(given).payload)
    const known = (given: object): unknown => JSON.parse(JSON.stringify(given))
    const check =
      (type: 'h' | 'w' | 'r' | 'j', parse: (text: string) => object | undefined) =>
      (given: object): void => {
        const parsed = parse(body(encodeJson(type, given as never)))
        expect(parsed === undefined ? undefined : known(parsed)).toEqual(known(given))
      }
    fc.assert(fc.property(hello, check('h', parseHello)), { ...options, numRuns: 500 })
    fc.assert(fc.property(welcome, check('w', parseWelcome)), { ...options, numRuns: 500 })
    fc.assert(fc.property(refusal, check('r', parseRefusal)), { ...options, numRuns: 500 })
    fc.assert(fc.property(joined, check('j', parseJoined)), { ...options, numRuns: 500 })
  })

  it('are read from a view of a larger buffer', () => {
    const bytes = encodeData(300, Uint8Array.of(1, 2, 3)) as Uint8Array
    const larger = new Uint8Array(bytes.length + 8)
    larger.set(bytes, 4)
    const read = reread(larger.subarray(4, 4 + bytes.length))
    expect([read.number, read.payload]).toEqual([300, Uint8Array.of(1, 2, 3)])
  })
})

describe('the parser of frames', () => {
  it('accepts only what is written the same way, of any text and any bytes', () => {
    fc.assert(fc.property(payload, staysItself), { ...options, numRuns: 10_000 })
  })

  it('accepts only what is written the same way, of texts that look like frames', () => {
    const piece = fc.constantFrom(
      ...'dtapqblhwrj0019azAZ:,-+. {}"\u0000'.split(''),
      '2gosa7pa2gv',
      '2gosa7pa2gw',
      'ſ',
      '１',
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')),
        staysItself,
      ),
      {
        ...options,
        numRuns: 20_000,
      },
    )
  })

  it('accepts only what is written the same way, of bytes that look like frames', () => {
    const piece = fc.constantFrom(0x64, 0x74, 0, 1, 0x0f, 0x10, 0x7f, 0x80, 0x81, 0xff)
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 20 }).map((parts) => Uint8Array.from(parts)),
        staysItself,
      ),
      {
        ...options,
        numRuns: 20_000,
      },
    )
  })

  it('accepts only what is written the same way, of frames that were changed on the way', () => {
    fc.assert(
      fc.property(
        frame,
        fc.nat(),
        fc.integer({ min: 0, max: 0xffff }),
        fc.constantFrom(0, 1, 2),
        (valid, where, what, how) => {
          const units: number[] =
            typeof valid === 'string'
              ? Array.from({ length: valid.length }, (_, at) => valid.charCodeAt(at))
              : [...valid]
          const at = where % (Math.min(units.length, 24) + 1)
          units.splice(at, how === 0 ? 0 : 1, ...(how === 2 ? [] : [what]))
          const changed = typeof valid === 'string' ? String.fromCharCode(...units) : Uint8Array.from(units)
          staysItself(changed)
          if (typeof changed === 'string') parsedAreChecked(changed.slice(1))
        },
      ),
      { ...options, numRuns: 10_000 },
    )
  })
})

describe('the parsers of JSON', () => {
  it('refuse any text that is not a body, and never throw', () => {
    fc.assert(fc.property(text, parsedAreChecked), options)
    fc.assert(fc.property(fc.json(), parsedAreChecked), options)
  })

  it('refuse members of another kind, and never throw', () => {
    const nonsense = fc.oneof(
      fc.constantFrom(-1, -0, 0.5, 1e300, 2 ** 53, null, true, '', '1', [], {}, [[]], 'x'.repeat(300)),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(fc.oneof(hello, welcome, refusal, joined), fc.nat(), nonsense, (valid, which, value) => {
        const keys = Object.keys(valid)
        parsedAreChecked(JSON.stringify({ ...valid, [keys[which % keys.length]!]: value }))
      }),
      { ...options, numRuns: 5_000 },
    )
  })

  it('take nothing from the prototype of a body', () => {
    const body = '{"__proto__":{"v":1,"sid":"AAAAAAAAAAAAAAAAAAAAAA","gen":1,"rx":0}}'
    expect(parseHello(body)).toBeUndefined()
  })

  it('count a reason of a later version as ended', () => {
    expect(parseRefusal('{"reason":"later"}')?.reason).toBe('ended')
  })
})

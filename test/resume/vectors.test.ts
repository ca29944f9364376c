import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeData, encodeNumber, encodeTopic, parseHello, readFrame } from '../../src/resume/protocol.js'

interface Vector {
  readonly text?: string
  readonly hex?: string
  readonly kind: string
  readonly number?: number
  readonly topic?: number
  readonly payload?: string
  readonly payloadHex?: string
}

interface Vectors {
  readonly valid: readonly Vector[]
  readonly invalid: readonly Pick<Vector, 'text' | 'hex'>[]
  readonly hello: { readonly valid: readonly string[]; readonly invalid: readonly string[] }
}

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors.json'), 'utf8')) as Vectors
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const dataOf = ({ text, hex }: Pick<Vector, 'text' | 'hex'>): string | Uint8Array => text ?? bytes(hex!)
const payloadOf = ({ payload, payloadHex }: Vector): string | Uint8Array =>
  payloadHex === undefined ? (payload ?? '') : bytes(payloadHex)

/** What writes a frame of this kind. Those with JSON have any JSON. */
function encoded(vector: Vector): string | Uint8Array {
  const { kind, number = 0, topic = 0 } = vector
  if (kind === 'data') return encodeData(number, payloadOf(vector))
  if (kind === 'topic') return encodeTopic(topic, number, payloadOf(vector))
  const letters = { ack: 'a', ping: 'p', pong: 'q', bye: 'b', left: 'l' } as const
  const letter = letters[kind as keyof typeof letters] as 'a' | undefined
  return letter === undefined ? dataOf(vector) : encodeNumber(letter, number)
}

describe('the test vectors', () => {
  it('have a valid frame of each kind, and invalid ones', () => {
    expect(new Set(vectors.valid.map(({ kind }) => kind)).size).toBe(11)
    expect([vectors.invalid.length, vectors.hello.invalid.length].every((count) => count > 40)).toBe(true)
  })

  it.each(vectors.valid)('are read and written: $text $hex', (vector) => {
    const { kind, number, topic, payload } = readFrame(dataOf(vector))
    expect([kind, payload]).toEqual([vector.kind, payloadOf(vector)])
    if (vector.number !== undefined) expect(number).toBe(vector.number)
    if (vector.topic !== undefined) expect(topic).toBe(vector.topic)
    expect(encoded(vector)).toEqual(dataOf(vector))
  })

  it.each(vectors.invalid)('are refused if they are invalid: "$text" $hex', (vector) => {
    expect(readFrame(dataOf(vector)).kind).toBe('invalid')
  })

  it.each(vectors.hello.valid)('have hellos: %s', (body) => {
    const known = JSON.parse(body) as { later?: unknown }
    delete known.later
    expect(parseHello(body)).toEqual(known)
  })

  it.each(vectors.hello.invalid)('have hellos that are refused: %s', (body) => {
    expect(parseHello(body)).toBeUndefined()
  })
})

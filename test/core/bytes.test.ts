import fc from 'fast-check'
import { expect, test } from 'vitest'
import { byteLength } from '../../src/core/bytes.js'

test.each([
  ['', 0],
  ['a€😀', 8],
  ['\ud800', 3],
  [new ArrayBuffer(5), 5],
  [new Uint16Array(3), 6],
  [new DataView(new ArrayBuffer(8), 2, 3), 3],
  [new Blob(['ä']), 2],
])('the size of %o on the wire is %i', (data, bytes) => {
  expect(byteLength(data)).toBe(bytes)
})

test('text has the length of its UTF-8 encoding', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
      (text) => byteLength(text) === new TextEncoder().encode(text).byteLength,
    ),
  )
})

test('counting stops above the given bound', () => {
  const text = '€'.repeat(100)
  expect(byteLength(text, 300)).toBe(300)
  for (const most of [0, 99, 100, 150, 299]) expect(byteLength(text, most)).toBeGreaterThan(most)
})

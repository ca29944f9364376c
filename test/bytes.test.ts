import { expect, test } from 'vitest'
import { byteLength } from '../src/bytes.js'

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

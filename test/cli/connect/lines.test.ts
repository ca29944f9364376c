import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { linesOf, longestLine, LongLine } from '../../../src/cli/connect/lines.js'

async function* streamed<T>(chunks: readonly T[]): AsyncGenerator<T> {
  yield* chunks
}

async function lines(...chunks: (string | Uint8Array)[]): Promise<string[]> {
  const all: string[] = []
  for await (const batch of linesOf(streamed(chunks))) all.push(...batch)
  return all
}

describe('lines of a stream', () => {
  test('end with LF or CR LF; the last one need not', async () => {
    expect(await lines('a\nb\r\n\nc')).toEqual(['a', 'b', '', 'c'])
    expect(await lines('a\n')).toEqual(['a'])
    expect(await lines()).toEqual([])
    expect(await lines('a\r', '\nb')).toEqual(['a', 'b'])
    expect(await lines('a\rb\n')).toEqual(['a\rb'])
  })

  test('come as many at once as came at once', async () => {
    const batches: (readonly string[])[] = []
    for await (const batch of linesOf(streamed(['a\nb\nc', 'd\n']))) batches.push(batch)
    expect(batches).toEqual([['a', 'b'], ['cd']])
  })

  test('are the same however the bytes are cut', async () => {
    const line = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n]/.test(text))
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat(40)), async (texts, cuts) => {
        let bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''))
        const chunks: Uint8Array[] = []
        for (const cut of cuts) {
          chunks.push(bytes.subarray(0, cut))
          bytes = bytes.subarray(cut)
        }
        expect(await lines(...chunks, bytes)).toEqual(texts)
      }),
    )
  })

  test('that are not UTF-8 show it, and a byte order mark is text', async () => {
    expect(await lines(Buffer.from([0x61, 0xff, 0x0a]))).toEqual(['a\ufffd'])
    expect(await lines(Buffer.from('\ufeffa\n'))).toEqual(['\ufeffa'])
  })

  test('without an end are given up before they fill the memory', async () => {
    const endless = Array.from({ length: 20 }, () => 'x'.repeat(1 << 20))
    await expect(lines(...endless)).rejects.toThrow(LongLine)
    expect(await lines('x'.repeat(longestLine), '\n')).toHaveLength(1)
  })
})

import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import {
  BadLine,
  linesOf,
  longestLine,
  LongLine,
  messagesOf,
  type LineForm,
} from '../../../../src/tools/cli/connect/lines.js'

async function* streamed<T>(chunks: readonly T[]): AsyncGenerator<T> {
  yield* chunks
}

async function lines(...chunks: (string | Uint8Array)[]): Promise<string[]> {
  const all: string[] = []
  for await (const batch of linesOf(streamed(chunks))) all.push(...batch)
  return all
}

describe('lines of a stream', () => {
  test('end with LF or CR LF, except the last one', async () => {
    expect(await lines('a\nb\r\n\nc')).toEqual(['a', 'b', '', 'c'])
    expect(await lines('a\n')).toEqual(['a'])
    expect(await lines()).toEqual([])
    expect(await lines('a\r', '\nb')).toEqual(['a', 'b'])
    expect(await lines('a\rb\n')).toEqual(['a\rb'])
  })

  test('arrive together if they were written together', async () => {
    const batches: (readonly string[])[] = []
    for await (const batch of linesOf(streamed(['a\nb\nc', 'd\n']))) batches.push(batch)
    expect(batches).toEqual([['a', 'b'], ['cd']])
  })

  test('are the same however the bytes are split', async () => {
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

  test('with invalid UTF-8 contain replacement characters, and a byte order mark is text', async () => {
    expect(await lines(Buffer.from([0x61, 0xff, 0x0a]))).toEqual(['a\ufffd'])
    expect(await lines(Buffer.from('\ufeffa\n'))).toEqual(['\ufeffa'])
  })

  test('without an end are refused before they fill the memory', async () => {
    const endless = Array.from({ length: 20 }, () => 'x'.repeat(1 << 20))
    await expect(lines(...endless)).rejects.toThrow(LongLine)
    expect(await lines('x'.repeat(longestLine), '\n')).toHaveLength(1)
  })
})

describe('messages', () => {
  const messages = async (form: LineForm, ...given: string[]): Promise<unknown[]> => {
    const all: unknown[] = []
    for await (const batch of messagesOf(streamed([given]), form)) all.push(...batch)
    return all
  }

  test('are the lines, or the bytes that they encode', async () => {
    expect(await messages('text', '00', '')).toEqual(['00', ''])
    expect(await messages('hex', '00fF 10', '')).toEqual([Buffer.from([0, 255, 16]), Buffer.alloc(0)])
    expect(await messages('base64', 'AP8=', 'AP8', '_-8')).toEqual([
      Buffer.from([0, 255]),
      Buffer.from([0, 255]),
      Buffer.from([255, 239]),
    ])
  })

  test.each([
    ['hex', '0'],
    ['hex', 'secret'],
    ['base64', 'A'],
    ['base64', 'secret!'],
  ] as const)('of %s are not made of %j, which is not shown', async (form, line) => {
    await expect(messages(form, line)).rejects.toThrow(BadLine)
    await expect(messages(form, line)).rejects.not.toThrow('secret')
  })

  test('survive a round trip through the output of connect', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.constantFrom('hex', 'base64'), async (bytes, form) => {
        expect(await messages(form, Buffer.from(bytes).toString(form))).toEqual([Buffer.from(bytes)])
      }),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { closeFrame, frame, type FrameInfo, type FrameKind } from '../../../src/tools/testing/fault-server/index.js'
import { FrameScanner } from '../../../src/tools/testing/fault-server/frames.js'

const lengths = fc.oneof(fc.nat(20), fc.constantFrom(125, 126, 127, 65_535, 65_536, 70_000))
const parts = fc.record({
  opcode: fc.constantFrom(1, 2, 8, 9, 10),
  length: lengths,
  masked: fc.boolean(),
})

function build({ opcode, length, masked }: { opcode: number; length: number; masked: boolean }): Buffer {
  const bytes = frame({ opcode, payload: Buffer.alloc(length, 0x88) })
  if (!masked) return bytes
  const header = bytes.length - length
  const marked = Buffer.from(bytes)
  marked[1] = (marked[1] as number) | 0x80
  return Buffer.concat([marked.subarray(0, header), Buffer.from([0x81, 0x82, 0x83, 0x84]), marked.subarray(header)])
}

function scan(scanner: FrameScanner, chunks: Iterable<Buffer>): { seen: FrameInfo[]; kept: Buffer } {
  const seen: FrameInfo[] = []
  const kept: Buffer[] = []
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const from = at
      at = scanner.advance(chunk, at)
      if (!scanner.dropping) kept.push(chunk.subarray(from, at))
      if (scanner.atBoundary) seen.push(scanner.frame)
    }
  }
  return { seen, kept: Buffer.concat(kept) }
}

function* cut(bytes: Buffer, sizes: readonly number[]): Iterable<Buffer> {
  let at = 0
  for (let n = 0; at < bytes.length; n += 1) {
    const end = at + (sizes[n % sizes.length] as number)
    yield bytes.subarray(at, end)
    at = end
  }
}

describe('the frame scanner', () => {
  it('finds the same frames however the bytes are split, and drops exactly the selected ones', () => {
    const kinds: Record<number, FrameKind> = { 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' }
    const dropped = new Set<FrameKind>(['ping', 'text'])
    fc.assert(
      fc.property(
        fc.array(parts, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 9 }),
        (all, sizes) => {
          const { seen, kept } = scan(new FrameScanner(dropped), cut(Buffer.concat(all.map(build)), sizes))
          expect(seen).toEqual(all.map(({ opcode, length }) => ({ kind: kinds[opcode], bytes: length, final: true })))
          const wanted = all.filter(({ opcode }) => !dropped.has(kinds[opcode] as FrameKind))
          expect(kept.equals(Buffer.concat(wanted.map(build)))).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('assigns a continuation the kind of its message, across control frames', () => {
    const bytes = Buffer.concat([
      frame({ opcode: 2, payload: 'a', final: false }),
      frame({ opcode: 9 }),
      frame({ opcode: 0, payload: 'b', final: false }),
      closeFrame(4_000, 'x'),
      frame({ opcode: 0, payload: 'c' }),
      frame({ opcode: 7, payload: 'c' }),
    ])
    const { seen } = scan(new FrameScanner(new Set()), [bytes])
    expect(seen.map(({ kind, final }) => `${kind} ${final}`)).toEqual([
      'binary false',
      'ping true',
      'binary false',
      'close true',
      'binary true',
      'reserved true',
    ])
  })
})

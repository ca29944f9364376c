import { finished } from 'node:stream/promises'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { streamPair } from '../../../src/tools/testing/fault-server/pair.js'

describe('a pair of streams', () => {
  it('carries bytes and the end in each direction', async () => {
    const [a, b] = streamPair()
    a.end('to b')
    b.end('to a')
    expect(await Promise.all([text(a), text(b)])).toEqual(['to a', 'to b'])
  })

  it('makes the writer wait for the reader, even in the middle of one write', async () => {
    const [a, b] = streamPair()
    let written = false
    a.write(Buffer.alloc(1_000_000), () => (written = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(written).toBe(false)
    expect(b.readableLength).toBeLessThan(200_000)
    const all = text(b)
    a.end()
    expect((await all).length).toBe(1_000_000)
    expect(written).toBe(true)
  })

  it('delivers data written before the end, even after the writer is destroyed', async () => {
    const [a, b] = streamPair()
    await new Promise<void>((resolve) => a.end('last words', resolve))
    a.destroy()
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await text(b)).toBe('last words')
    await finished(b).catch(() => {})
    expect(b.destroyed).toBe(true)
  })

  it('is destroyed as one, and the destroying side closes last', async () => {
    const [a, b] = streamPair()
    const order: string[] = []
    b.on('close', () => order.push('b'))
    await new Promise<void>((resolve) => {
      a.on('close', () => {
        order.push('a')
        resolve()
      })
      a.destroy()
    })
    expect(order).toEqual(['b', 'a'])
  })
})

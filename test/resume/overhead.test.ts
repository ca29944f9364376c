import { describe, expect, it } from 'vitest'
import { encodeData, encodeNumber } from '../../src/resume/protocol.js'
import { resolveResume } from '../../src/resume/options.js'
import { serverDefaults } from '../../src/server/options.js'

const count = 100_000

/** The mean over the first messages of a session. */
function mean(bytes: (number: number) => number): number {
  let sum = 0
  for (let number = 1; number <= count; number++) sum += bytes(number)
  return sum / count
}

describe('the bytes that a session adds', () => {
  it('to a text message are 3 to 6, and so they are to a binary one', () => {
    const sizes = [1, 35, 36, 1_295, 1_296, count].map((number) => encodeData(number, '').length)
    expect(sizes).toEqual([3, 3, 4, 4, 5, 6])
    expect(mean((number) => encodeData(number, '').length)).toBeLessThan(5.6)
    expect(mean((number) => encodeData(number, new Uint8Array()).length)).toBeLessThan(4)
  })

  it('for acknowledgments are well below one for each message, in both directions', () => {
    const everyClient = resolveResume({}).ack.every
    for (const every of [everyClient, serverDefaults.ack.every]) {
      // With the two bytes of a frame's header, and the mask of a client's.
      expect((encodeNumber('a', count).length + 6) / every).toBeLessThan(0.1)
    }
  })
})

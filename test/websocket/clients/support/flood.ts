import { expect } from 'vitest'
import { until } from '../../../faults/support/room.js'

export const messages = 30_000
const batch = 100
/** The maximum number in flight. */
const most = 1_000

/** Messages that a loose pong check would match, entirely or in part. */
const lookalikes = [
  Buffer.of(0xd0, 0),
  Buffer.from('PONG\r\n'),
  Buffer.from('MSG feed 1 6\r\nPONG\r\n'),
  Buffer.of(0xd0),
]

interface Flooded {
  readonly heard: readonly Buffer[]
  publish(message: Buffer): void
  ping(): void
}

/** Publishes to itself, pings after each batch, and expects to receive everything in order. */
export async function flood({ heard, publish, ping }: Flooded): Promise<void> {
  const expected: string[] = []
  for (let count = 0; count < messages; count += batch) {
    for (let at = count; at < count + batch; at++) {
      // Some are nothing but a pong.
      const number = at % 10 === 0 ? '' : `${at}`
      const message = Buffer.concat([lookalikes[at % lookalikes.length]!, Buffer.from(number)])
      expected.push(message.toString('latin1'))
      publish(message)
      if (at % batch === batch / 2) ping()
    }
    await until(() => expect(heard.length).toBeGreaterThan(expected.length - most))
  }
  await until(() => expect(heard.length).toBeGreaterThanOrEqual(expected.length))
  const got = heard.map((message) => message.toString('latin1'))
  // The first difference is more readable than two long lists.
  const wrong = got.findIndex((message, at) => message !== expected[at])
  expect({ length: got.length, at: wrong, got: got[wrong] }).toEqual({ length: messages, at: -1, got: undefined })
}

import { expect, test } from 'vitest'
import { costs, kinds } from '../../../bench/refusals/measure.js'

// A throw with its stack trace is most of what `reject` costs; the bench prints it.
const dropping = kinds.filter((kind) => !kind.includes('reject'))

test(
  'dropping a message, or rejecting it in the drop-in, costs about as much as accepting one',
  { timeout: 120_000 },
  async () => {
    const measured = await costs(9)
    for (const kind of dropping) {
      const { accepted, refused } = measured[kind]
      // In processor time, and with much room: an error and an event for each message was 25 times as much.
      expect(refused / accepted, `${kind}: ${JSON.stringify(measured[kind])}`).toBeLessThan(6)
    }
  },
)

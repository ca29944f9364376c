import { expect, test } from 'vitest'
import { costs, kinds } from '../../../bench/refusals/measure.js'

// Most of the cost of `reject` is an exception with its stack trace; the benchmark prints it.
const dropping = kinds.filter((kind) => !kind.includes('reject'))

test(
  'dropping a message, or rejecting it in the drop-in, costs about as much as accepting one',
  { timeout: 120_000 },
  async () => {
    const measured = await costs(9)
    for (const kind of dropping) {
      const { accepted, refused } = measured[kind]
      // In processor time, with ample tolerance: an error and an event for each message cost 25 times as much.
      expect(refused / accepted, `${kind}: ${JSON.stringify(measured[kind])}`).toBeLessThan(6)
    }
  },
)

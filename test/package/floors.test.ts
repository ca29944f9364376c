import { expect, test } from 'vitest'
import { versions } from '../runtimes/versions.js'

test('the lowest xstate that package.json takes is the one that everything here is tested with', () => {
  expect(versions.xstate).toBe(versions.lowestXstate)
})

// Which ws-lowest is there is checked where the suite is run over it.
test('the ws that everything else here is tested with is the lowest that package.json takes, or a later one', () => {
  const number = (version: string): number =>
    Number(
      version
        .split('.')
        .map((part) => part.padStart(4, '0'))
        .join(''),
    )
  expect(number(versions.ws)).toBeGreaterThanOrEqual(number(versions.lowestWs))
})

import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { Interruption } from '../../../src/tools/cli/interruption.js'

test('a wait for an interruption resolves for one that came before, and for one that comes later', async () => {
  const interruption = new Interruption(new PassThrough())
  const waiting = interruption.come()
  interruption.interrupt('SIGINT')
  await waiting
  await interruption.come()
  expect(interruption.exitCode).toBe(130)
  interruption.stop()
})

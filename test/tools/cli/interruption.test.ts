import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { Interruption } from '../../../src/tools/cli/interruption.js'

test('who waits for an interruption is told of one that came before, as of one that comes', async () => {
  const interruption = new Interruption(new PassThrough())
  const waiting = interruption.come()
  interruption.interrupt('SIGINT')
  await waiting
  await interruption.come()
  expect(interruption.exitCode).toBe(130)
  interruption.stop()
})

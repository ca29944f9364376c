import { expect, test } from 'vitest'
import { Cork } from '../../src/transports/cork.js'

/** A stream whose ticks end when the test says so. */
function stream(): { cork: Cork; log: string[]; endTick: () => void; write: () => (() => void) | undefined } {
  const log: string[] = []
  const tasks: (() => void)[] = []
  const cork = new Cork({ cork: () => log.push('cork'), uncork: () => log.push('uncork') }, (task) => tasks.push(task))
  return {
    cork,
    log,
    endTick: () => tasks.splice(0).forEach((task) => task()),
    write: () => {
      const written = cork.write()
      log.push('write')
      return written
    },
  }
}

test('a message that is alone in its tick is not held, and nothing is scheduled for it', () => {
  const { log, write } = stream()
  for (let tick = 0; tick < 3; tick++) write()?.()
  expect(log).toEqual(['write', 'write', 'write'])
})

test('what follows it in the same tick is held until that is over', () => {
  const { log, write, endTick } = stream()
  const written = write()
  expect([write(), write()]).toEqual([undefined, undefined])
  written?.()
  endTick()
  write()
  expect(log).toEqual(['write', 'cork', 'write', 'write', 'uncork', 'write'])
})

test('while the system has not taken a message, the next tick holds from its first on', () => {
  const { log, write, endTick } = stream()
  const written = write()
  endTick()
  write()
  endTick()
  written?.()
  expect(log).toEqual(['write', 'cork', 'write', 'uncork'])
})

test('let go early it holds nothing that was not written later', () => {
  const { cork, log, write, endTick } = stream()
  write()
  write()
  cork.release()
  cork.release()
  expect(log).toEqual(['write', 'cork', 'write', 'uncork'])
  endTick()
  expect(log).toHaveLength(4)
})

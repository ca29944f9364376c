import { expect, test } from 'vitest'
import { compiledEngine, type CompiledEngine } from '../../../src/core/engine/compiled.js'
import { StepClock } from '../../engine/support/clock.js'
import { StepPort, usualAnswers } from '../../engine/support/port.js'

// What two engines cannot be compared in.

function started(): { engine: CompiledEngine; log: string[]; clock: StepClock } {
  const log: string[] = []
  const clock = new StepClock(log)
  const engine = compiledEngine(new StepPort(usualAnswers, log), clock)
  engine.start({ next() {}, error: (thrown) => expect.unreachable(String(thrown)) })
  log.length = 0
  return { engine, log, clock }
}

test('an event before the start changes nothing', () => {
  const log: string[] = []
  const engine = compiledEngine(new StepPort(usualAnswers, log), new StepClock(log))
  const before = engine.snapshot
  engine.send({ type: 'OPEN' })
  expect(engine.snapshot).toBe(before)
  expect(log).toEqual([])
})

test('an event that changes nothing leaves the snapshot the same object', () => {
  const { engine } = started()
  const before = engine.snapshot
  engine.send({ type: 'socket.opened', gen: 5 })
  expect(engine.snapshot).toBe(before)
})

test('a new engine is active, and is stopped once it was told to stop', () => {
  const { engine } = started()
  expect(engine.status).toBe('active')
  engine.stop()
  expect(engine.status).toBe('stopped')
})

test('stopping disposes of the socket and clears what waits', () => {
  const { engine, log, clock } = started()
  engine.send({ type: 'OPEN' })
  log.length = 0
  engine.stop()
  expect(log.map((each) => each.split(' ')[0])).toEqual(['dispose', 'clear'])
  expect(clock.next).toBeUndefined()
})

import { describe, expect, test } from 'vitest'
import type { Part } from '../../../src/core/feature.js'
import { lifecycle } from '../../../src/core/features/lifecycle.js'
import { TestClock } from '../../../src/tools/testing/clock.js'
import { FakeEnvironment } from '../../support/setup.js'
import { scripted } from '../support/scripted.js'

describe('the wait after an environment hint', () => {
  test.each([
    ['online', 500],
    ['visible', 500],
    ['offline', 60_000],
    ['bfcached', 60_000],
  ] as const)("%s: %i ms, and not before the server's requested wait is over", async (signal, own) => {
    const environment = new FakeEnvironment()
    const clock = new TestClock()
    const { core, chartEvents } = scripted({ clock, features: [lifecycle(environment, clock)] })
    const part: Part = core.part('lifecycle')!
    part.onState!('connecting')
    const waitAfter = (): number => {
      environment.emit(signal)
      return (chartEvents.pop() as { wait: number }).wait
    }
    expect(waitAfter()).toBe(own)
    core.notBefore = 100_000
    clock.block(10_000)
    // The jitter is added to the wait that all clients were given; a wait for the network needs no more.
    const alone = own > 1_000
    expect(waitAfter()).toBe(alone ? 90_000 : 90_000 + own)
    clock.block(89_900)
    expect(waitAfter()).toBe(alone ? own : 100 + own)
    clock.block(100)
    expect(waitAfter()).toBe(own)
    part.onState!('ended')
    expect([environment.listeners.size, clock.pending]).toEqual([0, 0])
  })
})

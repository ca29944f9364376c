import { describe, expect, test } from 'vitest'
import { Attempt } from '../../../src/core/attempt.js'
import type { Core } from '../../../src/core/core.js'
import type { LinkEnd } from '../../../src/core/feature.js'
import { readers, type Readers } from '../../../src/core/features/readers.js'
import type { TestClock } from '../../../src/tools/testing/clock.js'
import type { Socket } from '../../../src/core/transport.js'
import { scripted } from '../support/scripted.js'

interface Holding {
  core: Core
  readers: Readers
  clock: TestClock
  done: string[]
  /** The events that the chart received. */
  chartEvents: string[]
  socket: Socket
  attach(socket: Socket): void
  detach(): void
}

function holding(): Holding {
  const { core, clock } = scripted({ features: [readers()] })
  const one = core.part('readers') as Readers
  const done: string[] = []
  const chartEvents: string[] = []
  core.engine.send = ({ type }) => void chartEvents.push(type)
  const socket: Socket = {
    bufferedAmount: 0,
    binaryType: 'arraybuffer',
    send() {},
    close() {},
    abandon() {},
    pause: () => void done.push('pause'),
    resume: () => void done.push('resume'),
  }
  return {
    core,
    readers: one,
    clock,
    done,
    chartEvents,
    socket,
    attach(given) {
      core.attempt = new Attempt(7, core)
      core.attempt.socket = given
    },
    detach() {
      const attempt = core.attempt!
      core.attempt = undefined
      const end: LinkEnd = {
        attempt,
        why: 'closed',
        answered: false,
        close: { code: 1006, reason: '', wasClean: false },
      }
      expect((one as { onEnd(end: LinkEnd): unknown }).onEnd(end)).toBeUndefined()
    },
  }
}

describe('reading', () => {
  test('is paused by the first hold and resumed by the last release', () => {
    const { core, readers: one, done, socket, attach } = holding()
    attach(socket)
    const [first, second] = [one.hold()!, one.hold()!]
    expect(done).toEqual(['pause'])
    first()
    expect(core.paused).toBe(true)
    second()
    expect(core.paused).toBe(false)
    expect(done).toEqual(['pause', 'resume'])
  })

  test('treats a second release as no release', () => {
    const { readers: one, done, socket, attach } = holding()
    attach(socket)
    const first = one.hold()!
    first()
    first()
    expect(done).toEqual(['pause', 'resume'])
  })

  test('is paused on a new socket only by its own holds, not by those of the old one', () => {
    const { core, readers: one, done, socket, attach, detach } = holding()
    attach(socket)
    const old = one.hold()!
    detach()
    expect(core.paused).toBe(false)
    attach(socket)
    const current = one.hold()!
    old()
    expect(core.paused).toBe(true)
    expect(done).toEqual(['pause', 'pause'])
    current()
    expect(done).toEqual(['pause', 'pause', 'resume'])
  })

  test('is never paused without a socket', () => {
    const { core, readers: one, done, socket, attach, detach } = holding()
    attach(socket)
    detach()
    expect(one.hold()).toBeUndefined()
    expect([core.paused, done]).toEqual([false, []])
  })

  test.each(['pause', 'resume'] as const)('is never paused on a socket without %s', (method) => {
    const { core, readers: one, done, socket, attach } = holding()
    const { [method]: _, ...rest } = socket
    attach(rest)
    expect(one.hold()).toBeUndefined()
    expect([core.paused, done]).toEqual([false, []])
  })
})

test.each([
  [9_999, []],
  [10_000, ['socket.resumed']],
  [30_000, ['socket.resumed']],
])('a pause of %i ms, with a check every 10 s, reports %j', async (pause, expected) => {
  const { readers: one, clock, chartEvents, socket, attach } = holding()
  attach(socket)
  await clock.advance(50_000)
  const goOn = one.hold()!
  await clock.advance(pause)
  expect(chartEvents).toEqual([])
  goOn()
  expect(chartEvents).toEqual(expected)
})

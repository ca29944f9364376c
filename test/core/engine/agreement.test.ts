import { beforeAll, describe, expect, test, vi } from 'vitest'
import { compiledEngine } from '../../../src/core/engine/compiled.js'
import { xstateEngine } from '../../../src/xstate/engine.js'
import { describeDifference, liveUpTo, relive, type Life } from './support/lives.js'
import { Side } from './support/side.js'
import { Stream } from './support/stream.js'

// The first steps of the comparison in differential.test.ts: fast enough for every change of the engine.

let lives: readonly Life[]
beforeAll(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  lives = [...liveUpTo(4_000, 1, xstateEngine)]
}, 60_000)

function streamOf(make: typeof xstateEngine, { seed, steps }: Life): readonly string[] {
  const side = new Side(make)
  const streams: Stream[] = []
  for (const [at, step] of steps.entries()) {
    if (at === (seed % 5) * 8) streams.push(new Stream(side.engine), new Stream(side.engine))
    side.step(step)
  }
  return streams.flatMap(({ reports }) => reports)
}

describe('in the first 4,000 random steps the engines', { timeout: 60_000 }, () => {
  test('produce the same results', () => {
    const differences = lives.flatMap((life) => relive(life, compiledEngine) ?? [])
    expect(differences.slice(0, 1).map(describeDifference)).toEqual([])
  })

  test('report the same to two inspectors added at the same time', () => {
    for (const life of lives.slice(0, 8)) {
      expect(streamOf(compiledEngine, life), `seed ${life.seed}`).toEqual(streamOf(xstateEngine, life))
    }
  })
})

describe('the compiled engine', () => {
  const snapshots = (): readonly object[] => {
    const side = new Side(compiledEngine)
    return lives[0]!.steps.map((step) => {
      side.step(step)
      return side.engine.snapshot.value
    })
  }

  test('shares one value per set of active states across connections', () => {
    const byText = new Map<string, object>()
    for (const value of [...snapshots(), ...snapshots()]) {
      const text = JSON.stringify(value)
      expect(byText.get(text) ?? value).toBe(value)
      byText.set(text, value)
    }
    expect(byText.size).toBeGreaterThan(5)
  })

  test('reports nothing to an observer for an event without effect, and calls no host method', () => {
    const side = new Side(compiledEngine)
    let reports = 0
    const host = new Proxy(side.host, {
      get: () => {
        throw new Error('asked')
      },
    })
    const engine = compiledEngine(host, side.clock)
    engine.start({ next: () => reports++, error: (thrown) => expect.unreachable(String(thrown)) })
    for (const type of ['HEALTHY', 'environment.online', 'environment.hidden'] as const) engine.send({ type, wait: 0 })
    expect(reports).toBe(1)
  })

  test('never mutates a context: each update creates another', () => {
    const side = new Side(compiledEngine)
    const seen: { readonly context: object; readonly text: string }[] = []
    for (const step of lives[0]!.steps) {
      side.step(step)
      const { context } = side.engine.snapshot
      seen.push({ context, text: JSON.stringify(context) })
    }
    for (const { context, text } of seen) expect(JSON.stringify(context)).toBe(text)
  })
})

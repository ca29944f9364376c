import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { compiledEngine } from '../../../src/core/engine/compiled.js'
import { xstateEngine } from '../../../src/xstate/engine.js'
import { table } from '../../machine/expectations.js'
import { describeDifference, liveUpTo, relive, stepsOf, type Life } from './support/lives.js'
import { Side } from './support/side.js'
import { Stream } from './support/stream.js'

// Random runs with XState, repeated with the compiled chart. `npm run fuzz:engines` does more of them.

const steps = 100_000
const seed = 1

let lives: readonly Life[]
beforeAll(() => {
  // XState’s development build warns about each event after the end.
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  lives = [...liveUpTo(steps, seed, xstateEngine)]
}, 120_000)
afterAll(() => {
  vi.restoreAllMocks()
})

describe('the two engines', { timeout: 120_000 }, () => {
  test('agree in 100,000 random steps: states, context, tags, effects, sockets, timers, errors, each in order', () => {
    expect(stepsOf(lives)).toBeGreaterThanOrEqual(steps)
    const differences = lives.flatMap((life) => relive(life, compiledEngine) ?? [])
    expect(differences.slice(0, 1).map(describeDifference)).toEqual([])
  })

  test('reached every state and handled every event with an effect there', () => {
    const pairs = lives.flatMap((life) => life.steps)
    const inTable = Object.entries(table).flatMap(([state, row]) =>
      Object.keys(row).map((column) => `${state} × ${column}`),
    )
    const effective = new Set(pairs.flatMap(({ pair, effective }) => (effective ? [pair] : [])))
    expect(inTable.filter((pair) => !effective.has(pair))).toEqual([])
    const states = new Set(pairs.map(({ pair }) => pair.slice(0, pair.indexOf(' × '))))
    expect([...states].toSorted()).toEqual(Object.keys(table).toSorted())
  })

  test('covered everything that is compared', () => {
    const all = lives.flatMap((life) => life.steps)
    const count = (part: string): number => all.filter(({ seen }) => seen.includes(part)).length
    expect(count('error ')).toBeGreaterThan(50)
    expect(count('stop')).toBeGreaterThan(50)
    expect(count('dispose ')).toBeGreaterThan(1_000)
    expect(all.filter(({ inside }) => inside.length > 0).length).toBeGreaterThan(1_000)
    expect(all.filter(({ act }) => act.do === 'time').length).toBeGreaterThan(1_000)
  })

  test('report the same to an inspector, in the same order, whenever it is added', () => {
    const streamOf = (make: typeof xstateEngine, life: Life): readonly string[] => {
      const side = new Side(make)
      let stream: Stream | undefined
      for (const [at, step] of life.steps.entries()) {
        if (at === (life.seed % 5) * 8) stream = new Stream(side.engine)
        side.step(step)
      }
      return stream?.reports ?? []
    }
    let reports = 0
    for (const life of lives.slice(0, 60)) {
      const expected = streamOf(xstateEngine, life)
      reports += expected.length
      expect(streamOf(compiledEngine, life), `seed ${life.seed}`).toEqual(expected)
    }
    expect(reports).toBeGreaterThan(10_000)
  })

  test('report nothing to an inspector after it is removed', () => {
    const [life] = lives
    for (const make of [xstateEngine, compiledEngine]) {
      const side = new Side(make)
      const stream = new Stream(side.engine)
      side.step(life!.steps[0]!)
      const reports = stream.reports.length
      expect(reports).toBeGreaterThan(2)
      stream.stop()
      for (const step of life!.steps.slice(1)) side.step(step)
      expect(stream.reports).toHaveLength(reports)
    }
  })
})

test('a difference is reported with the command that reproduces it', () => {
  const [life] = liveUpTo(1, 7, xstateEngine)
  const { steps: lived } = life!
  const planted = { ...life!, steps: lived.map((step, at) => (at === 5 ? { ...step, seen: 'something else' } : step)) }
  const difference = relive(planted, compiledEngine)
  expect(difference).toMatchObject({ seed: 7, at: 5, expected: 'something else', found: lived[5]!.seen })
  expect(describeDifference(difference!)).toContain('npm run fuzz:engines -- --seed 7 --steps 6')
})

test('a seed determines a run, and another seed gives another', () => {
  const [one] = liveUpTo(1, 3, xstateEngine)
  expect([...liveUpTo(1, 3, xstateEngine)][0]).toEqual(one)
  expect([...liveUpTo(1, 4, xstateEngine)][0]!.steps).not.toEqual(one!.steps)
})

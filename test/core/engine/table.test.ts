import { describe, expect, test } from 'vitest'
import { compiledEngine } from '../../../src/core/engine/compiled.js'
import type { Effect } from '../../../machines/connection.types.js'
import type { EngineHost, EngineTimers, MakeEngine } from '../../../src/core/engine/engine.types.js'
import { xstateEngine } from '../../../src/xstate/engine.js'
import { complaints, expectedOf, isForeign, table, type Place } from '../../machine/expectations.js'
import {
  allFacts,
  columns,
  explore,
  FakeHost,
  oneFactEach,
  stateName,
  variantsAt,
  type Facts,
  type Place as Reached,
  type Step,
  type Variant,
} from '../../machine/model.js'

// Each engine against the handwritten table of the design; test/machine compares that with the chart as a function.

class RecordingPort extends FakeHost implements EngineHost {
  readonly effects: string[] = []

  effect(name: Effect): void {
    this.effects.push(name)
  }

  dispose(): void {
    this.effects.push('dispose')
  }
}

/** Timers that run by the names of their delays. */
class NamedTimers implements EngineTimers {
  touched: string[] = []
  readonly #host: FakeHost
  #waiting: readonly { readonly name: string; readonly run: () => void }[] = []

  constructor(host: FakeHost) {
    this.#host = host
  }

  setTimeout(run: () => void, delay: number): unknown {
    const {
      connectDeadline: connectTimeout,
      checkInterval,
      timeout,
      probe,
      grace,
      closeTimeout,
      stableAfter,
    } = this.#host
    const delays = Object.entries({ connectTimeout, checkInterval, timeout, probe, grace, closeTimeout, stableAfter })
    const timer = { name: delays.find(([, each]) => each === delay)?.[0] ?? 'wait', run }
    this.touched.push(`set ${timer.name}`)
    this.#waiting = [...this.#waiting, timer]
    return timer
  }

  clearTimeout(handle: unknown): void {
    this.touched.push('clear')
    this.#waiting = this.#waiting.filter((timer) => timer !== handle)
  }

  /** `false`: it is not running. */
  fire(name: string): boolean {
    const timer = this.#waiting.find((each) => each.name === name)
    this.#waiting = this.#waiting.filter((each) => each !== timer)
    timer?.run()
    return timer !== undefined
  }
}

class Run {
  readonly host = new RecordingPort()
  readonly timers = new NamedTimers(this.host)
  readonly engine: ReturnType<MakeEngine>

  constructor(make: MakeEngine, { path }: Reached) {
    this.engine = make(this.host, this.timers)
    this.engine.start({ next() {}, error: (thrown) => expect.unreachable(String(thrown)) })
    for (const step of path) this.step(step)
    this.host.effects.length = 0
    this.timers.touched = []
  }

  get place(): Place {
    return this.engine.snapshot as unknown as Place
  }

  /** `false`: it is the event of a timer that is not running. */
  step({ column, event, facts }: Pick<Step, 'column' | 'event' | 'facts'>): boolean {
    this.host.set(facts, this.place.context.lastCount)
    if (column.startsWith('after ')) return this.timers.fire(column.slice('after '.length))
    this.engine.send(event as Parameters<typeof this.engine.send>[0])
    return true
  }
}

/** The error in the result of an event in one state. `undefined`: the event is impossible there. */
function wrongOf(make: MakeEngine, reached: Reached, variant: Variant, facts: Facts): string[] | undefined {
  if (isForeign(stateName(reached.snapshot), variant)) return undefined
  const run = new Run(make, reached)
  const before = { value: run.place.value, context: run.place.context }
  const expected = expectedOf(before, variant, facts)
  if (!run.step({ ...variant, facts })) return undefined
  const outcome = { snapshot: run.place, effects: exitFirst(run.host.effects), timers: run.timers.touched }
  return complaints(before, outcome, expected).map((each) => `${JSON.stringify([variant.event, facts])} ${each}`)
}

/**
 * An engine disposes after the actions of the same step. The table describes the chart as a function, where the exit
 * comes first.
 */
const exitFirst = (effects: readonly string[]): string[] => [
  ...effects.filter((name) => name === 'dispose'),
  ...effects.filter((name) => name !== 'dispose'),
]

const places = [...explore().places.values()]

describe.each([
  ['the compiled chart', compiledEngine, allFacts],
  // test/machine compares the chart as a function in all combinations of facts.
  ['XState', xstateEngine, oneFactEach],
] as const)('on %s', (_, make, facts) => {
  test.each(Object.keys(table))(
    'the engine handles every event in %s as the table says',
    { timeout: 60_000 },
    (state) => {
      const here = [false, true].flatMap(
        (hinted) =>
          places.find(({ snapshot }) => stateName(snapshot) === state && snapshot.context.hinted === hinted) ?? [],
      )
      const wrong: string[] = []
      const tried = new Set<string>()
      for (const reached of here) {
        for (const variant of variantsAt(reached.snapshot.context.gen)) {
          for (const each of facts) {
            const found = wrongOf(make, reached, variant, each)
            if (found === undefined) continue
            tried.add(variant.column)
            wrong.push(...found)
          }
        }
      }
      expect(wrong).toEqual([])
      // Each event, and each delay that runs here.
      const inRow = Object.keys(table[state]!)
      expect(
        [...inRow, ...columns.filter((column) => !column.startsWith('after '))].filter((each) => !tried.has(each)),
      ).toEqual([])
    },
  )
})

import { describe, expect, test } from 'vitest'
import { settle, TestClock } from '../../../src/tools/testing/index.js'

/** A clock whose timers record their name and when they ran. */
function noted(): { clock: TestClock; notes: string[]; set: (name: string, delay: number) => unknown } {
  const clock = new TestClock()
  const notes: string[] = []
  return { clock, notes, set: (name, delay) => clock.setTimeout(() => notes.push(`${name} at ${clock.now()}`), delay) }
}

describe('the test clock', () => {
  test('stands still until it is advanced', async () => {
    const { clock, notes, set } = noted()
    set('timer', 1)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(notes).toEqual([])
    expect(clock.now()).toBe(0)
    await clock.advance(1)
    expect(notes).toEqual(['timer at 1'])
  })

  test('runs timers by due time, and those due together in the order they were set', () => {
    const { clock, notes, set } = noted()
    set('late', 20)
    set('early', 10)
    set('early too', 10)
    set('much later', 1_000)
    clock.advanceSync(20)
    expect(notes).toEqual(['early at 10', 'early too at 10', 'late at 20'])
    expect(clock.pending).toBe(1)
  })

  test.each(['advance', 'advanceSync'] as const)(
    '%s runs timers set by timers, each at its own time',
    async (advance) => {
      const { clock, notes, set } = noted()
      const chain = (left: number): void => {
        notes.push(`link at ${clock.now()}`)
        if (left > 0) clock.setTimeout(() => chain(left - 1), 100)
      }
      clock.setTimeout(() => chain(10), 100)
      set('between', 250)
      await clock[advance](500)
      expect(notes).toEqual([
        'link at 100',
        'link at 200',
        'between at 250',
        'link at 300',
        'link at 400',
        'link at 500',
      ])
      expect(clock.now()).toBe(500)
      expect(clock.next).toBe(100)
    },
  )

  test('lets promises settle after each timer when it advances asynchronously, and not when synchronously', async () => {
    const { clock, notes, set } = noted()
    const later = (): void => void Promise.resolve().then(() => notes.push(`promise at ${clock.now()}`))
    clock.setTimeout(later, 10)
    set('timer', 20)
    await clock.advance(30)
    expect(notes).toEqual(['promise at 10', 'timer at 20'])
    notes.length = 0
    clock.setTimeout(later, 10)
    set('timer', 20)
    clock.advanceSync(30)
    await settle()
    expect(notes).toEqual(['timer at 50', 'promise at 60'])
  })

  test('lets promises settle before the first timer, so timers they set are not late', async () => {
    const { clock, notes, set } = noted()
    void Promise.resolve().then(() => set('set by a promise', 10))
    await clock.advance(10)
    expect(notes).toEqual(['set by a promise at 10'])
  })

  test('a cleared timer does not run, even if a timer of the same moment clears it', () => {
    const { clock, notes, set } = noted()
    clock.setTimeout(() => clock.clearTimeout(second), 10)
    const second = set('second', 10)
    const first = set('first', 5)
    clock.clearTimeout(first)
    clock.clearTimeout(first)
    clock.clearTimeout(undefined)
    clock.advanceSync(100)
    expect(notes).toEqual([])
    expect(clock.pending).toBe(0)
    expect(clock.next).toBeUndefined()
  })

  test.each([2 ** 31, 2 ** 40, Infinity, NaN, -5, 0.5])('a delay of %d is 1 ms, as in the runtimes (T07)', (delay) => {
    const { clock, notes, set } = noted()
    set('timer', delay)
    expect(clock.next).toBe(1)
    clock.advanceSync(1)
    expect(notes).toEqual(['timer at 1'])
  })

  test('waits for the longest delay the runtimes support', () => {
    const { clock, notes, set } = noted()
    set('timer', 2 ** 31 - 1)
    clock.advanceSync(2 ** 31 - 2)
    expect(notes).toEqual([])
    clock.advanceSync(1)
    expect(notes).toHaveLength(1)
  })

  test('a blocked loop delays timers: they run when it is over, in the order of their due times', async () => {
    const { clock, notes, set } = noted()
    set('second', 200)
    set('first', 100)
    set('not yet', 10_000)
    clock.block(5_000)
    expect(notes).toEqual([])
    expect(clock.now()).toBe(5_000)
    expect(clock.next).toBe(0)
    await clock.advance(0)
    expect(notes).toEqual(['first at 5000', 'second at 5000'])
    expect(clock.next).toBe(5_000)
  })

  test.each(['advance', 'advanceSync'] as const)(
    'a callback that blocks for longer than %s advances adds that time',
    async (advance) => {
      const { clock, notes, set } = noted()
      clock.setTimeout(() => clock.block(1_000), 10)
      set('behind it', 20)
      await clock[advance](20)
      expect(notes).toEqual(['behind it at 1010'])
      expect(clock.now()).toBe(1_010)
    },
  )

  test('during sleep only the wall clock advances, and no timer is due', async () => {
    const { clock, notes, set } = noted()
    set('timer', 10)
    const wall = clock.wall()
    clock.sleep(3_600_000)
    expect(clock.wall() - wall).toBe(3_600_000)
    expect(clock.now()).toBe(0)
    await clock.advance(0)
    expect(notes).toEqual([])
    await clock.advance(10)
    expect(notes).toEqual(['timer at 10'])
    expect(clock.wall() - wall).toBe(3_600_010)
  })

  test('starts at the first moment of 2000, or at a given time', () => {
    expect(new Date(new TestClock().wall()).toISOString()).toBe('2000-01-01T00:00:00.000Z')
    expect(new TestClock({ epoch: 5 }).wall()).toBe(5)
  })
})

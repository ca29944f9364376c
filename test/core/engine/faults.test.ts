import { beforeAll, describe, expect, test, vi } from 'vitest'
import type * as connectionTable from '../../../machines/connection.table.js'
import type { MakeEngine } from '../../../src/core/engine/engine.types.js'
import { xstateEngine } from '../../../src/xstate/engine.js'
import { copyTable, faultsOf, fieldsOf, isOrderSeen, type Fault, type Table } from './support/faults.js'
import { liveUpTo, relive, type Life } from './support/lives.js'

// Checks that the comparison of the engines would fail: each planted fault of the table must make some run differ.

const planted = vi.hoisted((): { table: Table | undefined } => ({ table: undefined }))

vi.mock('../../../machines/connection.table.js', async (original) => {
  const sound = await original<typeof connectionTable>()
  const names = Object.keys(sound) as (keyof typeof sound)[]
  return Object.defineProperties(
    {},
    Object.fromEntries(names.map((name) => [name, { enumerable: true, get: () => (planted.table ?? sound)[name] }])),
  )
})

async function compiled(): Promise<MakeEngine> {
  const { compiledEngine } = await import('../../../src/core/engine/compiled.js')
  return compiledEngine
}

const sound = copyTable(await vi.importActual<typeof connectionTable>('../../../machines/connection.table.js'))
const faults = faultsOf(sound)

let lives: Life[]
beforeAll(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  lives = [...liveUpTo(100_000, 1, xstateEngine)]
}, 120_000)

async function isCaught({ inPlaces, plant }: Omit<Fault, 'name'>): Promise<boolean> {
  const table = copyTable(sound)
  plant(table)
  planted.table = table
  try {
    if (inPlaces) vi.resetModules()
    const make = await compiled()
    const at = lives.findIndex((life) => relive(life, make) !== undefined)
    // A test that detects one fault of a row probably detects the next.
    if (at > 0) lives.unshift(...lives.splice(at, 1))
    return at >= 0
  } finally {
    planted.table = undefined
    if (inPlaces) vi.resetModules()
  }
}

describe('a fault of the table is detected by comparing the engines', () => {
  test('and a table without one passes', { timeout: 120_000 }, async () => {
    expect(await isCaught({ plant: () => {} })).toBe(false)
  })

  test(`for each of ${faults.length}`, { timeout: 600_000 }, async () => {
    const missed: string[] = []
    for (const fault of faults) if (!(await isCaught(fault))) missed.push(fault.name)
    expect(missed).toEqual([])
    expect(faults.length).toBeGreaterThan(500)
  })
})

describe('the list of faults', () => {
  test('covers every row, entry, delay, guard and update of the table', () => {
    const names = faults.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    const rows = [...Object.values(sound.events), ...Object.values(sound.delays).map(([, each]) => each)].flat()
    expect(names.filter((name) => name.endsWith(': removed') && name.includes('row'))).toHaveLength(rows.length)
    expect(names.filter((name) => name.endsWith('no target'))).toHaveLength(rows.filter((row) => row[3] !== 0).length)
    expect(names.filter((name) => name.endsWith('no guard'))).toHaveLength(rows.filter((row) => row[1] !== 0).length)
    expect(names.filter((name) => /^entry of \w+: no action/.test(name))).toHaveLength(
      Object.values(sound.entries).flat().length,
    )
    const bits = (mask: number): number => mask.toString(2).replaceAll('0', '').length
    const count = (text: string): number => names.filter((name) => name.includes(text)).length
    // A state that is reentered may have nothing to lose.
    expect(count(': does not leave ')).toBeGreaterThanOrEqual(
      rows.reduce((sum, row) => sum + bits(row[2] & ~row[3]), 0),
    )
    expect(count(': does not enter ')).toBe(rows.reduce((sum, row) => sum + bits(row[3]), 0))
  })

  test('swaps two actions only if the order is observable, which it is nowhere in this table', () => {
    expect(faults.filter(({ name }) => name.includes('swapped'))).toEqual([])
    expect(isOrderSeen('ping', 'watch', fieldsOf)).toBe(true)
    expect(isOrderSeen({ wait: 1 }, { wait: 2, hinted: true }, fieldsOf)).toBe(true)
    expect(isOrderSeen({ wait: 1 }, { why: 'open' }, fieldsOf)).toBe(false)
    expect(isOrderSeen('ping', { why: 'open' }, fieldsOf)).toBe(false)
  })
})

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { contents, entries, peers, weigh } from '../../bench/bundle/entries.js'
import { goals as bundleGoals, tables as bundleTables } from '../../bench/bundle/tables.js'
import { chartRates, chartTables, engines } from '../../bench/connections/chart.js'
import { contenders } from '../../bench/connections/contenders.js'
import { round } from '../../bench/connections/lockstep.js'
import { tables as connectionTables } from '../../bench/connections/tables.js'
import { cases, describeCase, pause, type Case } from '../../bench/messages/cases.js'
import { groups } from '../../bench/messages/contenders.js'
import { columns, goals, goalTable, tables, type Measured, type Named } from '../../bench/messages/tables.js'
import { Trial } from '../../bench/messages/trial.js'
import { measure as measureOwn, wires } from '../../bench/messages/wires.js'
import { whole } from '../../bench/shared/command.js'
import { around, made } from '../../bench/shared/page.js'
import {
  confidence,
  confidenceOfRatio,
  ratios,
  showSpread,
  sideOf,
  spread,
  verdict,
} from '../../bench/shared/statistics.js'
import { fork } from '../support/processes.js'

const page = readFileSync(join(import.meta.dirname, '../../docs/performance.md'), 'utf8')
const section = (name: string): string => around(page, name)[1]

/** Its first line, then tables. */
const grids = (block: string): string[][][] =>
  block
    .split('\n\n')
    .slice(1)
    .map((table) =>
      table.split('\n').map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
    )
const headings = (block: string): string[][] => grids(block).map(([head]) => head!)
const titles = (block: string): string[][] => grids(block).map(([, , ...rows]) => rows.map(([title]) => title!))

describe('the message cases', () => {
  const dimensions = ['direction', 'size', 'kind', 'burst', 'deflate'] as const

  it('vary each dimension alone, or every combination', () => {
    for (const direction of ['receive', 'send'] as const) {
      const of = (choice: 'some' | 'all'): Case[] => cases(choice, direction)
      for (const key of dimensions.slice(1)) {
        const values = new Set(of('some').map((each) => each[key]))
        expect(values).toEqual(new Set(of('all').map((each) => each[key])))
        expect(values.size).toBeGreaterThan(1)
      }
      const names = of('all').map(describeCase)
      expect(new Set(names).size).toBe(names.length)
      expect(names).toEqual(expect.arrayContaining(of('some').map(describeCase)))
      expect(of('some').map(describeCase)).toEqual(expect.arrayContaining(cases('quick', direction).map(describeCase)))
    }
  })

  it('are whole bursts of at most 8 MiB', () => {
    for (const { count, burst, size } of cases('all')) {
      expect(count % burst).toBe(0)
      expect(count).toBeGreaterThan(0)
      expect(burst * size).toBeLessThanOrEqual(8 << 20)
    }
  })

  it('are selected by a part of their name', () => {
    const some = cases('all', 'receive 1 kB').map(describeCase)
    expect(some.length).toBeGreaterThan(1)
    expect(some.every((name) => name.includes('receive 1 kB'))).toBe(true)
    expect(cases('all', 'nothing of the kind')).toEqual([])
  })

  it('have a longer pause after a larger burst', () => {
    const [one, ten] = cases('quick', 'receive 64 B text') as [Case, Case]
    expect(pause(ten)).toBeGreaterThan(pause(one))
  })

  it('include those the goals cover, in any selection', () => {
    for (const choice of ['goals', 'quick', 'some', 'all'] as const) {
      const meant = cases(choice).filter((each) => each.size === 64 && each.kind === 'text' && !each.deflate)
      for (const { direction, bursts } of goals)
        for (const burst of bursts)
          expect(meant.some((each) => each.direction === direction && each.burst === burst)).toBe(true)
    }
  })
})

describe('a ratio', () => {
  it('compares values of the same round, whatever the machine does in it', () => {
    expect(ratios([2, 40, 6], [1, 20, 3])).toEqual([2, 2, 2])
  })

  it('comes with the interquartile range', () => {
    expect(showSpread(spread([5, 1, 4, 2, 3, 6, 7, 8]))).toBe('4.00 (2.00–6.00)')
  })

  it('has an interval as narrow as its rounds agree', () => {
    expect(confidence([[2, 2, 2]])).toEqual({ low: 2, middle: 2, high: 2 })
    const wide = confidence([[1, 2, 3, 4, 5]])
    expect(wide.low).toBeLessThan(3)
    expect(wide.high).toBeGreaterThan(3)
  })

  it('has an interval as narrow as its processes agree, however many rounds each has', () => {
    const rounds = (value: number): number[] => Array.from({ length: 100 }, () => value)
    expect(confidence([rounds(1), rounds(1.1), rounds(1.2)])).toMatchObject({ low: 1, high: 1.2 })
  })

  it('is compared with another by their intervals', () => {
    expect(confidenceOfRatio([[4, 4]], [[2, 2]])).toEqual({ low: 2, middle: 2, high: 2 })
  })

  it('is above a bound, below it, or undecided', () => {
    expect(sideOf({ low: 0.9, high: 0.99 }, 1)).toBe('below')
    expect(sideOf({ low: 1.01, high: 1.1 }, 1)).toBe('above')
    expect(sideOf({ low: 0.9, high: 1.1 }, 1)).toBe('unclear')
    expect([0.5, 2, 1].map((bound) => verdict({ low: 0.9, high: 1.1 }, bound))).toEqual([
      'not met',
      'met',
      'too close to tell',
    ])
  })
})

describe('the message tables', () => {
  const group: Named = {
    title: 'over `x`',
    bare: { name: 'x' },
    contenders: [
      { name: 'x again', role: 'control' },
      { name: 'ours', role: 'ours' },
      { name: 'slow', role: 'peer' },
      { name: 'fast', role: 'peer' },
    ],
  }
  const order = cases('some', 'receive 64 B text, 100 per tick')[0]!
  /** Two processes that agree. */
  const of = (ratio: number): Measured[number] =>
    [1, 2].map(() => [{ case: order, bare: [100, 200], costs: [100 * ratio, 200 * ratio] }])
  const measured = (ours: number): Measured => [of(1), of(ours), of(2), of(1.25)]

  it('show each contender’s ratio, the ones equal to the bare socket, and the best peer', () => {
    const [table] = tables(group, measured(0.5))
    const [head, , row] = table!.split('\n').map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    expect(head).toEqual(columns(group))
    expect(row).toEqual([
      'receive 64 B text, 100 per tick',
      '100 ns',
      '≈ 1.00 (1.00–1.00)',
      '0.50 (0.50–0.50)',
      '2.00 (2.00–2.00)',
      '1.25 (1.25–1.25)',
      'ahead of fast, 0.40',
    ])
  })

  it('mark values on either side of the bare socket', () => {
    const noisy = [[{ case: order, bare: [100, 100, 100], costs: [90, 100, 110] }]]
    expect(tables(group, [noisy, of(1), of(2), of(2)])[0]).toContain('≈ 1.00 (0.90–1.10)')
  })

  it.each([
    [1.25, 'level with fast, 1.00', '0 ahead, 1 level, 0 behind'],
    [2, 'behind fast, 1.60', '0 ahead, 0 level, 1 behind'],
  ])('mark a peer that is as good or better', (ours, text, standing) => {
    expect(tables(group, measured(ours))[0]).toContain(text)
    expect(goalTable([group], [measured(ours)])).toContain(standing)
  })

  it.each([
    [1.02, 'met'],
    [1.04, 'not met'],
  ])('state whether each goal is met', (ours, word) => {
    const line = goalTable([group], [measured(ours)]).split('\n')[2]!
    expect(
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    ).toEqual([
      'receive 64 B text, 100 per tick',
      '≤ 1.03',
      ours.toFixed(3),
      `${ours.toFixed(3)}–${ours.toFixed(3)}`,
      word,
    ])
  })
})

// Real processes and sockets, but few messages, and no assertion about durations.
describe('a measurement', () => {
  it.each([
    'receive 64 B text, 10 per tick',
    'receive 1 kB binary',
    'receive 64 B text, 10 per tick, deflate',
    'send 64 B text, 100',
    'send 1 kB binary',
  ])(
    'counts what was requested, over a bare socket and over statewire: %s',
    async (name) => {
      const script = join(import.meta.dirname, '../../bench/messages/server-process.ts')
      const server = fork(script, [], { execArgv: ['--import', 'tsx'] })
      const [ports] = (await once(server, 'message')) as [Record<'plain' | 'deflating', number>]
      const order = { ...cases('some', name)[0]!, count: 100 }
      for (const { bare, contenders, deflate: can } of groups()) {
        if (order.deflate && !can) continue
        // The peers are not installed with the package's own dependencies.
        for (const each of [bare, ...contenders.filter(({ role }) => role === 'ours')]) {
          const url = `ws://127.0.0.1:${order.deflate ? ports.deflating : ports.plain}`
          const trial = await Trial.open(each, url, order.deflate)
          expect(await trial.run(order), each.name).toBeGreaterThan(0)
          trial.close()
        }
      }
      server.disconnect()
    },
    30_000,
  )

  it('reports the size of a production bundle, and of an addition to one', async () => {
    const [connect, more] = entries
    const alone = await weigh(contents(connect!))
    expect(alone).toBeGreaterThan(1_000)
    expect(await weigh(contents(more!))).toBeGreaterThan(alone)
    // Without the full error messages, as browsers get it.
    expect(await weigh(contents({ imports: { 'core/sentences/explain.js': 'explain' } }))).toBeLessThan(500)
  })

  it('drives the chart through a whole connection, with either engine', async () => {
    const rates = await chartRates(1, 1_000)
    expect([...rates.keys()]).toEqual(['compiled', 'XState'])
    for (const { ignored, heartbeat } of rates.values())
      for (const rate of [...ignored, ...heartbeat]) expect(rate).toBeGreaterThan(0)
  })

  it.each(Object.keys(wires))('counts every message passed through: %s', async (name) => {
    const { receive, send } = await measureOwn(name, 2, 100)
    expect([receive > 0, send > 0]).toEqual([true, true])
  })

  it('opens the requested number of connections, in batches, and redials some', async () => {
    const names = ['ws', 'statewire/core', 'statewire/ws']
    const weighed = await round(names, 150, () => {})
    expect([...weighed.keys()]).toEqual(names)
    for (const { heap, timers, creation, reconnect } of weighed.values()) {
      expect([heap > 0, timers >= 0]).toEqual([true, true])
      expect([creation.length, reconnect.length]).toEqual([2, 8])
      for (const cost of [...creation, ...reconnect]) expect(cost).toBeGreaterThan(0)
    }
    // When idle, a connection has its next check and no other timer.
    expect(weighed.get('statewire/core')!.timers).toBeCloseTo(1, 0)
  }, 60_000)
})

describe('the connection tables', () => {
  const weighed = (heap: number, cost: number) => ({ heap, timers: 1, creation: [cost, cost], reconnect: [cost, cost] })

  it('show the cost beyond the bare socket, and the ratio of each batch', () => {
    const all = new Map([
      ['ws', [weighed(3_000, 1_000)]],
      ['statewire/core', [weighed(5_000, 1_200)]],
      ['statewire/ws', [weighed(8_000, 2_000)]],
    ])
    const [goalTable, table] = connectionTables(10, all).map((text) => grids(`\n\n${text}`)[0]!)
    expect(goalTable!.slice(2).map((row) => row.at(-1))).toEqual([
      'not met',
      'met',
      'not met',
      'met',
      'not met',
      'met',
      'met',
    ])
    expect(goalTable![2]).toEqual([
      'heap beyond the socket, `createConnection`',
      '4.5 kB',
      '5.0 kB',
      '5.0 kB–5.0 kB',
      'not met',
    ])
    expect(table!.at(-1)!.slice(2, 4)).toEqual(['5.0 (5.0–5.0)', '2 µs, × 2.00 (2.00–2.00)'])
  })

  it('require a rate to be as large as its goal', () => {
    const rates = new Map([['compiled', { ignored: [6e6], heartbeat: [3e5] }]])
    const [table] = chartTables(rates).map((text) => grids(`\n\n${text}`)[0]!)
    expect(table!.slice(2).map((row) => row.slice(1))).toEqual([
      ['6.0 M (6.0 M–6.0 M)', '≥ 5.0 M', 'met'],
      ['300 k (300 k–300 k)', '≥ 400 k', 'not met'],
    ])
  })
})

describe('the performance page', () => {
  it.each(['messages', 'connections', 'bundle'])('contains the latest output of %s, and its command', (name) => {
    const block = section(name)
    const [, date, node] = / on (\d{4}-\d\d-\d\d), Node (v[\d.]+)\./.exec(block) ?? []
    expect(block.startsWith(made(`npm run bench:${name}`, date!, node!))).toBe(true)
    for (const table of block.split('\n\n').slice(1)) {
      const widths = table.split('\n').map((line) => line.length)
      expect(new Set(widths).size, 'as our formatter leaves it').toBe(1)
    }
  })

  it('lists the cases, contenders and goals of messages', () => {
    const block = section('messages')
    const [overWs, overGlobal] = [cases('some'), cases('some').filter((each) => !each.deflate)]
    const named = (all: Case[], direction: string): string[] =>
      all.filter((each) => each.direction === direction).map(describeCase)
    const [goal, own, ...rest] = titles(block)
    expect(goal!.at(-1)).toBe('every row beside the best peer')
    expect(own).toEqual(Object.keys(wires))
    expect(rest).toEqual([overWs, overGlobal].flatMap((all) => ['receive', 'send'].map((each) => named(all, each))))
    expect(headings(block).slice(2)).toEqual(groups().flatMap((group) => [columns(group), columns(group)]))
  })

  it('lists the contenders and goals of connections, and the engines', () => {
    const weighed = { heap: 1, timers: 1, creation: [1], reconnect: [1] }
    const all = new Map(Object.keys(contenders).map((name) => [name, [weighed]]))
    const one = { ignored: [1], heartbeat: [1] }
    const rates = new Map(Object.keys(engines).map((name) => [name, one]))
    const printed = ['', ...connectionTables(10_000, all), ...chartTables(rates)].join('\n\n')
    expect(titles(section('connections'))).toEqual(titles(printed))
    expect(headings(section('connections'))).toEqual(headings(printed))
  })

  it('lists the entries, peers and goals of bundles', () => {
    const weights = {
      entries: new Map(entries.map(({ name }) => [name, 1])),
      peers: new Map(peers.map(({ name }) => [name, 1])),
    }
    const printed = ['', ...bundleTables(weights)].join('\n\n')
    expect(titles(section('bundle'))).toEqual(titles(printed))
    expect(headings(section('bundle'))).toEqual(headings(printed))
    expect(titles(section('bundle'))[0]).toEqual(bundleGoals.map(({ title }) => title))
  })

  it('is not written if it has no place for the output', () => {
    expect(() => around('nothing', 'messages')).toThrow(SyntaxError)
    const twice = '<!-- bench:x --><!-- /bench:x --><!-- bench:x -->'
    expect(() => around(twice, 'x')).toThrow(SyntaxError)
  })
})

describe('a number argument', () => {
  it('causes an error message if it is not a number, or too large or small', () => {
    expect(whole('rounds', '7', 1, 10)).toBe(7)
    for (const text of ['', '0', '11', '1.5', 'many'])
      expect(() => whole('rounds', text, 1, 10)).toThrow(`--rounds ${text} must be a whole number from 1 to 10`)
  })
})

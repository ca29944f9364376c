import { describe, expect, it } from 'vitest'
import { ours, peers, schedules } from './schedules.js'
import { simulate, type Scenario } from './simulation.js'
import { medianOf, summarize, type Summary } from './summary.js'

const clients = 10_000
const seeds = Array.from({ length: 20 }, (_, index) => index + 1)
const [byDefault] = ours

function over(
  seedsOf: readonly number[],
  scenario: Omit<Scenario, 'seed' | 'clients'>,
  schedule = byDefault!,
): Summary {
  return medianOf(seedsOf.map((seed) => summarize(simulate(schedule, { clients, seed, ...scenario }))))
}

describe('when ten thousand clients lose their server at once', () => {
  it('for 30 s, the default reconnects at most 0.8 % of them in any 100 ms', () => {
    const { peak, p99 } = over(seeds, { outage: 30_000 })
    expect(peak).toBeLessThanOrEqual(0.008 * clients)
    // The low peak is not the result of long delays: the longest delay is the cap plus the floor.
    expect(p99).toBeLessThanOrEqual(30_250)
  })

  it('briefly, the default spreads them over the first second', () => {
    const { peak, p99 } = over(seeds, { outage: 0 })
    expect(peak).toBeLessThanOrEqual(0.12 * clients)
    expect(p99).toBeLessThanOrEqual(1_250)
  })

  it.each(peers.synchronous)('without jitter they all reconnect in the same 100 ms: $name', (schedule) => {
    for (const outage of [0, 30_000]) expect(over([1], { outage }, schedule).peak).toBe(clients)
  })

  it.each(peers.jittered)('for 30 s, the default peaks lower than $name', (schedule) => {
    const outage = 30_000
    expect(over([1, 2, 3], { outage }).peak).toBeLessThan(over([1, 2, 3], { outage }, schedule).peak)
  })
})

describe('the simulation', () => {
  it.each(schedules)('reconnects every client exactly once: $name', (schedule) => {
    for (const outage of [0, 30_000]) {
      const { arrivals, recoveries } = simulate(schedule, { clients, outage, seed: 7 })
      expect(recoveries).toHaveLength(clients)
      expect(recoveries[0]).toBeGreaterThanOrEqual(0)
      expect(recoveries.at(-1)).toBeLessThan(Infinity)
      expect(arrivals.reduce((sum, each) => sum + each, 0)).toBe(clients)
    }
  })

  it('has the same outcome for the same seed, and a different one for another', () => {
    const run = (seed: number): Float64Array => simulate(byDefault!, { clients, outage: 30_000, seed }).recoveries
    expect(run(3)).toEqual(run(3))
    expect(run(3)).not.toEqual(run(4))
  })

  it("accepts no more clients than the server's capacity, and rejects none permanently", () => {
    const { arrivals, recoveries, peak } = simulate(byDefault!, { clients, outage: 0, seed: 1, capacity: 505 })
    const admitted = Array.from(arrivals, () => 0)
    for (const at of recoveries) admitted[Math.floor(at / 100)]!++
    expect(Math.max(...admitted)).toBe(51)
    expect(admitted.reduce((sum, each) => sum + each, 0)).toBe(clients)
    expect(peak).toBeGreaterThan(51)
    expect(arrivals.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(clients)
  })

  it('leaves the clients whose policy gives up disconnected', () => {
    const givesUp = { name: 'twice', wait: ({ attempt }: { attempt: number }) => (attempt > 2 ? Infinity : 1_000) }
    const { recoveries, peak, attempts } = simulate(givesUp, { clients, outage: 5_000, seed: 1 })
    expect(recoveries[0]).toBe(Infinity)
    expect({ peak, attempts }).toEqual({ peak: 0, attempts: 2 })
  })

  it('counts failed attempts, each with the time it takes to fail', () => {
    const each = { name: 'fixedBackoff', wait: () => 1_000 }
    // Due at 1_000, 2_100, 3_200, and at 4_300, when the server is back.
    const { recoveries, attempts } = simulate(each, { clients: 3, outage: 4_200, seed: 1, failure: 100 })
    expect(attempts).toBe(3)
    expect([...recoveries]).toEqual([100, 100, 100])
  })

  it('rejects attempts that fail in zero time, which could loop forever', () => {
    expect(() => simulate(byDefault!, { clients: 1, outage: 1, seed: 1, failure: 0 })).toThrow(RangeError)
  })
})

import { createConnection, protocolPing, type Connection } from '../../dist/src/index.js'
import { xstateEngine } from '../../dist/src/xstate/index.js'
import { SilentTransport, type SilentSocket } from '../shared/silent-transport.js'
import { confidence, spread, verdict, type Samples } from '../shared/statistics.js'
import { markdown } from '../../test/storm/table.js'
import { HandClock } from './hand-clock.js'

/** Events per second of processor time. */
interface Rates {
  readonly ignored: readonly number[]
  readonly heartbeat: readonly number[]
}

/** By engine and by round; the first engine is the default. */
export type EngineRates = ReadonlyMap<string, Rates>

/** The option of `createConnection` for each engine. */
export const engines: Readonly<Record<string, object>> = { compiled: {}, XState: { engine: xstateEngine } }

/** An open connection whose only pending timer is the heartbeat. */
class Driven {
  readonly #clock: HandClock
  readonly #connection: Connection
  readonly #socket: SilentSocket

  private constructor(clock: HandClock, connection: Connection, socket: SilentSocket) {
    this.#clock = clock
    this.#connection = connection
    this.#socket = socket
  }

  static async open(options: object): Promise<Driven> {
    const transport = new SilentTransport()
    const clock = new HandClock()
    const heartbeat = protocolPing({ interval: 1_000, timeout: 100 })
    const given = { transport, clock, heartbeat, stableAfter: 0, ...options }
    const connection = createConnection('ws://bench.test/', given)
    const socket = await transport.open()
    await connection.opened()
    return new Driven(clock, connection, socket)
  }

  /** Already stable, so the check changes nothing. */
  ignored(events: number): number {
    return rate(events, () => {
      for (let each = 0; each < events; each++) this.#connection.markHealthy()
    })
  }

  /** A check that finds silence, and the reply to its ping: two events, with one timer cleared and one set for each. */
  heartbeat(events: number): number {
    const { pings } = this.#socket
    const taken = rate(events, () => {
      for (let each = 0; each < events; each += 2) {
        this.#clock.advance(500)
        this.#socket.sink.alive('pong')
      }
    })
    if (this.#socket.pings - pings !== events / 2) throw new Error('not every look has found silence')
    return taken
  }

  close(): void {
    void this.#connection.close()
  }
}

function rate(events: number, work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (events * 1e6) / (user + system)
}

/** Measures the events per second of the chart in a whole connection. The engines alternate within each round. */
export async function chartRates(rounds: number, events = 100_000): Promise<EngineRates> {
  const names = Object.keys(engines)
  const driven = await Promise.all(names.map((name) => Driven.open(engines[name]!)))
  const rates = names.map(() => ({ ignored: [] as number[], heartbeat: [] as number[] }))
  for (let round = -3; round < rounds; round++) {
    for (const [at, each] of driven.entries()) {
      const ignored = each.ignored(events)
      const heartbeat = each.heartbeat(events / 5)
      if (round < 0) continue
      rates[at]!.ignored.push(ignored)
      rates[at]!.heartbeat.push(heartbeat)
    }
  }
  for (const each of driven) each.close()
  return new Map(names.map((name, at) => [name, rates[at]!]))
}

export const chartGoals = { ignored: 5e6, heartbeat: 4e5 } as const

const titles = {
  ignored: 'an event that changes nothing',
  heartbeat: 'a check that finds silence, and the answer to its ping',
} as const

const show = (perSecond: number): string =>
  perSecond < 1e6 ? `${(perSecond / 1e3).toFixed(0)} k` : `${(perSecond / 1e6).toFixed(1)} M`

export function chartTables(rates: EngineRates): string[] {
  const [first] = rates.values()
  const rows = (['ignored', 'heartbeat'] as const).map((what) => {
    const cells = [...rates.values()].map((each) => {
      const { low, middle, high } = spread(each[what])
      return `${show(middle)} (${show(low)}–${show(high)})`
    })
    // The goal is a rate; the verdict compares costs.
    const costs: Samples = [first![what].map((rate) => 1 / rate)]
    return [titles[what], ...cells, `≥ ${show(chartGoals[what])}`, verdict(confidence(costs), 1 / chartGoals[what])]
  })
  return [markdown(['events a second of CPU', ...rates.keys(), 'goal', ''], rows)]
}

import { createConnection, protocolPing } from '../../dist/src/index.js'
import { FakeTransport, TestClock } from '../../dist/src/testing/browser.js'
import { spread, type Spread } from '../shared/statistics.js'

export type Rates = Readonly<Record<'ignored' | 'heartbeat', Spread>>

/** How many events a second the chart takes with all that hangs on it, by the processor time of a whole connection. */
export async function chartRates(rounds: number, events = 100_000): Promise<Rates> {
  const clock = new TestClock()
  const transport = new FakeTransport()
  const heartbeat = protocolPing({ interval: 1_000, timeout: 100 })
  const connection = createConnection('ws://bench.test/', { transport, clock, heartbeat, stableAfter: 0 })
  await new Promise((resolve) => setTimeout(resolve, 10))
  transport.last.accept()
  await clock.advance(1)
  const rate = (taken: number, work: () => void): number => {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    return (taken * 1e6) / (user + system)
  }
  const ignored: number[] = []
  const heartbeats: number[] = []
  for (let round = -3; round < rounds; round++) {
    // Stable already: the chart looks and stays.
    const one = rate(events, () => {
      for (let each = 0; each < events; each++) connection.markHealthy()
    })
    // A look that finds silence, and the answer to the ping that follows: two events, a timer cleared and one set for each.
    const two = rate(events / 5, () => {
      for (let each = 0; each < events / 10; each++) {
        clock.advanceSync(500)
        transport.last.pong()
      }
    })
    if (round >= 0) {
      ignored.push(one)
      heartbeats.push(two)
    }
    transport.last.actions.length = 0
  }
  void connection.close()
  return { ignored: spread(ignored), heartbeat: spread(heartbeats) }
}

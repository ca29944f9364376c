import { Calendar } from './calendar.js'
import { seeded } from './random.js'
import type { Schedule } from './schedules.js'

/** The width of a histogram bar. Milliseconds. */
export const bucketWidth = 100

/** How long the simulation runs after the server is back. Milliseconds. */
const patience = 600_000

export interface Scenario {
  readonly clients: number
  /** The length of the outage, from the moment all clients lose the link. Milliseconds; 0 is a blip. */
  readonly outage: number
  readonly seed: number
  /** How many clients the server accepts per second; others are refused. @default Infinity */
  readonly capacity?: number
  /** Each client notices its loss up to this much later, at random. Milliseconds. @default 0 */
  readonly spread?: number
  /** How long an attempt takes to fail. Milliseconds, more than 0, or a delay of 0 would loop forever. @default 20 */
  readonly failure?: number
}

export interface Storm {
  /** Arrivals per 100 ms since the server's return, refused ones included. */
  readonly arrivals: Uint32Array
  /** When each client was back, since the server's return, sorted; `Infinity` if never. Milliseconds. */
  readonly recoveries: Float64Array
  readonly peak: number
  /** How often each client dialed the dead server, on average. */
  readonly attempts: number
}

/**
 * All clients lose the link at once; each then follows the schedule until the server accepts it.
 *
 * A client is an index, and an attempt a few reads and writes of flat arrays, so a million clients take seconds.
 */
export function simulate(schedule: Schedule, scenario: Scenario): Storm {
  const { clients, outage, seed, capacity = Infinity, spread = 0, failure = 20 } = scenario
  if (!(failure > 0)) throw new RangeError(`failure (${failure}) must be more than 0`)
  const random = seeded(seed)
  const calendar = new Calendar(clients, outage + patience)
  const failures = new Uint16Array(clients)
  const previous = new Float64Array(clients)
  const trait = Float64Array.from({ length: clients }, random)
  const recoveries = new Float64Array(clients).fill(Infinity)
  const arrivals = new Uint32Array(Math.ceil(patience / bucketWidth) + 1)
  const admitted = new Uint32Array(arrivals.length)
  const quota = (capacity * bucketWidth) / 1_000
  // One object for all turns: a million clients would otherwise allocate tens of millions.
  const turn = { attempt: 0, previous: undefined as number | undefined, random, trait: 0 }

  function lose(client: number, at: number): void {
    turn.attempt = failures[client]! + 1
    turn.previous = turn.attempt === 1 ? undefined : previous[client]!
    turn.trait = trait[client]!
    const delay = schedule.wait(turn)
    failures[client] = turn.attempt
    previous[client] = delay
    calendar.enter(client, at + delay)
  }

  for (let client = 0; client < clients; client++) lose(client, spread === 0 ? 0 : spread * random())
  let wasted = 0
  for (let client = calendar.take(); client !== -1; client = calendar.take()) {
    const at = calendar.dueOf(client)
    const bucket = Math.floor((at - outage) / bucketWidth)
    if (at < outage) {
      wasted++
      lose(client, at + failure)
      continue
    }
    arrivals[bucket]!++
    // A quota of 2.5 accepts 2 and 3 in turn.
    if (admitted[bucket]! < Math.floor((bucket + 1) * quota) - Math.floor(bucket * quota) || quota === Infinity) {
      admitted[bucket]!++
      recoveries[client] = at - outage
    } else lose(client, at + failure)
  }
  let peak = 0
  for (const each of arrivals) peak = Math.max(peak, each)
  return { arrivals, recoveries: recoveries.sort(), peak, attempts: wasted / clients }
}

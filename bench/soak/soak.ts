import { collectNow, compare, slope, take, type Census, type Sample } from './census.js'
import { Lane } from './lane.js'
import type { Figures } from './lane.types.js'
import type { Over } from './settings.js'
import type { Mutant } from './mutants.js'
import { Tracker } from './tracker.js'
import { Violation } from './violation.js'

export interface SoakOptions {
  readonly seed: number
  readonly reconnects: number
  /** How many come first and are not measured: code gets compiled, pools get filled. */
  readonly warmUp: number
  readonly overs: readonly Over[]
  /** Bytes by which the heap may grow, at the end and by the fit: what else lives in a process moves by as much. */
  readonly bound: number
  readonly mutant?: Mutant | undefined
  readonly signal: AbortSignal
  /** Told after each reconnect. */
  readonly progress: (done: number, heap: number) => void
}

export interface Outcome {
  readonly lanes: readonly { readonly over: Over; readonly figures: Figures }[]
  readonly before: Census
  readonly after: Census
  readonly samples: readonly Sample[]
  /** By the fit, over the whole run. Bytes. */
  readonly drift: number
  /** Milliseconds. */
  readonly duration: number
}

/** How many links may wait for the collector, or for their end, right after a collection. */
const lingering = 64

const sampled = 50

/** How the run stood when it was stopped. */
export class Stopped extends Error {
  readonly latest: readonly string[]

  constructor(cause: unknown, latest: readonly string[]) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.latest = latest
  }
}

export async function soak(options: SoakOptions): Promise<Outcome> {
  const { seed, reconnects, warmUp, bound, progress } = options
  const tracker = new Tracker()
  await leg({ ...options, mutant: undefined, tracker, reconnects: warmUp, seed: seed + 1_000_003, each: () => {} })
  const before = await take(tracker)
  const started = performance.now()
  const samples: Sample[] = []
  let due = 0
  let collected = false
  const each = (done: number, lanes: readonly Lane[]): void => {
    // Finalizers have run by the reconnect after the collection.
    check(tracker, lanes, collected)
    collected = done >= due
    // Whoever asks what is behind a weak reference keeps it for the rest of the turn.
    if (!collected) checkSockets(tracker, lanes)
    if (collected) {
      due = done + reconnects / sampled
      collectNow()
      samples.push({ reconnects: done, heap: process.memoryUsage().heapUsed })
    }
    progress(done, samples.at(-1)?.heap ?? 0)
  }
  const lanes = await leg({ ...options, tracker, each })
  const duration = performance.now() - started
  const after = await take(tracker, before)
  const drift = slope(samples) * reconnects
  compare(before, after, tracker, { measured: after.heap - before.heap, bound }, { growth: drift })
  return { lanes, before, after, samples, drift, duration }
}

/** What holds at any time, asked when a lane is open again. */
function check(tracker: Tracker, lanes: readonly Lane[], collected: boolean): void {
  const [lane] = lanes
  const { sink, socket, runtime } = tracker.held
  const listeners = lanes.reduce((sum, each) => sum + each.listeners, 0)
  if (listeners > lingering) lane!.fail(`${listeners} listeners on what outlives a link`)
  if (collected && Math.max(sink, socket, runtime) > lingering) {
    lane!.fail(`not collected: ${sink} sinks, ${socket} sockets of transports, ${runtime} sockets of the runtime`)
  }
}

function checkSockets(tracker: Tracker, lanes: readonly Lane[]): void {
  const count = tracker.runtimeSockets
  if (count > lanes.length) lanes[0]!.fail(`${count} sockets of the runtime are CONNECTING or OPEN`)
}

interface LegOptions extends SoakOptions {
  readonly tracker: Tracker
  readonly each: (done: number, lanes: readonly Lane[]) => void
}

/** All lanes at once, from nothing to nothing; what is returned holds none of them. */
async function leg({ overs, reconnects, seed, mutant, signal, tracker, each }: LegOptions): Promise<Outcome['lanes']> {
  const lanes = await Promise.all(overs.map((over) => Lane.start({ over, seed, tracker, mutant, signal })))
  const escape = (error: unknown): void => lanes.forEach((lane) => lane.fail(`nobody caught ${String(error)}`))
  process.on('unhandledRejection', escape)
  process.on('uncaughtException', escape)
  try {
    const part = Math.ceil(reconnects / lanes.length)
    const progress = (): void =>
      each(
        lanes.reduce((sum, lane) => sum + lane.figures.reconnects, 0),
        lanes,
      )
    await together(lanes, (lane) => lane.run(part, progress))
    await together(lanes, (lane) => lane.close())
    const left = lanes.reduce((sum, lane) => sum + lane.listeners, 0)
    if (left > 0) throw new Violation(`${left} listeners are left on what outlives a connection`)
    return lanes.map(({ over, figures }) => ({ over, figures }))
  } finally {
    process.off('unhandledRejection', escape)
    process.off('uncaughtException', escape)
  }
}

/** The first that fails ends the run; the log of its lane comes with it. */
async function together(lanes: readonly Lane[], work: (lane: Lane) => Promise<void>): Promise<void> {
  await Promise.all(
    lanes.map(async (lane) => {
      try {
        await work(lane)
      } catch (error) {
        throw new Stopped(error, lane.journal.latest)
      }
    }),
  )
}

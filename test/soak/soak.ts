import { setTimeout as sleep } from 'node:timers/promises'
import { collect, slope, take, type Census, type Sample } from './census.js'
import { Lane } from './lane.js'
import type { Figures } from './lane.types.js'
import type { Mutant } from './mutants.js'
import type { Over } from './settings.js'
import { Tracker } from './tracker.js'
import { Violation } from './violation.js'

export interface SoakOptions {
  readonly seed: number
  readonly reconnects: number
  /** Warm-up reconnects, which are not measured: code is compiled and pools fill. */
  readonly warmUp: number
  readonly overs: readonly Over[]
  /** The allowed heap growth, at the end and by the trend. Bytes. */
  readonly bound: number
  readonly mutant?: Mutant | undefined
  readonly signal: AbortSignal
  /** Called after each reconnect. */
  readonly progress: (done: number, of: number, heap: number) => void
}

export interface Outcome {
  readonly lanes: readonly { readonly over: Over; readonly figures: Figures }[]
  readonly before: Census
  readonly after: Census
  readonly samples: readonly Sample[]
  /** By the trend, over the whole run. Bytes. */
  readonly drift: number
  /** Milliseconds. */
  readonly duration: number
}

/** How many per-link objects may exist while the lanes run: those of a few links about to end. */
const lingering = 100

/** How many listeners may be on signals that outlive a link: those of the connections and of a step. */
const listening = 40

export async function soak(options: SoakOptions): Promise<Outcome> {
  const { seed, reconnects, warmUp, bound } = options
  const tracker = new Tracker()
  await leg({ ...options, mutant: undefined, reconnects: warmUp, seed: seed + 1_000_003 }, tracker, [])
  const before = await take(tracker)
  const started = performance.now()
  const samples: Sample[] = []
  const lanes = await leg(options, tracker, samples)
  const duration = performance.now() - started
  const after = await take(tracker)
  const drift = slope(samples) * reconnects
  const grown = after.heap - before.heap
  const wrong = [
    ...(grown > bound ? [`the heap grew by ${grown} bytes`] : []),
    ...(drift > bound ? [`the heap grew by ${Math.round(drift)} bytes along the way`] : []),
    ...(after.resources === before.resources ? [] : [`handles: ${before.resources} before, ${after.resources} after`]),
    ...(after.listeners === before.listeners
      ? []
      : [`listeners of process: ${before.listeners} before, ${after.listeners} after`]),
    ...(tracker.held === 0 ? [] : [`${tracker.held} objects of links that are over are not collected`]),
  ]
  if (wrong.length > 0) throw new Violation(wrong.join('; '))
  return { lanes, before, after, samples, drift, duration }
}

/** Runs all lanes in a scope of its own, so the result retains none of them. */
async function leg(options: SoakOptions, tracker: Tracker, samples: Sample[]): Promise<Outcome['lanes']> {
  const { overs, reconnects, seed, mutant, signal, progress } = options
  const lanes = await Promise.all(overs.map((over) => Lane.start({ over, seed, tracker, mutant, signal })))
  const done = (): number => lanes.reduce((sum, lane) => sum + lane.figures.reconnects, 0)
  const listeners = (): number => lanes.reduce((sum, lane) => sum + lane.listeners, 0)
  const escape = (error: unknown): void => lanes[0]!.fail(`uncaught ${String(error)}`)
  process.on('unhandledRejection', escape)
  process.on('uncaughtException', escape)
  const every = Math.max(20, reconnects / 50)
  let due = every
  /** After each step. While one lane takes a sample, the other continues. */
  const each = async (lane: Lane): Promise<void> => {
    if (listeners() > listening) lane.fail(`${listeners()} listeners on what outlives a link`)
    if (tracker.sockets > lanes.length) lane.fail(`${tracker.sockets} sockets of the runtime are CONNECTING or OPEN`)
    progress(Math.min(done(), reconnects), reconnects, samples.at(-1)?.heap ?? 0)
    if (done() < due) return
    due = done() + every
    const heap = await collect()
    samples.push({ reconnects: done(), heap })
    // Finalizers may be late on a busy machine.
    for (let round = 0; tracker.held > lingering && round < 20; round++) await sleep(20).then(collect)
    if (tracker.held > lingering) lane.fail(`${tracker.held} objects of links that are over are not collected`)
  }
  try {
    const part = Math.ceil(reconnects / lanes.length)
    await Promise.all(lanes.map((lane) => lane.run(part, () => each(lane))))
    await Promise.all(lanes.map((lane) => lane.close()))
    if (listeners() > 0) throw new Violation(`${listeners()} listeners are left on what outlives a connection`)
    return lanes.map(({ over, figures }) => ({ over, figures }))
  } finally {
    process.off('unhandledRejection', escape)
    process.off('uncaughtException', escape)
  }
}

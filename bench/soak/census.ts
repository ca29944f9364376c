import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import type { Tracker } from './tracker.js'
import { Violation } from './violation.js'

/** What a process has of things that could leak. */
export interface Census {
  /** Bytes in use, after collection. */
  readonly heap: number
  /** What keeps the process alive: sockets, servers, timers. */
  readonly resources: string
  /** Listeners of `process`. */
  readonly listeners: number
}

export interface Sample {
  readonly reconnects: number
  readonly heap: number
}

/** How long what is over may take to be gone. Generous: a runtime's pool keeps a connection for some seconds. */
const patience = 30_000

export function collectNow(): void {
  if (globalThis.gc === undefined) throw new Error('run Node with --expose-gc, as `npm run soak` does')
  globalThis.gc()
}

/** Lets finalizers run as well. */
async function collect(): Promise<void> {
  for (let round = 0; round < 4; round++) {
    collectNow()
    await turn()
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Bytes per reconnect: the median of the slopes between all pairs, which a few odd samples do not move (Theil and Sen). */
export function slope(samples: readonly Sample[]): number {
  const slopes = samples.flatMap((a, index) =>
    samples.slice(index + 1).flatMap((b) => {
      const run = b.reconnects - a.reconnects
      return run === 0 ? [] : [(b.heap - a.heap) / run]
    }),
  )
  return slopes.length === 0 ? 0 : median(slopes)
}

function resources(): string {
  const counts = new Map<string, number>()
  for (const name of process.getActiveResourcesInfo()) {
    // Output, and the asking itself, are not ours.
    if (!/^(?:TTY|Pipe|FS|Immediate)/.test(name)) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return (
    [...counts]
      .map(([name, count]) => `${count} ${name}`)
      .sort()
      .join(', ') || 'none'
  )
}

const listeners = (): number => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)

/** Waits until nothing is left of what is over, or long enough. */
export async function take(tracker: Tracker, before?: Census): Promise<Census> {
  const deadline = performance.now() + patience
  for (;;) {
    await collect()
    const left = Object.values(tracker.held).reduce((sum, count) => sum + count, 0)
    const settled = left === 0 && (before === undefined ? resources() === 'none' : resources() === before.resources)
    if (settled || performance.now() > deadline) break
    await sleep(50)
  }
  const heaps: number[] = []
  for (let sample = 0; sample < 7; sample++) {
    await collect()
    heaps.push(process.memoryUsage().heapUsed)
  }
  return { heap: median(heaps), resources: resources(), listeners: listeners() }
}

/** What must hold when all is over. Throws a `Violation` that names everything that does not. */
export function compare(
  before: Census,
  after: Census,
  tracker: Tracker,
  growth: { readonly measured: number; readonly bound: number },
  samples: { readonly growth: number },
): void {
  const { sink, socket, runtime } = tracker.held
  const wrong = [
    ...(growth.measured > growth.bound ? [`the heap grew by ${growth.measured} bytes`] : []),
    ...(samples.growth > growth.bound ? [`the heap grew by ${Math.round(samples.growth)} bytes along the way`] : []),
    ...(after.resources === before.resources ? [] : [`handles: ${before.resources} before, ${after.resources} after`]),
    ...(after.listeners === before.listeners
      ? []
      : [`listeners of process: ${before.listeners} before, ${after.listeners} after`]),
    ...(sink + socket + runtime === 0
      ? []
      : [`not collected: ${sink} sinks, ${socket} sockets of transports, ${runtime} sockets of the runtime`]),
  ]
  if (wrong.length > 0) throw new Violation(wrong.join('; '))
}

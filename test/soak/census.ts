import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import type { Tracker } from './tracker.js'

/** The resources of a process that could leak. */
export interface Census {
  /** Bytes in use after garbage collection. */
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

/** How long closed resources may take to disappear. Generous: a runtime's pool keeps a connection for some seconds. */
const patience = 15_000

/** Collects garbage, runs finalizers, and returns the heap in use. Bytes. */
export async function collect(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('run Node with --expose-gc, as `npm run soak` does')
  for (let round = 0; round < 3; round++) {
    globalThis.gc()
    await turn()
  }
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Bytes per reconnect: the median of the slopes between all pairs, which outliers do not affect (Theil–Sen). */
export function slope(samples: readonly Sample[]): number {
  const slopes = samples.flatMap((a, index) =>
    samples.slice(index + 1).map((b) => (b.heap - a.heap) / (b.reconnects - a.reconnects)),
  )
  return slopes.length === 0 ? 0 : median(slopes)
}

function resources(): string {
  const counts = new Map<string, number>()
  for (const name of process.getActiveResourcesInfo()) {
    // Ignores stdout, stderr and the query itself.
    if (!/^(?:TTY|Pipe|FS|Immediate)/.test(name)) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const list = [...counts].map(([name, count]) => `${count} ${name}`)
  return list.sort().join(', ') || 'none'
}

const listeners = (): number => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)

/** Waits until closed resources have disappeared, or the time is up. */
export async function take(tracker: Tracker): Promise<Census> {
  const deadline = performance.now() + patience
  for (;;) {
    const heap = await collect()
    const settled = tracker.held === 0 && resources() === 'none'
    if (settled || performance.now() > deadline) return { heap, resources: resources(), listeners: listeners() }
    await sleep(50)
  }
}

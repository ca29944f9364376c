// One contender in a process of its own: opens many, holds them, weighs them, drops some and dials them anew.
import { contenders } from './contenders.js'

export interface Weighed {
  /** Bytes of V8's heap for each connection. */
  readonly heap: number
  /** Nanoseconds of processor time to make one and have it open, and to have it open again. */
  readonly creation: number
  readonly reconnect: number
  /** Timers for each connection at rest. */
  readonly timers: number
}

declare const gc: () => void

async function heap(): Promise<number> {
  for (let time = 0; time < 4; time++) {
    gc()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return process.memoryUsage().heapUsed
}

const timersOf = (): number => process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length

function cost(since: NodeJS.CpuUsage, count: number): number {
  const { user, system } = process.cpuUsage(since)
  return ((user + system) * 1_000) / count
}

async function weigh(name: string, url: string, count: number): Promise<Weighed> {
  const open = contenders[name]!()
  const held = []
  // What the first ones compile and load is not what each one weighs.
  for (let warm = 0; warm < 50; warm++) held.push(await open(url))
  const before = await heap()
  const timersBefore = timersOf()
  const started = process.cpuUsage()
  for (let done = 0; done < count; done += 100) {
    held.push(...(await Promise.all(Array.from({ length: Math.min(100, count - done) }, () => open(url)))))
    process.send!({ progress: done })
  }
  const creation = cost(started, count)
  const after = await heap()
  const timers = (timersOf() - timersBefore) / count
  const again = Math.min(1_000, count)
  const restarted = process.cpuUsage()
  for (const each of held.slice(50, 50 + again)) await each.reconnect()
  return { heap: (after - before) / count, creation, reconnect: cost(restarted, again), timers }
}

if (process.send !== undefined) {
  // Whoever started it is gone.
  process.on('disconnect', () => process.exit())
  const [name, url, count] = process.argv.slice(2) as [string, string, string]
  const weighed = await weigh(name, url, Number(count))
  process.send({ weighed })
  process.disconnect()
}

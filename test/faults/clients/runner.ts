import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Fault } from './fault.js'
import type { Peer } from './peer.js'
import { fork } from '../../support/processes.js'

const script = fileURLToPath(new URL('./trial-process.ts', import.meta.url))

export interface Trial {
  readonly peer: Peer
  readonly fault: Fault
}

export interface Outcome extends Trial {
  readonly cell: string
}

/** Extra time to start a process and clean up. Milliseconds. */
const allowance = 30_000

async function runTrial({ peer, fault }: Trial): Promise<string> {
  const child = fork(script, [peer.name, fault.name], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let complaints = ''
  child.stderr!.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-2_000)))
  let cell: string | undefined
  child.on('message', (message: { cell: string }) => (cell = message.cell))
  const deadline = setTimeout(() => child.kill('SIGKILL'), fault.seconds * 1_000 + allowance)
  await once(child, 'close')
  clearTimeout(deadline)
  if (cell === undefined) cell = 'trial failed: its process ended without an answer'
  if (cell.startsWith('trial failed')) console.error(`\n${peer.name}, ${fault.name}: ${cell}\n${complaints}`)
  return cell
}

/** Runs the trials, this many at once, the longest first. Reports each start and end. */
export async function runAll(
  trials: readonly Trial[],
  jobs: number,
  tell: (ended: number, running: readonly Trial[]) => void,
): Promise<Outcome[]> {
  const waiting = [...trials].sort((a, b) => b.fault.seconds - a.fault.seconds)
  const running = new Set<Trial>()
  const outcomes: Outcome[] = []
  async function work(): Promise<void> {
    for (let trial = waiting.shift(); trial !== undefined; trial = waiting.shift()) {
      running.add(trial)
      tell(outcomes.length, [...running])
      const cell = await runTrial(trial)
      running.delete(trial)
      outcomes.push({ ...trial, cell })
    }
    tell(outcomes.length, [...running])
  }
  await Promise.all(Array.from({ length: jobs }, work))
  return outcomes
}

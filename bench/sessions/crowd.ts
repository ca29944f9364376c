import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What many sessions on one node cost. Times are in milliseconds, sizes in bytes. */
export interface Crowd {
  readonly sessions: number
  readonly opening: number
  readonly memory: number
  /** Processor time of the server in ten idle seconds. */
  readonly idle: number
  /** From `publish` until every client has the message. */
  readonly topic: number
  readonly drain: { readonly time: number; readonly peak: number; readonly even: number }
}

/** A node with so many sessions, whose clients are in another process. */
export async function crowd(sessions: number): Promise<Crowd> {
  const script = fileURLToPath(new URL('./crowd-process.ts', import.meta.url))
  const child = fork(script, [String(sessions)])
  const [result] = (await once(child, 'message')) as [Crowd | { failed: string }]
  child.disconnect()
  if ('failed' in result) throw new Error(result.failed)
  return result
}

export function crowdTable({ sessions, opening, memory, idle, topic, drain }: Crowd): string {
  return [
    `${sessions} sessions on one node, over loopback:`,
    '',
    '| | |',
    '|---|---|',
    `| hellos answered | ${Math.round(opening)} ms |`,
    `| memory of the process, per session with its socket | ${(memory / 1_024).toFixed(1)} KiB |`,
    `| processor time in ten idle seconds | ${Math.round(idle)} ms |`,
    `| a topic message reaches all | ${Math.round(topic)} ms |`,
    `| drain within 5 s | ${Math.round(drain.time)} ms; at most ${drain.peak} leave in 100 ms (evenly: ${drain.even}) |`,
  ].join('\n')
}

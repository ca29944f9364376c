import { existsSync, readFileSync } from 'node:fs'

/** Whether there is such a process. One that has ended and was not waited for is none. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const stat = `/proc/${pid}/stat`
  return !existsSync(stat) || !/\) [ZX] /.test(readFileSync(stat, 'utf8'))
}

import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawn } from '../../../support/processes.js'

export const root = join(import.meta.dirname, '../../../..')
export const main = join(root, 'dist/src/tools/cli/main.js')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A `statewire` command that runs without a terminal. */
export class Program {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  stdout = ''
  stderr = ''

  /** With `input` there is a stdin to write to. With `reads: false` nobody reads its stdout, until somebody does. */
  constructor(
    args: readonly string[],
    {
      script = main,
      cwd = root,
      input = false,
      reads = true,
      env = {},
    }: {
      script?: string
      cwd?: string
      input?: boolean
      reads?: boolean
      env?: Readonly<Record<string, string>>
    } = {},
  ) {
    const stdin = input ? 'pipe' : 'ignore'
    this.process = spawn(process.execPath, [script, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: [stdin, 'pipe', 'pipe'],
    })
    if (reads) this.process.stdout!.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()))
    this.process.stderr!.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()))
    this.ended = new Promise((resolve, reject) => {
      this.process.on('error', reject)
      this.process.on('close', (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }))
    })
  }

  /** Resolves as soon as it has written this, to stdout or to stderr. */
  async wrote(pattern: RegExp, to: 'stdout' | 'stderr' = 'stdout'): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this[to])
      if (found !== null) return found
      if (this.process.exitCode !== null) throw new Error(`it ended, and wrote only:\n${this.stdout}${this.stderr}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

/** How much memory a process has at this moment, in bytes; 0 where the system is not Linux, and does not tell. */
export function residentBytes({ pid }: ChildProcess): number {
  if (process.platform !== 'linux') return 0
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024
}

export const run = (...args: string[]): Promise<Ended> => new Program(args).ended

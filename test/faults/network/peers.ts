// The server and the client of one test: child processes in its namespaces, and their reports.
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { IP } from './network.js'
import { spawn } from '../../support/processes.js'

export interface Told {
  /** In milliseconds since 1970; all processes here share the clock. */
  readonly t: number
  readonly type: string
  readonly [detail: string]: unknown
}

export const PORT = 8080
export const serverScript = fileURLToPath(new URL('./server.ts', import.meta.url))
export const clientScript = fileURLToPath(new URL('./client.ts', import.meta.url))

export class Peer {
  readonly told: Told[] = []
  /** Its stderr: empty if all is well. */
  complaints = ''
  readonly #name: string
  readonly #process: ChildProcess
  readonly #waiting = new Set<() => void>()
  readonly exited: Promise<{ code: number | null; signal: string | null }>

  constructor(name: string, namespace: string, script: string, args: readonly string[]) {
    this.#name = name
    // `ip netns exec` becomes the command, so a signal to it is a signal to Node.
    const command = ['netns', 'exec', namespace, process.execPath, '--import', 'tsx', script, ...args]
    this.#process = spawn(IP, command, { stdio: 'pipe' })
    this.#process.stdin!.on('error', () => {})
    this.#process.stderr!.on('data', (chunk: Buffer) => (this.complaints += chunk.toString()))
    createInterface({ input: this.#process.stdout! }).on('line', (line) => {
      this.told.push(JSON.parse(line) as Told)
      for (const look of [...this.#waiting]) look()
    })
    this.exited = new Promise((resolve) => this.#process.on('close', (code, signal) => resolve({ code, signal })))
  }

  say(line: string): void {
    this.#process.stdin!.write(`${line}\n`)
  }

  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#process.kill(signal)
  }

  /** The first matching report, past or future. */
  until(what: string, fits: (told: Told) => boolean, within: number): Promise<Told> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(look)
      }
      const look = (): void => {
        const found = this.told.find(fits)
        if (!found) return
        settle()
        resolve(found)
      }
      const timer = setTimeout(() => {
        settle()
        const last = this.told.slice(-8).map((told) => JSON.stringify(told))
        reject(
          new Error(
            `${this.#name}: no ${what} within ${within} ms; last told:\n${last.join('\n')}\n${this.complaints}`,
          ),
        )
      }, within)
      this.#waiting.add(look)
      look()
    })
  }

  async dispose(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.exited
  }
}

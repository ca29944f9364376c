import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { fork } from '../support/processes.js'

const script = fileURLToPath(new URL('./server-process.ts', import.meta.url))

export interface Report {
  /** When each client knocked, in milliseconds since 1970. */
  readonly arrivals: readonly number[]
  /** The most sockets that were open at a time on one path: give each client its own, and it is 1. */
  readonly most: number
}

/** A real server in a process of its own, which can be killed as no server in ours could be. */
export class Server {
  /** When it began to listen, in milliseconds since 1970. */
  readonly since: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, since: number) {
    this.#child = child
    this.since = since
  }

  /** Resolves when it listens on 127.0.0.1; rejects if it ends instead. */
  static async start(port: number): Promise<Server> {
    // What runs us is not always what runs TypeScript.
    const child = fork(script, [String(port)], { execArgv: ['--import', 'tsx'] })
    const [message] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => {
        throw new Error(`the server did not start; is port ${port} taken?`)
      }),
    ])) as [{ listening: number }]
    return new Server(child, message.listening)
  }

  /** What it has seen until now. */
  async report(): Promise<Report> {
    const answer = once(this.#child, 'message') as Promise<[Report]>
    this.#child.send('report')
    return (await answer)[0]
  }

  /** SIGKILL: no farewell to anybody. Resolves when the process is gone, at once if it is. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}

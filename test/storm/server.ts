import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { fork } from '../support/processes.js'

const script = fileURLToPath(new URL('./server-process.ts', import.meta.url))

export interface Report {
  /** When each client connected, in milliseconds since 1970. */
  readonly arrivals: readonly number[]
  /** The most simultaneous sockets on one path: 1 if each client has its own path. */
  readonly most: number
}

/** A real server in a process of its own, so it can be killed. */
export class Server {
  /** When it started listening, in milliseconds since 1970. */
  readonly since: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, since: number) {
    this.#child = child
    this.since = since
  }

  /** Resolves once it listens on 127.0.0.1; rejects if it exits instead. */
  static async start(port: number): Promise<Server> {
    // The current runtime does not always run TypeScript.
    const child = fork(script, [String(port)], { execArgv: ['--import', 'tsx'] })
    const [message] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => {
        throw new Error(`the server did not start; is port ${port} taken?`)
      }),
    ])) as [{ listening: number }]
    return new Server(child, message.listening)
  }

  /** What it has seen so far. */
  async report(): Promise<Report> {
    const answer = once(this.#child, 'message') as Promise<[Report]>
    this.#child.send('report')
    return (await answer)[0]
  }

  /** SIGKILL, without close frames. Resolves once the process is gone, immediately if it already is. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}

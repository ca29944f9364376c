import { ConnectionError, type ErrorCode, type Reporter } from '../errors.js'

export interface OutboxHost {
  report(error: ConnectionError): void
}

/**
 * What is to happen outside the chart, in order. A turn (a command, a call of a socket, a timer) runs the chart, which only appends;
 * when the outermost turn is over the outbox drains. Whatever a task does in its own turns has taken effect when they return,
 * and is told after all that was to be told before it.
 */
export class Outbox implements Reporter {
  #tasks: (() => void)[] = []
  #busy = false
  readonly #host: OutboxHost

  constructor(host: OutboxHost) {
    this.#host = host
  }

  push(task: () => void): void {
    this.#tasks.push(task)
  }

  /** Runs work that leads to things to be told; they are told when it is done. */
  turn(work: () => void): void {
    const outermost = this.begin()
    try {
      work()
    } finally {
      this.end(outermost)
    }
  }

  /** A turn for whoever comes by too often for a closure: it lasts until `end` is given what this returns. */
  begin(): boolean {
    const outermost = !this.#busy
    this.#busy = true
    return outermost
  }

  end(outermost: boolean): void {
    if (!outermost) return
    if (this.#tasks.length > 0) this.#drain()
    this.#busy = false
  }

  /** Tells the app something, after all that was to be told before. */
  tell(task: () => void): void {
    this.turn(() => this.push(task))
  }

  fail(code: ErrorCode, what: string, cause: unknown): void {
    const error = new ConnectionError(code, `${what} failed: see the cause`, { cause })
    this.tell(() => this.#host.report(error))
  }

  #drain(): void {
    for (let index = 0; index < this.#tasks.length; index++) {
      try {
        this.#tasks[index]!()
      } catch (thrown) {
        this.fail('ERR_INTERNAL', 'a task of statewire', thrown)
      }
    }
    this.#tasks = []
  }
}

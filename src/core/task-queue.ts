import { makeError, type ConnectionError } from './errors.js'

/** What the app gave us and threw. */
export type FailureCode =
  'ERR_DECODE' | 'ERR_ENVIRONMENT' | 'ERR_INSPECTOR' | 'ERR_INTERNAL' | 'ERR_LISTENER' | 'ERR_POLICY'

/** Shared by all that have nothing to do; never pushed to. */
const none: (() => void)[] = []

/**
 * What is to happen outside the chart, in order. A turn (a command, a call of a socket, a timer) runs the chart, which only
 * enqueues; when the outermost turn is over the queue is run. What a task does in turns of its own has taken effect when they
 * return, and is told after everything that was enqueued before.
 */
export abstract class TaskQueue {
  #tasks = none
  #busy = false

  protected abstract report(error: ConnectionError): void

  /** For a turn that runs now. */
  enqueue(task: () => void): void {
    if (this.#tasks === none) this.#tasks = [task]
    else this.#tasks.push(task)
  }

  /** Runs `work`, then what it enqueued. */
  turn(work: () => void): void {
    const outermost = this.begin()
    try {
      work()
    } finally {
      this.end(outermost)
    }
  }

  /** A turn without a closure, for what happens often: it lasts until `end` is given what this returns. */
  begin(): boolean {
    const outermost = !this.#busy
    this.#busy = true
    return outermost
  }

  end(outermost: boolean): void {
    if (!outermost) return
    while (this.#tasks.length > 0) {
      const tasks = this.#tasks
      this.#tasks = none
      for (const task of tasks) {
        try {
          task()
        } catch (thrown) {
          this.fail('ERR_INTERNAL', 'a task of statewire', thrown)
        }
      }
    }
    this.#busy = false
  }

  /** Runs `task` after everything that was enqueued before, at once if no turn is under way. */
  tell(task: () => void): void {
    const outermost = this.begin()
    this.enqueue(task)
    this.end(outermost)
  }

  /** Reports what the app gave us and threw. */
  fail(code: FailureCode, what: string, cause: unknown): void {
    const error = makeError(code, 'failed', [what], { cause })
    this.tell(() => this.report(error))
  }
}

import { makeError, type ConnectionError } from './errors.js'

/** Codes of reported exceptions of the app's code. */
export type FailureCode =
  'ERR_DECODE' | 'ERR_ENVIRONMENT' | 'ERR_INSPECTOR' | 'ERR_INTERNAL' | 'ERR_LISTENER' | 'ERR_POLICY'

/** Shared by empty queues; never pushed to. */
const none: (() => void)[] = []

/**
 * Runs effects outside the chart, in order. A turn (a command, a socket event, a timer) runs the chart, which only enqueues tasks; they run
 * at the end of the outermost turn. Nested turns change the state immediately, but their events follow all earlier tasks.
 */
export abstract class TaskQueue {
  #tasks = none
  #busy = false

  protected abstract report(error: ConnectionError): void

  /** Adds a task to the current turn. */
  enqueue(task: () => void): void {
    if (this.#tasks === none) this.#tasks = [task]
    else this.#tasks.push(task)
  }

  /** Runs `work`, then what it enqueued. */
  run(work: () => void): void {
    const outermost = this.begin()
    try {
      work()
    } finally {
      this.end(outermost)
    }
  }

  /** Begins a turn without a closure, for frequent turns. Pass the result to `end`. */
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

  /** Runs `task` after all enqueued tasks, immediately if there is no turn. */
  schedule(task: () => void): void {
    const outermost = this.begin()
    this.enqueue(task)
    this.end(outermost)
  }

  /** Reports an exception of the app's code. */
  fail(code: FailureCode, what: string, cause: unknown): void {
    const error = makeError(code, 'failed', [what], { cause })
    this.schedule(() => this.report(error))
  }
}

/** Whether this is a promise, or another object with a `then`, of whatever realm. Throws if reading `then` throws. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
  return typeof (value as { readonly then?: unknown }).then === 'function'
}

/**
 * Calls `report` with what a promise rejects with, so that it is never an unhandled rejection, which ends a Node, Deno or Bun
 * process. Does nothing with any other value. Throws if reading `then` throws.
 */
export function onRejection(value: unknown, report: (thrown: unknown) => void): void {
  if (isThenable(value)) Promise.resolve(value).then(undefined, report)
}

/** For promises whose outcome is of no interest, such as one in place of a number. */
export function ignore(): void {}

/** For anything that was refused: should it be a promise, its rejection is not to be unhandled besides. Never throws. */
export function silence(value: unknown): void {
  try {
    onRejection(value, ignore)
  } catch {
    // It throws when it is read.
  }
}

/** Runs a task as a microtask. By a promise, because test runners that fake all of time replace `queueMicrotask`, and never run it. */
export function soon(task: () => void): void {
  void Promise.resolve().then(task)
}

/** What `addEventListener` takes. */
export type ListenerLike = ((event: never) => unknown) | { handleEvent(event: never): unknown }

/**
 * A listener for the platform's `EventTarget` that never throws and returns nothing. An error in a listener ends the process in Node,
 * Deno and Bun.
 */
export function guardListener(
  listener: ListenerLike,
  report: (thrown: unknown) => void,
): (this: unknown, event: unknown) => void {
  return function guarded(this: unknown, event) {
    try {
      const returned =
        typeof listener === 'function' ? listener.call(this, event as never) : listener.handleEvent(event as never)
      onRejection(returned, report)
    } catch (thrown) {
      report(thrown)
    }
  }
}

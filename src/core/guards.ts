/** Whether this is a promise or another object with a `then`, of any realm. Throws if reading `then` throws. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
  return typeof (value as { readonly then?: unknown }).then === 'function'
}

/**
 * Reports the rejection of a promise, so it doesn't become an unhandled rejection, which ends a Node, Deno or Bun process. Ignores other
 * values. Throws if reading `then` throws.
 */
export function onRejection(value: unknown, report: (thrown: unknown) => void): void {
  if (isThenable(value)) Promise.resolve(value).then(undefined, report)
}

/** Ignores a promise's outcome, for example one returned instead of a number. */
export function ignore(): void {}

/** Prevents an unhandled rejection if a rejected value is a promise. Never throws. */
export function silence(value: unknown): void {
  try {
    onRejection(value, ignore)
  } catch {
    // Reading it threw.
  }
}

/**
 * Runs a task as a microtask. Uses a promise, because test runners with fake timers replace `queueMicrotask` and don't run it.
 */
export function soon(task: () => void): void {
  void Promise.resolve().then(task)
}

/** A listener as `addEventListener` accepts it. */
export type ListenerLike = ((event: never) => unknown) | { handleEvent(event: never): unknown }

/**
 * Wraps a listener of the platform's `EventTarget` so it never throws and returns nothing. An exception in such a listener ends the process
 * in Node, Deno and Bun.
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

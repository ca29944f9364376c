interface Scope {
  readonly process?: { readonly versions?: { readonly node?: unknown } }
  readonly reportError?: (error: unknown) => void
  readonly console?: { error(error: unknown): void }
}

/**
 * Reports an error without a listener: with `reportError` in browser pages and workers, with `console.error` elsewhere. Never throws.
 *
 * In browsers `reportError` dispatches `error` on `window`; in Bun and Deno it would end the process. A page in Node (jsdom) counts as Node,
 * because test runners fail on errors that reach its `window`.
 */
export function complain(error: unknown): void {
  const scope = globalThis as Scope
  try {
    if (isBrowser(scope) && scope.reportError !== undefined) {
      scope.reportError(error)
      return
    }
  } catch {
    // A replaced `reportError` threw; use the console.
  }
  print(error)
}

/** Prints an error that is not an exception, such as a refused connection. Never throws. */
export function print(error: unknown): void {
  try {
    ;(globalThis as Scope).console?.error(error)
  } catch {
    // A replaced console threw.
  }
}

/** Bun and Deno also have a Node version; workerd has neither `document` nor `WorkerLocation`. */
function isBrowser(scope: Scope): boolean {
  return ('document' in scope || 'WorkerLocation' in scope) && scope.process?.versions?.node === undefined
}

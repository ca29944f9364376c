interface Scope {
  readonly process?: { readonly versions?: { readonly node?: unknown } }
  readonly reportError?: (error: unknown) => void
  readonly console?: { error(error: unknown): void }
}

/**
 * Reports an error that no listener takes: by `reportError` in pages and workers of browsers, by `console.error` elsewhere. Never throws.
 *
 * `reportError` is for browsers only. There it fires `error` at `window`; in Bun and Deno it ends the process, as an uncaught exception
 * does. A page that runs in Node (jsdom) counts as Node: test runners there fail for what reaches its `window`.
 */
export function complain(error: unknown): void {
  const scope = globalThis as Scope
  try {
    if (isBrowser(scope) && scope.reportError !== undefined) {
      scope.reportError(error)
      return
    }
  } catch {
    // Replaced by something that throws; the console is left.
  }
  print(error)
}

/** For what is no exception: a connection that was refused for good. Never throws. */
export function print(error: unknown): void {
  try {
    ;(globalThis as Scope).console?.error(error)
  } catch {
    // The app's own console must not end the process either.
  }
}

/** Bun and Deno call themselves Node as well; workerd has neither a document nor a location. */
function isBrowser(scope: Scope): boolean {
  return ('document' in scope || 'WorkerLocation' in scope) && scope.process?.versions?.node === undefined
}

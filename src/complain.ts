/** What nobody listens for is not swallowed; nor may it stop us. */
export function complain(error: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error)
  else print(error)
}

/** For what is no exception: a connection that was refused for good. Never `reportError`, which ends a process of Bun or Deno. */
export function print(error: unknown): void {
  // oxlint-disable-next-line no-console -- the one place: where nothing listens, silence would be worse
  console.error(error)
}

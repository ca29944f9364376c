// Not in every engine; a method with the name `undefined` would be there instead.

/** Older Hermes has none. What Babel makes of `for await` looks under this name then. */
export const asyncIterator: typeof Symbol.asyncIterator = Symbol.asyncIterator ?? ('@@asyncIterator' as never)

/** Safari has none. What Babel and esbuild make of `await using` looks under this symbol then. */
export const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? (Symbol.for('Symbol.asyncDispose') as never)

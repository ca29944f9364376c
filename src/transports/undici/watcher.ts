// The package's `imports` choose ./undici.ts or ./none.ts.
export { watcherFor } from '#upgrade-watcher'

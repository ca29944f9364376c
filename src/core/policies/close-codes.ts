/**
 * What a close code says about trying again.
 *
 * `retry`: try again. `stop`: the next attempt would end the same way. `slow`: try again, but leave the server in peace.
 * `rapid`: try again, until it has happened several times in quick succession.
 */
export type RetryClass = 'retry' | 'stop' | 'slow' | 'rapid'

/** Malformed, or more than the other side takes: the same would come again. */
const stop: readonly number[] = [1002, 1003, 1007, 1009, 1010]

/**
 * Any number has an answer, because runtimes report illegal ones too. 1000 and 1001 from a server are not final: proxies close
 * with 1000 as well, and 1001 is a restart.
 */
export function retryClassOf(code: number): RetryClass {
  if (stop.includes(code)) return 'stop'
  if (code === 1013) return 'slow'
  // Servers use it for anything from a bad token to a rate limit.
  return code === 1008 ? 'rapid' : 'retry'
}

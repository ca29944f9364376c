import type { Connection } from '../../../index.js'

/** Calls `reached` once, when the connection has had no link for `limit` milliseconds, at its start or later. Returns what stops that. */
export function whenWithoutLink(connection: Pick<Connection, 'on'>, limit: number, reached: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  const stopClock = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  // Every failed attempt is a `close`, too: the first one counts.
  const startClock = (): void => void (timer ??= setTimeout(reached, limit))
  const removers = [connection.on('open', stopClock), connection.on('close', startClock)]
  startClock()
  return () => {
    for (const remove of removers) remove()
    stopClock()
  }
}

import type { Connection } from '../../../index.js'

/**
 * Calls `reached` when the connection has had no link for `limit` milliseconds, from the start or after a loss. Returns a function
 * that stops it.
 */
export function whenWithoutLink(connection: Pick<Connection, 'on'>, limit: number, reached: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  const stopClock = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  // A failed attempt also emits `close`; the time runs from the first one.
  const startClock = (): void => void (timer ??= setTimeout(reached, limit))
  const removers = [connection.on('open', stopClock), connection.on('close', startClock)]
  startClock()
  return () => {
    for (const remove of removers) remove()
    stopClock()
  }
}

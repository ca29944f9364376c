import type { SocketConnection } from './connect.js'

/**
 * Tells a logger what happens: no payload, no URL, no reason of a close, which may hold either.
 * Listeners of their own, so that a logger that throws is reported and disturbs nothing.
 */
export function logTo(logger: (...args: unknown[]) => void, connection: SocketConnection): void {
  const log = (what: string, detail: object): unknown => logger('statewire>', what, detail)
  connection.on('state', ({ state, why, attempt }) => log('state', { state, why, attempt }))
  connection.on('open', ({ attempt }) => log('open', { attempt }))
  connection.on('close', ({ code, wasClean, error, willRetry, delay }) =>
    log('close', { code, wasClean, error: error?.code, willReconnect: willRetry, retryDelay: delay }),
  )
  connection.on('dropped', ({ reason }) => log('dropped', { reason }))
}

import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { wsTransport, type WsTransportOptions } from '../../src/transports/ws.js'
import { Dialed } from './dialed.js'

export interface Watched {
  readonly dialed: Dialed
  /** How many writes the underlying stream got since the handshake. */
  writes(): number
  /** How often it was corked since the handshake. */
  corks(): number
  /** How many messages were sent with a callback. */
  callbacks(): number
}

/** A socket whose system writes are counted, by the two methods a Node stream has for them. */
export async function watched(url: string, options: WsTransportOptions = {}): Promise<Watched> {
  const counts = { _write: 0, _writev: 0, cork: 0, callbacks: 0 }
  const createConnection = ((at: { port: number }) => {
    const tcp = connect(at.port, '127.0.0.1')
    const methods = tcp as unknown as Record<'_write' | '_writev' | 'cork', (...args: unknown[]) => void>
    for (const name of ['_write', '_writev', 'cork'] as const) {
      const method = methods[name]
      methods[name] = function (...args) {
        counts[name]++
        method.apply(this, args)
      }
    }
    return tcp
  }) as unknown as NonNullable<WsTransportOptions['createConnection']>
  class Counting extends WebSocket {
    override send(...args: unknown[]): void {
      if (typeof args.at(-1) === 'function') counts.callbacks++
      ;(super.send as (...given: unknown[]) => void)(...args)
    }
  }
  const transport = wsTransport({ ...options, createConnection, WebSocket: Counting })
  const dialed = await new Dialed(transport, { url }).opened()
  const before = { ...counts }
  return {
    dialed,
    writes: () => counts._write + counts._writev - before._write - before._writev,
    corks: () => counts.cork - before.cork,
    callbacks: () => counts.callbacks,
  }
}

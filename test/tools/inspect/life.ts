import type { ConnectionOptions, UrlProvider } from '../../../src/index.js'
import { textHeartbeat } from '../../../src/index.js'
import { settle } from '../../../src/tools/testing/browser.js'
import { setup, type Setup } from '../../support/setup.js'
import type { SendData, MessageData } from '../../../src/core/transport.js'

/** Part of everything secret: wherever a connection accepts text, it gets this. */
export const sentinel = 'S3NTINEL-4711'

type Life = Setup<MessageData, SendData>

/** A connection with the sentinel everywhere, not dialed yet. */
export function secretive(options: ConnectionOptions = {}): Life {
  const url: UrlProvider = ({ attempt }) => ({
    url: `wss://user-${sentinel}:${sentinel}@server.test/${sentinel}/${attempt}?token=${sentinel}`,
    protocols: ['chat', sentinel],
    headers: { authorization: `Bearer ${sentinel}`, [sentinel]: 'x' },
  })
  return setup({
    url,
    autoOpen: false,
    heartbeat: textHeartbeat({ ping: () => `ping ${sentinel}`, pong: `pong ${sentinel}` }),
    async prepare(link) {
      link.send(`login ${sentinel}`)
      await link.read()
    },
    ...options,
  })
}

/**
 * Everything that can happen to a connection: resolve, handshake, prepare, open, messages, heartbeat, loss, backoff,
 * suspension, reconnect, close.
 */
export async function live({ connection, clock, transport, environment }: Life): Promise<void> {
  const admit = async (): Promise<void> => {
    await settle()
    transport.last.accept({ protocol: sentinel, extensions: `x; key=${sentinel}` })
    await settle()
    transport.last.message(`welcome ${sentinel}`)
    await settle()
  }
  connection.on('error', () => {})
  connection.on('message', () => {})
  connection.open()
  connection.send(`queued ${sentinel}`, { key: sentinel })
  await admit()
  connection.send(`sent ${sentinel}`)
  transport.last.message(`text ${sentinel}`)
  transport.last.message(new TextEncoder().encode(sentinel).buffer)
  await clock.advance(10_000)
  transport.last.message(`pong ${sentinel}`)
  environment.emit('visible')
  transport.last.message(`pong ${sentinel}`)
  connection.on('message', () => {
    throw new Error(sentinel)
  })
  transport.last.message(`thrower ${sentinel}`)
  transport.last.end({ code: 4321, reason: sentinel }, { error: new Error(sentinel, { cause: sentinel }) })
  await clock.advance(750)
  transport.last.refuse({ error: new Error(sentinel), status: 503, retryAfter: 2_000 })
  environment.emit('offline')
  environment.emit('online')
  await clock.advance(60_000)
  await admit()
  connection.reconnect(4555, sentinel)
  await admit()
  await clock.advance(30_000)
  await clock.advance(60_000)
  connection.reconnect()
  await admit()
  connection.markHealthy()
  void connection.close(1000, sentinel)
  transport.last.end({ code: 1000, reason: sentinel })
  await settle()
}

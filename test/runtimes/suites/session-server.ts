import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { sessionServer, type Payload } from '../../../src/server/index.js'
import { createFaultServer } from '../../../src/tools/testing/index.js'

/** How long a half-open link lasts. Milliseconds. */
const halfOpen = 200

/**
 * A server whose sessions echo. At `cut`, it answers `half-open`, receives nothing more on this link, cuts it, and sends `away 1` to
 * `away 3` while there is none. At `ended?` and the id of a session, it answers why that ended.
 */
export async function startSessionServer(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(sockets, 'listening')
  const faulty = await createFaultServer({ upstream: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}` })
  const sessions = sessionServer({ server: sockets, authenticate: ({ auth }) => ({ principal: String(auth) }) })
  const ended = new Map<string, string>()
  sessions.on('session', (session) => {
    session.on('ended', ({ reason }) => void ended.set(session.id, reason))
    session.on('message', async (message: Payload) => {
      const [order, id = ''] = typeof message === 'string' ? message.split(' ') : []
      if (order === 'ended?') await session.send(ended.get(id) ?? 'not ended')
      else if (order !== 'cut') await session.send(message)
      else {
        const release = session.on('away', async () => {
          release()
          for (const text of ['away 1', 'away 2', 'away 3']) await session.send(text)
        })
        faulty.swallow('in')
        await session.send('half-open')
        setTimeout(() => faulty.cut(), halfOpen)
      }
    })
  })
  return {
    url: faulty.url,
    async close() {
      await faulty.close()
      await sessions.close()
      await new Promise((resolve) => void sockets.close(resolve))
    },
  }
}

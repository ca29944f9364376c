// Runs in a process of its own, which must exit by itself after `close`.
import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { createFaultServer, faults } from '../../../src/tools/testing/fault-server/index.js'

/** Sockets and timers; the pipes belong to the parent process. */
const kinds = /TCP|Timeout|Immediate/
const handles = (): string[] => process.getActiveResourcesInfo().filter((kind) => kinds.test(kind))

async function main(): Promise<void> {
  const server = await createFaultServer()
  server.use({ fault: faults.hang(), match: { path: '/hang' } })
  server.use({ fault: faults.drip({ every: 60_000 }), match: { path: '/drip' } })
  server.use({ fault: faults.kill({ after: 60_000 }), match: { path: '/kill' } })
  server.use({ fault: faults.swallow(), match: { path: '/swallow' } })
  server.use({ fault: [faults.delay(60_000, 'in'), faults.throttle(1, 'in')], match: { path: '/delay' } })
  server.use({ fault: faults.ignoreClose(), match: { path: '/ignore' } })
  const clients = ['/hang', '/drip', '/kill', '/swallow', '/ignore', '/delay', '/'].map((path) => {
    const client = new WebSocket(server.url + path)
    client.on('error', () => {})
    client.on('open', () => client.send('x'.repeat(1_000)))
    return client
  })
  const silent = connect(server.port, '127.0.0.1').on('error', () => {})
  await server.until('upgraded', { nth: 4 })
  await server.until('swallowed')
  // The endpoint is in the middle of a closing handshake that will never finish.
  server.closeLinks(1_001)
  server.until('stopped', { nth: 5 }).catch(() => {})
  await server.close()
  for (const client of clients) client.terminate()
  silent.destroy()
  await new Promise((resolve) => setTimeout(resolve, 50))
  console.log(`closed with ${JSON.stringify(handles())}`)
}

await main()

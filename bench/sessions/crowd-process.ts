// The node with many sessions. Its clients are in a process of their own.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { WebSocketServer } from 'ws'
import { sessionServer } from '../../dist/src/server/index.js'
import type { Crowd } from './crowd.js'

const sessions = Number(process.argv[2])
const spreadOver = 5_000

async function measure(): Promise<Crowd> {
  const before = process.memoryUsage().rss
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 4_096 })
  await once(server, 'listening')
  const limits = { sessions: Infinity, hellosPerMinute: Infinity, unauthenticated: Infinity }
  const node = sessionServer({ server, authenticate: () => ({ principal: 'bench' }), limits })
  const joined: Promise<void>[] = []
  node.on('session', (session) => joined.push(session.join('news')))
  const { port } = server.address() as { port: number }
  const started = performance.now()
  const clients = fork(fileURLToPath(new URL('./crowd-clients.ts', import.meta.url)), [String(port), String(sessions)])
  const said = async (what: string): Promise<unknown> => {
    for (;;) {
      const [message] = (await once(clients, 'message')) as [{ what: string; value?: unknown }]
      if (message.what === what) return message.value
    }
  }
  await said('welcomed')
  const opening = performance.now() - started
  await Promise.all(joined)
  const memory = (process.memoryUsage().rss - before) / sessions
  const cpu = process.cpuUsage()
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  const { user, system } = process.cpuUsage(cpu)
  const published = performance.now()
  const everyone = said('topic')
  await node.topic('news').publish('hello')
  await everyone
  const topic = performance.now() - published
  const drained = performance.now()
  const left = said('left')
  await node.drain({ within: spreadOver })
  const time = performance.now() - drained
  const peak = (await left) as number
  server.close()
  clients.disconnect()
  return {
    sessions,
    opening,
    memory,
    idle: (user + system) / 1_000,
    topic,
    drain: { time, peak, even: Math.ceil((sessions * 100) / spreadOver) },
  }
}

process.on('disconnect', () => process.exit())
try {
  process.send!(await measure())
} catch (thrown) {
  process.send!({ failed: String(thrown) })
}

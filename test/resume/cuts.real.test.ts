// The client and the server, with links that a fault server resets, half-opens and delays in the middle of the traffic.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { createConnection, webSocketTransport } from '../../src/index.js'
import { fixedBackoff } from '../../src/core/policies/backoff.js'
import { resumable, type Continuity } from '../../src/resume/index.js'
import { sessionServer } from '../../src/server/index.js'
import { createFaultServer } from '../../src/tools/testing/index.js'
import { wsTransport } from '../../src/transports/ws.js'

const disposals: (() => unknown)[] = []
afterEach(async () => {
  for (const dispose of disposals.splice(0).toReversed()) await dispose()
})

const messages = 2_000
const numbers = Array.from({ length: messages }, (_, at) => String(at + 1))

it.each([
  ['ws', wsTransport],
  ['the WebSocket of Node', webSocketTransport],
])('over %s, nothing is lost, doubled or reordered in either direction when links are cut', async (_, transport) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const sessions = sessionServer({ server, authenticate: () => ({ principal: 'ann' }) })
  const got: string[] = []
  sessions.on('session', (session, { resumed }) => {
    if (resumed) return
    session.on('message', (message) => void got.push(String(message)))
    void (async () => {
      for (const number of numbers) {
        await session.send(number)
        if (Number(number) % 20 === 0) await sleep(1)
      }
    })()
  })
  const faulty = await createFaultServer({ upstream: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` })
  const session = resumable({ heartbeat: { interval: 200, timeout: 200 }, window: { messages: 100 } })
  const continuity: Continuity[] = []
  session.on('continuity', (event) => void continuity.push(event))
  const connection = createConnection(faulty.url, {
    transport: transport(),
    backoff: fixedBackoff(10),
    features: [session],
  })
  disposals.push(
    () => new Promise((resolve) => void server.close(resolve)),
    () => sessions.close(),
    () => faulty.close(),
    () => connection.close(),
  )
  const heard: unknown[] = []
  connection.on('message', (message) => void heard.push(message))

  const faults = [() => faulty.reset(), () => faulty.swallow('both'), () => faulty.cut(), () => faulty.swallow()]
  let isDone = false
  const sending = (async () => {
    for (const number of numbers) {
      connection.send(number)
      if (Number(number) % 20 === 0) await sleep(1)
      await connection.drained()
    }
    await session.delivered()
    isDone = true
  })()
  for (let round = 0; round < 8 && !isDone; round++) {
    await sleep(40)
    faults[round % faults.length]!()
  }
  await sending
  for (const deadline = Date.now() + 15_000; heard.length < messages && Date.now() < deadline;) await sleep(5)
  expect(got).toEqual(numbers)
  expect(heard).toEqual(numbers)
  expect(continuity.map(({ kind }) => kind).filter((kind) => kind === 'lost')).toEqual([])
  expect(session.counters.resumed).toBeGreaterThan(0)
  await connection.close()
  expect([session.state, continuity.at(-1)?.kind]).toEqual(['ended', 'kept'])
})

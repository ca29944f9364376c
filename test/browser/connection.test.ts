// A connection in a real page, with the page's own WebSocket and environment.
import { afterEach, describe, expect, inject, test } from 'vitest'
import {
  createConnection,
  fixedBackoff,
  textHeartbeat,
  webSocketTransport,
  type Connection,
  type ConnectionOptions,
} from '../../src/index.js'
import { describeConnection } from '../runtimes/suites/connection.js'

let connection: Connection | undefined
afterEach(async () => {
  await connection?.close()
})

function connect(path: string, options: ConnectionOptions = {}): Connection {
  return (connection = createConnection(`${inject('faultServer').url}${path}`, {
    backoff: fixedBackoff(50),
    ...options,
  }))
}

describeConnection('in a page', { faults: () => inject('faultServer').url, transport: () => webSocketTransport() })

test('a page cannot pause its socket, so messages dropped by a full reader are counted and reported, and the rest is in order', async () => {
  const echo = connect('/echo')
  const dropped: unknown[] = []
  echo.on('dropped', ({ data, reason }) => dropped.push([data, reason]))
  const reader = echo.messages({ limit: 10 })
  await echo.opened()
  const numbers = Array.from({ length: 100 }, (_, at) => `${at}`)
  echo.sendMany(numbers)
  await expect.poll(() => echo.counters.received).toBe(100)
  expect(echo.counters.unread).toBe(90)
  expect(dropped).toEqual(numbers.slice(0, 90).map((data) => [data, 'unread']))
  const read: unknown[] = []
  for (let message = 0; message < 10; message++) read.push((await reader.next()).value)
  expect(read).toEqual(numbers.slice(90))
})

describe('the page', () => {
  test('going offline probes an open link and does not close it (N12)', async () => {
    const heartbeat = textHeartbeat({ interval: 60_000, ping: 'ping', pong: 'ping' })
    const feed = connect('/echo', { heartbeat })
    await feed.opened()
    const rtt = new Promise((resolve) => feed.on('heartbeat', resolve, { once: true }))
    dispatchEvent(new Event('offline'))
    expect(await rtt).toHaveProperty('rtt')
    expect(feed.state).toBe('open')
  })

  test('coming online shortens a backoff delay', async () => {
    const feed = connect('/refused', { backoff: fixedBackoff(60_000) })
    await expect.poll(() => feed.state, { timeout: 10_000 }).toBe('backoff')
    dispatchEvent(new Event('online'))
    expect(feed.status).toMatchObject({ state: 'backoff', attempt: 2 })
    await expect.poll(() => feed.state, { timeout: 10_000 }).toBe('open')
  })

  test('a relative URL is resolved against the document', () => {
    const feed = createConnection('/feed', { autoOpen: false })
    expect(feed.url).toBe(new URL('/feed', location.href).href.replace(/^http/, 'ws'))
  })
})

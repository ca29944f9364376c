// A connection in a real page, over the page's own WebSocket and the page's own environment.
import { afterEach, describe, expect, inject, test } from 'vitest'
import { createConnection, fixed, textHeartbeat, type Connection, type ConnectionOptions } from '../../src/index.js'

let connection: Connection | undefined
afterEach(async () => {
  await connection?.close()
})

function connect(path: string, options: ConnectionOptions = {}): Connection {
  return (connection = createConnection(`${inject('faultServer').url}${path}`, { backoff: fixed(50), ...options }))
}

test('messages go out and come back, in order, text and binary', async () => {
  const echo = connect('/echo')
  const reader = echo.messages()
  expect(echo.send('queued')).toBe('queued')
  await echo.opened()
  echo.send(new Uint8Array([1, 2, 3]))
  echo.send(new Blob(['blob']))
  expect(echo.send('last')).toBe('sent')
  const heard: unknown[] = []
  for (let message = 0; message < 4; message++) heard.push((await reader.next()).value)
  expect(heard[0]).toBe('queued')
  expect(new Uint8Array(heard[1] as ArrayBuffer)).toEqual(new Uint8Array([1, 2, 3]))
  expect(new TextDecoder().decode(heard[2] as ArrayBuffer)).toBe('blob')
  expect(heard[3]).toBe('last')
  expect(await echo.close(1000, 'bye')).toEqual({ code: 1000, reason: 'bye', wasClean: true })
})

test('a page cannot stop its socket, so what a full reader lets go is counted and reported, and the rest is in order', async () => {
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

test('a half-open link is abandoned and replaced, without waiting for its close event (N01)', async () => {
  const heartbeat = textHeartbeat({ interval: 300, timeout: 300, ping: 'ping', pong: 'ping' })
  const feed = connect('/half-open', { heartbeat })
  const closes: unknown[] = []
  feed.on('close', (close) => closes.push(close))
  await feed.opened()
  await expect.poll(() => closes.length, { timeout: 5_000 }).toBe(1)
  expect(closes).toMatchObject([{ code: 4000, error: { code: 'ERR_HEARTBEAT_TIMEOUT' } }])
  await feed.opened()
  const answer = feed.messages().next()
  feed.send('alive')
  expect((await answer).value).toBe('alive')
})

test('a handshake that is never answered is given up (H01)', async () => {
  const states: string[] = []
  const feed = connect('/hang', { connectTimeout: 500, autoOpen: false })
  feed.on('state', ({ state }) => states.at(-1) !== state && states.push(state))
  feed.open()
  await feed.opened()
  expect(states).toEqual(['connecting', 'backoff', 'connecting', 'open'])
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

  test('coming online hastens a wait', async () => {
    const feed = connect('/refused', { backoff: fixed(60_000) })
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

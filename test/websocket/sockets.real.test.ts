// Real sockets and real time: what the deterministic tests assert about the drop-in class holds over real WebSocket
// classes.
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket as WsClass } from 'ws'
import type { WebSocketClass } from '../../src/index.js'
import { createFaultServer, faults, type FaultServer } from '../../src/tools/testing/index.js'
import { ReconnectingWebSocket, type ReconnectingWebSocketOptions } from '../../src/websocket/index.js'

const cleanup: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step()
})

const soon = { minReconnectionDelay: 50, maxReconnectionDelay: 50 } as const satisfies ReconnectingWebSocketOptions

/** An echo server and one socket connected to it. */
async function start(
  options: ReconnectingWebSocketOptions,
  script: (server: FaultServer) => unknown = () => {},
): Promise<{
  server: FaultServer
  ws: ReconnectingWebSocket
  events: string[]
  until: (event: string, times?: number) => Promise<void>
}> {
  const server = await createFaultServer()
  cleanup.push(() => server.close())
  await script(server)
  const ws = new ReconnectingWebSocket(server.url, [], { ...soon, ...options })
  cleanup.push(() => ws.close())
  const events: string[] = []
  const waiting = new Set<() => void>()
  const record = (what: string): void => {
    events.push(what)
    for (const look of waiting) look()
  }
  ws.addEventListener('open', () => record('open'))
  ws.addEventListener('error', () => record('error'))
  ws.addEventListener('message', ({ data }) => record(`message ${String(data)}`))
  ws.addEventListener('close', ({ willReconnect }) => record(willReconnect ? 'close, goes on' : 'close'))
  const until = (event: string, times = 1): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (events.filter((each) => each === event).length < times) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return { server, ws, events, until }
}

const classes: [string, WebSocketClass | undefined][] = [
  ['the class of ws', WsClass],
  ['the global class', undefined],
]

describe.each(classes)('over %s', (_, WebSocket) => {
  const given: ReconnectingWebSocketOptions = WebSocket === undefined ? {} : { WebSocket }
  const runs = WebSocket !== undefined || globalThis.WebSocket !== undefined
  const check = runs || process.env['CI'] ? test : test.skip

  check('what is queued arrives in order, across a reset and a server that is away', async () => {
    const { server, ws, events, until } = await start(given)
    ws.send('1')
    ws.send('2')
    await until('message 2')
    await server.stopListening()
    server.reset()
    await until('close, goes on')
    ws.send('3')
    ws.send('4')
    expect(ws.bufferedAmount).toBe(2)
    await until('close, goes on', 2)
    await server.listenAgain()
    await until('message 4')
    expect(events.filter((each) => each.startsWith('message'))).toEqual([1, 2, 3, 4].map((n) => `message ${n}`))
    expect(ws.bufferedAmount).toBe(0)
  })

  check('maxRetries is exact, each attempt has one error and one close, and reconnect() starts anew', async () => {
    const refuse = (server: FaultServer): unknown => server.use({ fault: faults.refuse(), times: 3 })
    // So that the default decision, which treats some refusals as final, does not end it earlier.
    const { ws, events, until } = await start({ ...given, maxRetries: 2, shouldReconnectOnClose: () => true }, refuse)
    await until('close')
    expect(events).toEqual(['error', 'close, goes on', 'error', 'close, goes on', 'error', 'close'])
    expect([ws.readyState, ws.retryCount]).toEqual([3, 2])
    ws.reconnect()
    await until('open')
    expect(events).toHaveLength(7)
  })

  check('a handshake that hangs is one error and one close after connectionTimeout, and then it opens', async () => {
    const hang = (server: FaultServer): unknown => server.use({ fault: faults.hang(), times: 1 })
    // Long enough for the second handshake on a busy machine.
    const { events, until } = await start({ ...given, connectionTimeout: 2_000 }, hang)
    await until('open')
    expect(events).toEqual(['error', 'close, goes on', 'open'])
  })

  check('close() while CONNECTING passes through CLOSING and fires error and close once, after the call', async () => {
    const { ws, server, events, until } = await start(given, (each) => each.use({ fault: faults.hang() }))
    await server.until('requested')
    ws.close()
    ws.close()
    expect([ws.readyState, events]).toEqual([2, []])
    await until('close')
    expect([ws.readyState, events]).toEqual([3, ['error', 'close']])
  })

  check('close() in the listener of a close stops the retries', async () => {
    const { ws, server, events, until } = await start(given)
    await until('open')
    ws.addEventListener('close', () => ws.close())
    server.reset()
    await until('close, goes on')
    expect([ws.readyState, ws.shouldReconnect]).toEqual([3, false])
    // Several times the delay it would have had; nothing happens however late the machine is.
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(events.filter((each) => each === 'open')).toHaveLength(1)
  })
})

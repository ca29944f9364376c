import { expect, test, vi } from 'vitest'
import { createConnection } from '../../src/create-connection.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { setup } from '../support/setup.js'
import { setupSocket } from '../websocket/support/setup-socket.js'

const end = async ({ connection, transport }: ReturnType<typeof setup>): Promise<void> => {
  const closed = connection.close()
  transport.last.end({ code: 1000 })
  await closed
  await settle()
}

test('a listener with a signal stays registered after a restart until the signal aborts', async () => {
  const each = setup()
  const { signal, abort } = controller()
  const heard: string[] = []
  each.connection.on('message', (message) => heard.push(String(message)), { signal })
  const first = await each.accept()
  first.message('one')
  await end(each)
  each.connection.open()
  const second = await each.accept()
  second.message('two')
  abort()
  second.message('three')
  expect(heard).toEqual(['one', 'two'])
  void each.connection.close()
})

test('a signal aborted while the connection is ended removes its listeners before the next event', async () => {
  const each = setup()
  const { signal, abort } = controller()
  const heard: string[] = []
  for (const type of ['state', 'open', 'message', 'error', 'close'] as const) {
    each.connection.on(type, () => heard.push(type), { signal })
    each.connection.on(type, () => heard.push(`${type}, once`), { signal, once: true })
  }
  await each.accept()
  await end(each)
  heard.length = 0
  abort()
  const off = each.connection.inspect(() => {
    throw new Error('an error event, while it is over')
  })
  off()
  each.connection.open()
  const socket = await each.accept()
  socket.message('x')
  expect(heard).toEqual([])
  void each.connection.close()
})

test('an error goes to the console if the only error listener was removed while the connection was ended', async () => {
  const complaints = vi.spyOn(console, 'error').mockImplementation(() => {})
  const { createConnection } = await import('../../src/create-connection.js')
  const { FakeTransport } = await import('../../src/tools/testing/transport.js')
  const connection = createConnection('ws://server.test/', { transport: new FakeTransport() })
  const { signal, abort } = controller()
  connection.on('error', () => {}, { signal })
  await connection.close()
  await settle()
  abort()
  connection.inspect(() => {
    throw new Error('bitten')
  })()
  connection.subscribe(() => {
    throw new Error('bitten')
  })
  expect(complaints).toHaveBeenCalled()
  complaints.mockRestore()
})

test('a listener added with a signal while the connection is ended honors it after a restart', async () => {
  const each = setup()
  await each.accept()
  await end(each)
  const { signal, abort } = controller()
  const heard: string[] = []
  each.connection.on('message', (message) => heard.push(String(message)), { signal })
  each.connection.open()
  const socket = await each.accept()
  socket.message('one')
  abort()
  socket.message('two')
  expect(heard).toEqual(['one'])
  void each.connection.close()
})

test('a listener of the drop-in class honors its signal across restarts, for every event type', async () => {
  const { ws, transport, accept } = setupSocket()
  const [during, between] = [controller(), controller()]
  const heard: string[] = []
  for (const type of ['open', 'message', 'close']) {
    ws.addEventListener(type, () => heard.push(`${type} during`), { signal: during.signal })
    ws.addEventListener(type, () => heard.push(`${type} between`), { signal: between.signal })
  }
  const first = await accept()
  first.message('x')
  ws.close()
  transport.last.end({ code: 1000 })
  await settle()
  expect(heard.splice(0)).toEqual([
    'open during',
    'open between',
    'message during',
    'message between',
    'close during',
    'close between',
  ])
  between.abort()
  ws.reconnect()
  const second = await accept()
  second.message('x')
  during.abort()
  second.message('x')
  ws.close()
  expect(heard).toEqual(['open during', 'message during'])
})

test('an aborted wait rejects with the reason, or with an AbortError if the platform has no reasons', async () => {
  const { connection } = setup({ autoOpen: false })
  const reason = new Error('mine')
  const older = Object.assign(new EventTarget(), { aborted: false, reason: undefined })
  for (const call of ['opened', 'drained', 'ended'] as const) {
    const { signal, abort } = controller()
    connection.send('waits')
    const wait = connection[call]({ signal })
    abort(reason)
    await expect(wait).rejects.toBe(reason)
    await expect(connection[call]({ signal })).rejects.toBe(reason)
    // Like Safari 15.3: neither `reason` nor `throwIfAborted`.
    older.aborted = false
    const olderWait = connection[call]({ signal: older as never })
    older.aborted = true
    older.dispatchEvent(new Event('abort'))
    await expect(olderWait).rejects.toMatchObject({ name: 'AbortError' })
    await expect(connection[call]({ signal: older as never })).rejects.toMatchObject({ name: 'AbortError' })
  }
  const exception = globalThis.DOMException
  vi.stubGlobal('DOMException', undefined)
  await expect(connection.ended({ signal: older as never })).rejects.toMatchObject({ name: 'AbortError' })
  vi.stubGlobal('DOMException', exception)
  vi.unstubAllGlobals()
  void connection.close()
})

test('a signal without abort reasons ends the connection and its readers', async () => {
  const older = Object.assign(new EventTarget(), { aborted: false })
  const { connection } = setup({ signal: older as never })
  const read = connection.messages({ signal: older as never }).next()
  older.aborted = true
  older.dispatchEvent(new Event('abort'))
  await settle()
  expect([connection.state, await read]).toEqual(['ended', { done: true, value: undefined }])
})

function controller(): { signal: AbortSignal; abort: (reason?: unknown) => void } {
  const made = new AbortController()
  return { signal: made.signal, abort: (reason) => made.abort(reason) }
}

test('a signal has one listener however many operations wait on it, and none when they are done', async () => {
  const { signal, abort } = controller()
  let listeners = 0
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++
    addEventListener.apply(signal, args)
  }
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--
    removeEventListener.apply(signal, args)
  }
  const connections = Array.from({ length: 20 }, () =>
    createConnection('ws://server.test/', { transport: new FakeTransport(), clock: new TestClock(), signal }),
  )
  const offs = connections.flatMap((connection) => [
    connection.on('message', () => {}, { signal }),
    connection.on('open', () => {}, { signal, once: true }),
  ])
  const waits = connections.map((connection) => connection.opened({ signal }))
  const readers = connections.map((connection) => connection.messages({ signal }))
  expect(listeners).toBe(1)
  for (const off of offs) off()
  expect(listeners).toBe(1)
  for (const connection of connections) void connection.close()
  await Promise.allSettled(waits)
  expect(listeners).toBe(0)
  for (const connection of connections) connection.open()
  expect(listeners).toBe(1)
  abort()
  expect(listeners).toBe(0)
  await settle()
  expect(connections.every(({ state }) => state === 'ended')).toBe(true)
  expect(await readers[0]!.next()).toEqual({ done: true, value: undefined })
})

import { describe, expect, test } from 'vitest'
import { fixedBackoff } from '../../src/core/policies/backoff.js'
import { settle } from '../../src/tools/testing/clock.js'
import { setup } from '../support/setup.js'

describe('listeners', () => {
  test('receive payloads in order, and none after removal', async () => {
    const { connection, accept } = setup()
    const heard: unknown[] = []
    const off = connection.on('message', (data) => heard.push(data))
    const socket = await accept()
    const bytes = new ArrayBuffer(3)
    socket.message('1')
    socket.message(bytes)
    off()
    socket.message('2')
    expect(heard).toEqual(['1', bytes])
  })

  test.each([
    [{ signal: {} }],
    [{ signal: null }],
    [{ signal: 'abort' }],
    [{ once: 'yes' }],
    [{ passive: true }],
    [null],
    [5],
  ])('with the options %j are rejected and not registered', async (options) => {
    const { connection, accept } = setup()
    const heard: unknown[] = []
    expect(() => connection.on('message', (message) => heard.push(message), options as never)).toThrow(
      expect.objectContaining({ name: 'ConnectionError', code: 'ERR_OPTION' }),
    )
    ;(await accept()).message('hello')
    expect(heard).toEqual([])
  })

  test('of a misspelled type are rejected, since they would never fire', () => {
    const { connection } = setup()
    expect(() => connection.on('mesage' as never, () => {})).toThrow(
      /type \("mesage"\) must be one of 'open', 'message'/,
    )
    expect(() => connection.on('message', undefined as never)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
  })

  test('honor once and signal', async () => {
    const { connection, accept } = setup()
    const heard: string[] = []
    const aborter = new AbortController()
    connection.on('message', () => heard.push('once'), { once: true })
    connection.on('message', () => heard.push('signal'), { signal: aborter.signal })
    const socket = await accept()
    socket.message('1')
    socket.message('2')
    aborter.abort()
    socket.message('3')
    expect(heard).toEqual(['once', 'signal', 'signal'])
  })

  test('removed by another listener during a dispatch are not called', async () => {
    const { connection, accept } = setup()
    const heard: string[] = []
    connection.on('message', () => offSecond())
    const offSecond = connection.on('message', () => heard.push('second'))
    const socket = await accept()
    socket.message('1')
    expect(heard).toEqual([])
  })
})

describe('messages()', () => {
  test('yields in order across reconnects and ends with the connection', async () => {
    const { connection, clock, accept } = setup({ backoff: fixedBackoff(100) })
    const heard: unknown[] = []
    const reading = (async () => {
      for await (const message of connection) heard.push(message)
    })()
    const first = await accept()
    first.message('1')
    first.end()
    await clock.advance(100)
    const second = await accept()
    second.message('2')
    void connection.close()
    second.end({ code: 1000 })
    await reading
    expect(heard).toEqual(['1', '2'])
  })

  test('yields buffered messages after the end', async () => {
    const { connection, accept } = setup()
    const reader = connection.messages()
    const socket = await accept()
    socket.message('1')
    void connection.close()
    socket.end({ code: 1000 })
    expect(await reader.next()).toEqual({ done: false, value: '1' })
    expect(await reader.next()).toEqual({ done: true, value: undefined })
    expect(await connection.messages().next()).toEqual({ done: true, value: undefined })
  })

  test('stops reading at its limit and resumes when the buffer is half empty', async () => {
    const { connection, accept } = setup()
    const reader = connection.messages({ limit: 4 })
    const socket = await accept()
    for (const message of ['1', '2', '3', '4']) socket.message(message)
    expect(socket.count('pause')).toBe(1)
    await reader.next()
    expect(socket.count('resume')).toBe(0)
    await reader.next()
    expect(socket.count('resume')).toBe(1)
  })

  test('yields frames that were parsed before the pause took effect', async () => {
    const { connection, accept, of } = setup()
    const reader = connection.messages({ limit: 1 })
    const socket = await accept()
    socket.message('1')
    socket.message('2')
    expect([await reader.next(), await reader.next()]).toMatchObject([{ value: '1' }, { value: '2' }])
    expect(of('dropped')).toEqual([])
  })

  test('drops and reports the oldest message if the transport cannot pause', async () => {
    const { connection, accept, of } = setup({ fake: { capabilities: { pause: false } } })
    const reader = connection.messages({ limit: 2 })
    const socket = await accept()
    for (const message of ['1', '2', '3']) socket.message(message)
    expect(of('dropped')).toEqual([{ data: '1', reason: 'unread' }])
    expect(await reader.next()).toMatchObject({ value: '2' })
  })

  test.each([
    ['drop-oldest', ['1', '2'], ['3', '4']],
    ['drop-newest', ['3', '4'], ['1', '2']],
  ] as const)('with %s drops messages accordingly and never pauses', async (overflow, dropped, kept) => {
    const { connection, accept, of } = setup()
    const reader = connection.messages({ limit: 2, overflow })
    const socket = await accept()
    for (const message of ['1', '2', '3', '4']) socket.message(message)
    expect(of('dropped').map(({ data }) => data)).toEqual(dropped)
    expect([await reader.next(), await reader.next()].map(({ value }) => value as unknown)).toEqual(kept)
    expect(socket.count('pause')).toBe(0)
  })

  test('delivers everything to both of two readers, and reading resumes when neither is full', async () => {
    const { connection, accept } = setup()
    const [one, two] = [connection.messages({ limit: 1 }), connection.messages({ limit: 1 })]
    const socket = await accept()
    socket.message('1')
    expect(await one.next()).toMatchObject({ value: '1' })
    expect(socket.count('resume')).toBe(0)
    expect(await two.next()).toMatchObject({ value: '1' })
    expect(socket.count('resume')).toBe(1)
  })

  test('of a full reader also stops the next socket', async () => {
    const { connection, clock, accept } = setup({ backoff: fixedBackoff(100) })
    void connection.messages({ limit: 1 })
    const first = await accept()
    first.message('1')
    first.end()
    await clock.advance(100)
    const second = await accept()
    expect(second.count('pause')).toBe(1)
  })

  test.each(['before', 'after'])('created %s close() does not delay the closing handshake', async (when) => {
    const { connection, accept, of } = setup()
    const socket = await accept()
    const early = when === 'before' ? connection.messages({ limit: 2 }) : undefined
    for (const message of ['1', '2']) socket.message(message)
    expect(socket.count('pause')).toBe(early ? 1 : 0)
    void connection.close()
    const reader = early ?? connection.messages({ limit: 2 })
    for (const message of ['3', '4', '5']) socket.message(message)
    expect(socket.count('pause') - socket.count('resume')).toBe(0)
    socket.end({ code: 1000 })
    const read: unknown[] = []
    for await (const message of reader) read.push(message)
    expect(read).toEqual(early ? ['1', '2'] : ['3', '4'])
    expect(of('dropped').map(({ data }) => data)).toEqual(early ? ['3', '4', '5'] : ['5'])
  })

  test('resumes the socket when its loop is left or its signal aborts', async () => {
    const { connection, accept } = setup()
    const aborter = new AbortController()
    const reader = connection.messages({ limit: 1, signal: aborter.signal })
    const socket = await accept()
    socket.message('1')
    aborter.abort()
    expect(socket.count('resume')).toBe(1)
    expect(await reader.next()).toMatchObject({ done: true })
    const other = connection.messages({ limit: 1 })
    socket.message('2')
    await other.return!()
    expect(socket.count('resume')).toBe(2)
    expect(await other.next()).toMatchObject({ done: true })
  })
})

test('a signal retains none of the iterators it could have ended', async () => {
  const aborter = new AbortController()
  let listening = 0
  const { addEventListener, removeEventListener } = aborter.signal
  aborter.signal.addEventListener = (...rest: Parameters<typeof addEventListener>) => (
    listening++,
    addEventListener.apply(aborter.signal, rest)
  )
  aborter.signal.removeEventListener = (...rest: Parameters<typeof removeEventListener>) => (
    listening--,
    removeEventListener.apply(aborter.signal, rest)
  )
  const { connection } = setup()
  for (let round = 0; round < 20; round++) await connection.messages({ signal: aborter.signal }).return!()
  expect(listening).toBe(0)
})

test('a flood despite a pause is bounded, and each message without room is reported', async () => {
  const { connection, accept, of } = setup()
  void connection.messages({ limit: 10 })
  const socket = await accept()
  for (let message = 0; message < 40_000; message++) socket.message('x')
  expect(of('dropped')).toHaveLength(40_000 - 10 - 32_768)
  expect(connection.counters).toMatchObject({ received: 40_000, unread: 40_000 - 10 - 32_768 })
})

describe('binaryType', () => {
  test('applies to the current socket and the next one', async () => {
    const { connection, clock, transport, accept } = setup({ backoff: fixedBackoff(100) })
    const first = await accept()
    connection.binaryType = 'blob'
    expect(first.binaryType).toBe('blob')
    first.end()
    await clock.advance(100)
    expect(transport.last.target.binaryType).toBe('blob')
    expect(() => (connection.binaryType = 'nodebuffer' as never)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION' }),
    )
  })

  test('applies to a socket whose URL is still being resolved', async () => {
    let answer = (_url: string): void => {}
    const { connection, transport } = setup({ url: () => new Promise<string>((resolve) => (answer = resolve)) })
    await settle()
    connection.binaryType = 'blob'
    answer('ws://server.test/')
    await settle()
    expect(transport.last.target.binaryType).toBe('blob')
  })
})

test('an idle connection has two timers, its heartbeat check and the shared wake ticker; messages neither move them nor read the clock', async () => {
  const { connection, clock, accept } = setup()
  const socket = await accept()
  await clock.advance(10_000)
  // The silence has been noticed; the link is now idle.
  socket.message('x')
  expect(connection.status).toMatchObject({ state: 'open', stable: true })
  expect(clock.pending).toBe(2)
  const calls: string[] = []
  for (const name of ['now', 'wall', 'setTimeout', 'clearTimeout'] as const) {
    const method = clock[name].bind(clock) as (...rest: unknown[]) => never
    clock[name] = (...rest: unknown[]): never => {
      calls.push(name)
      return method(...rest)
    }
  }
  for (let message = 0; message < 10_000; message++) {
    socket.message('x')
    connection.send('x')
  }
  expect([calls, clock.pending, connection.counters.received]).toEqual([[], 2, 10_001])
})

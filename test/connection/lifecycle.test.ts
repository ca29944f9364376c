import { describe, expect, test } from 'vitest'
import { settle } from '../../src/tools/testing/clock.js'
import { setup } from '../support/setup.js'

describe('opening', () => {
  test('it dials at once, but not synchronously in createConnection', async () => {
    const { connection, transport } = setup()
    expect(connection.state).toBe('connecting')
    expect(connection.readyState).toBe(0)
    expect(transport.sockets).toHaveLength(0)
    await settle()
    expect(transport.sockets).toHaveLength(1)
  })

  test('with autoOpen: false it waits for open()', async () => {
    const { connection, transport, clock } = setup({ autoOpen: false })
    await clock.advance(100_000)
    expect(connection.status).toMatchObject({ state: 'idle', why: 'new', willRetry: false })
    expect(clock.pending).toBe(0)
    connection.open()
    await settle()
    expect(transport.sockets).toHaveLength(1)
  })

  test('opening, closing and opening again in one tick dials once (A06)', async () => {
    const { connection, transport } = setup({ autoOpen: false })
    connection.open()
    void connection.close()
    connection.open()
    await settle()
    expect(transport.sockets).toHaveLength(1)
    expect(transport.alive).toBe(1)
  })

  test('opened() resolves on open, and at once if already open', async () => {
    const { connection, accept } = setup()
    const opened = connection.opened()
    await accept()
    await opened
    await connection.opened()
  })

  test('opened() rejects when the connection ends, and with the abort reason of its signal', async () => {
    const { connection, clock } = setup()
    const never = connection.opened()
    const aborter = new AbortController()
    const givenUp = connection.opened({ signal: aborter.signal })
    aborter.abort(new Error('enough'))
    await expect(givenUp).rejects.toThrow('enough')
    void connection.close()
    await clock.advance(2_000)
    await expect(never).rejects.toMatchObject({ code: 'ERR_ENDED' })
    await expect(connection.opened()).rejects.toMatchObject({ code: 'ERR_ENDED' })
  })

  test('protocol, extensions and url are those of the socket', async () => {
    const { connection, transport } = setup({ protocols: ['a', 'b'], url: 'http://server.test/path' })
    await settle()
    expect(transport.last.target).toMatchObject({
      url: 'ws://server.test/path',
      protocols: ['a', 'b'],
      binaryType: 'arraybuffer',
    })
    transport.last.accept({ protocol: 'b', extensions: 'x' })
    expect(connection).toMatchObject({ protocol: 'b', extensions: 'x', url: 'ws://server.test/path' })
  })
})

describe('closing', () => {
  test('close() waits for the closing handshake and resolves with its code and reason', async () => {
    const { connection, clock, accept, of } = setup()
    const socket = await accept()
    const closed = connection.close(3000, 'done')
    expect(connection.state).toBe('closing')
    expect(socket.actions).toContainEqual({ type: 'close', code: 3000, reason: 'done' })
    socket.end({ code: 3000, reason: 'done' })
    expect(await closed).toEqual({ code: 3000, reason: 'done', wasClean: true })
    expect(of('close')).toMatchObject([{ code: 3000, willRetry: false, delay: undefined }])
    expect(clock.pending).toBe(0)
    expect(await connection.ended()).toEqual({ code: 3000, reason: 'done', wasClean: true })
  })

  test('an unanswered close() ends after closeTimeout (C01)', async () => {
    const { connection, clock, transport, accept } = setup()
    await accept()
    const closed = connection.close()
    await clock.advance(1_999)
    expect(connection.state).toBe('closing')
    await clock.advance(1)
    expect(await closed).toEqual({ code: 1006, reason: '', wasClean: false })
    expect(connection.status).toMatchObject({ state: 'ended', why: 'close-timeout' })
    expect(transport.alive).toBe(0)
  })

  test.each(['resolving', 'handshaking'] as const)(
    'close() while %s ends the attempt, and no other follows (C05, C06)',
    async (phase) => {
      let answer = (_url: string): void => {}
      const url = (): Promise<string> => new Promise((resolve) => (answer = resolve))
      const { connection, clock, transport, of } = setup({ url })
      await settle()
      if (phase === 'handshaking') {
        answer('ws://server.test/')
        await settle()
      }
      expect(connection.status).toMatchObject({ phase })
      const closed = connection.close()
      expect(connection.readyState).toBe(2)
      if (phase === 'handshaking') transport.last.end()
      await closed
      answer('ws://server.test/')
      await clock.advance(100_000)
      expect(transport.sockets).toHaveLength(phase === 'handshaking' ? 1 : 0)
      expect(of('close')).toMatchObject([{ code: 1006, wasClean: false, willRetry: false }])
      expect(connection.state).toBe('ended')
      expect(clock.pending).toBe(0)
    },
  )

  test('close() during backoff ends the connection at once (C06)', async () => {
    const { connection, clock, transport } = setup()
    await settle()
    transport.last.refuse()
    expect(connection.state).toBe('backoff')
    await connection.close()
    await clock.advance(100_000)
    expect(transport.sockets).toHaveLength(1)
    expect(connection.status).toMatchObject({ state: 'ended', why: 'close' })
  })

  test('a second close() changes nothing and resolves with the first', async () => {
    const { connection, accept } = setup()
    const socket = await accept()
    const first = connection.close(3001)
    const second = connection.close(3002)
    expect(socket.count('close')).toBe(1)
    socket.end({ code: 3001 })
    expect(await first).toEqual(await second)
    expect(await connection.close()).toMatchObject({ code: 3001 })
  })

  test('open() while closing creates a new socket, and close() resolves', async () => {
    const { connection, transport, accept, of } = setup()
    await accept()
    const closed = connection.close()
    connection.open()
    await settle()
    expect(connection.state).toBe('connecting')
    expect(transport.sockets).toHaveLength(2)
    expect(transport.alive).toBe(1)
    expect(await closed).toMatchObject({ wasClean: false })
    expect(of('close')).toMatchObject([{ willRetry: true, delay: 0 }])
  })

  test('open() after the end dials again', async () => {
    const { connection, accept, transport } = setup()
    const socket = await accept()
    const closed = connection.close()
    socket.end({ code: 1000 })
    await closed
    connection.open()
    await accept()
    expect(connection.status).toMatchObject({ state: 'open', why: 'open', attempt: 1, loss: undefined })
    expect(transport.sockets).toHaveLength(2)
  })

  test('`await using` closes the connection', async () => {
    const { connection, accept } = setup()
    {
      await using feed = connection
      const socket = await accept()
      queueMicrotask(() => queueMicrotask(() => socket.end({ code: 1000 })))
      expect(feed.state).toBe('open')
    }
    expect(connection.state).toBe('ended')
  })
})

describe('the end', () => {
  test('is explained by the refusal in every later error', async () => {
    const { connection, transport } = setup()
    const opened = connection.opened()
    await settle()
    transport.last.refuse({ status: 426 })
    await expect(opened).rejects.toMatchObject({ code: 'ERR_ENDED', status: 426, cause: { code: 'ERR_HANDSHAKE' } })
    expect(() => connection.send('x')).toThrow(/refused/)
  })

  test.each(['state', 'close'] as const)(
    'is not undone for a listener of %s that opens the connection again',
    async (type) => {
      const { connection, transport, accept, of } = setup()
      const ended = connection.ended()
      const reader = connection.messages()
      const first = await accept()
      first.bufferedAmount = Infinity
      let again = false
      connection.on(type, () => {
        if (connection.state !== 'ended' || again) return
        again = true
        connection.open()
        connection.send('of the new life')
      })
      void connection.close()
      first.end({ code: 1000 })
      await ended
      expect(await reader.next()).toMatchObject({ done: true })
      const second = await accept()
      expect(second.sent).toEqual(['of the new life'])
      expect(transport.alive).toBe(1)
      expect(of('dropped')).toEqual([])
    },
  )

  test('leaves no uncertain messages after an acknowledged closing handshake', async () => {
    const { connection, accept, of } = setup()
    const socket = await accept()
    connection.send('a')
    void connection.close()
    socket.end({ code: 1000 })
    expect(of('close')).toMatchObject([{ uncertain: { messages: 0, bytes: 0 } }])
  })
})

describe('the signal', () => {
  test('closes the connection for good when it aborts', async () => {
    const aborter = new AbortController()
    const { connection, accept } = setup({ signal: aborter.signal })
    const socket = await accept()
    aborter.abort()
    expect(connection.state).toBe('closing')
    socket.end({ code: 1005 })
    expect(() => connection.open()).toThrow(expect.objectContaining({ code: 'ERR_ENDED' }))
    expect(() => connection.reconnect()).toThrow(expect.objectContaining({ code: 'ERR_ENDED' }))
  })

  test('prevents dialing if it is already aborted', async () => {
    const { connection, clock, transport } = setup({ signal: AbortSignal.abort() })
    await clock.advance(10_000)
    expect(connection.state).toBe('ended')
    expect(transport.sockets).toHaveLength(0)
  })

  test('still works after close() and open(), and retains nothing of an ended connection', async () => {
    const aborter = new AbortController()
    const { signal } = aborter
    let listening = 0
    const { addEventListener, removeEventListener } = signal
    const listeners = new Set<unknown>()
    signal.addEventListener = (type: string, listener: never, ...rest: []) => {
      listeners.add(listener)
      listening = listeners.size
      addEventListener.call(signal, type, listener, ...rest)
    }
    signal.removeEventListener = (type: string, listener: never, ...rest: []) => {
      listeners.delete(listener)
      listening = listeners.size
      removeEventListener.call(signal, type, listener, ...rest)
    }
    const { connection, accept } = setup({ signal })
    const first = await accept()
    const closed = connection.close()
    first.end({ code: 1000 })
    await closed
    expect(listening).toBe(0)
    connection.open()
    await accept()
    aborter.abort()
    expect(connection.state).toBe('closing')
  })
})

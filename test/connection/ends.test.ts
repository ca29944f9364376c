// How each kind of reader learns that no more messages will come: a requested end ends the iteration, a refusal
// rejects.
import { describe, expect, test, vi } from 'vitest'
import { createConnection } from '../../src/create-connection.js'
import type { Connection, ConnectionOptions } from '../../src/core/connection.types.js'
import { ConnectionError } from '../../src/core/errors.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { setup } from '../support/setup.js'

/** The ways to read every message. */
const readers = {
  'for await': async (connection: Connection, read: unknown[]) => {
    for await (const message of connection) read.push(message)
  },
  'messages()': async (connection: Connection, read: unknown[]) => {
    for await (const message of connection.messages()) read.push(message)
  },
  readable: async (connection: Connection, read: unknown[]) => {
    for await (const message of connection.readable) read.push(message)
  },
  'readable.pipeTo()': async (connection: Connection, read: unknown[]) => {
    await connection.readable.pipeTo(new WritableStream({ write: (message) => void read.push(message) }))
  },
} as const

type Refusal = (context: ReturnType<typeof setup>) => Promise<void>

/** The ways to be refused for good, and the expected cause. */
const refusals: Record<string, { options?: ConnectionOptions; refuse: Refusal; cause: object }> = {
  'a failure that could only come again': {
    refuse: async ({ transport }) => {
      await settle()
      transport.last.refuse({ fatal: true, error: new ConnectionError('ERR_MISSING_PEER', 'there is no WebSocket') })
    },
    cause: { code: 'ERR_MISSING_PEER' },
  },
  'an HTTP status that stays': {
    refuse: async ({ transport }) => {
      await settle()
      transport.last.refuse({ status: 426 })
    },
    cause: { code: 'ERR_HANDSHAKE' },
  },
  'a close code that stays': {
    refuse: async ({ accept }) => (await accept()).end({ code: 1009, reason: 'too big' }),
    cause: { code: 1009, reason: 'too big' },
  },
  'a retry policy that says no': {
    options: { retry: () => false },
    refuse: async ({ accept }) => (await accept()).end({ code: 4401 }),
    cause: { code: 4401 },
  },
}

const error = expect.objectContaining({ name: 'ConnectionError', code: 'ERR_ENDED' }) as unknown

describe.each(Object.entries(readers))('%s', (_, readAll) => {
  test.each(Object.entries(refusals))('rejects after %s, with the loss as the cause', async (_name, refusal) => {
    const context = setup(refusal.options)
    const { connection } = context
    const reading = readAll(connection, [])
    const caught = reading.then(
      () => 'done',
      (thrown: unknown) => thrown,
    )
    await refusal.refuse(context)
    const thrown = await caught
    expect(thrown).toEqual(error)
    expect((thrown as ConnectionError).cause).toMatchObject(refusal.cause)
    expect((thrown as ConnectionError).status).toBe(connection.status.loss?.status)
  })

  test('rejects on a connection that was refused before reading started', async () => {
    const context = setup()
    await refusals['an HTTP status that stays']!.refuse(context)
    await expect(readAll(context.connection, [])).rejects.toEqual(error)
  })

  test('yields earlier messages before it rejects', async () => {
    const { connection, accept } = setup()
    const read: unknown[] = []
    const reading = readAll(connection, read)
    const socket = await accept()
    for (const message of ['1', '2', '3']) socket.message(message)
    socket.end({ code: 1009 })
    await expect(reading).rejects.toEqual(error)
    expect(read).toEqual(['1', '2', '3'])
  })

  test.each([1000, 1005])('completes after a normal close (%i) that the retry policy treats as final', async (code) => {
    const { connection, accept } = setup({ retry: () => false })
    const reading = readAll(connection, [])
    ;(await accept()).end({ code })
    await reading
    expect(connection.status.why).toBe('refused')
  })

  test('completes after close(), acknowledged or not, and after the signal aborts', async () => {
    for (const end of ['answered', 'silent', 'waiting', 'signal'] as const) {
      const stop = new AbortController()
      const { connection, clock, accept } = setup({ signal: stop.signal })
      const reading = readAll(connection, [])
      const socket = await accept()
      if (end === 'waiting') socket.end({ code: 1011 })
      if (end === 'signal') stop.abort()
      else void connection.close()
      if (end === 'answered') socket.end({ code: 1000 })
      await clock.advance(10_000)
      await reading
    }
  })
})

describe('an iterator', () => {
  test('rejects once and then reports done', async () => {
    const { connection, accept } = setup()
    const reader = connection.messages()
    const socket = await accept()
    const asked = [reader.next(), reader.next(), reader.next()]
    socket.end({ code: 1009 })
    await expect(asked[0]).rejects.toEqual(error)
    expect(await Promise.all(asked.slice(1))).toEqual(
      Array.from({ length: 2 }, () => ({ done: true, value: undefined })),
    )
    expect(await reader.next()).toEqual({ done: true, value: undefined })
  })

  test('reports done after a refusal if its loop was left earlier', async () => {
    const { connection, accept } = setup()
    const stop = new AbortController()
    const [left, stopped] = [connection.messages(), connection.messages({ signal: stop.signal })]
    const socket = await accept()
    await left.return!()
    stop.abort()
    socket.end({ code: 1009 })
    for (const reader of [left, stopped]) expect(await reader.next()).toEqual({ done: true, value: undefined })
  })

  test('created after a restart yields messages again', async () => {
    const { connection, accept } = setup()
    ;(await accept()).end({ code: 1009 })
    connection.open()
    const reader = connection.messages()
    ;(await accept()).message('new')
    expect(await reader.next()).toEqual({ done: false, value: 'new' })
  })
})

describe('a connection refused before it ever opened', () => {
  const fatal = { fatal: true, error: new ConnectionError('ERR_MISSING_PEER', 'there is no WebSocket') }

  /** Returns what is written to stderr when a connection is refused for good. */
  async function said(prepare: (connection: Connection) => void, again = false): Promise<unknown[][]> {
    const print = vi.spyOn(console, 'error').mockImplementation(() => {})
    try {
      const transport = new FakeTransport()
      const connection = createConnection('ws://server.test/', { transport, clock: new TestClock() })
      prepare(connection)
      for (const _ of again ? [1, 2] : [1]) {
        connection.open()
        await settle()
        transport.last.refuse(fatal)
      }
      return [...print.mock.calls]
    } finally {
      print.mockRestore()
    }
  }

  test('prints the reason to stderr once if there is no listener', async () => {
    expect(await said(() => {})).toEqual([[fatal.error]])
    expect(await said((connection) => connection.on('message', () => {}), true)).toEqual([[fatal.error]])
    expect(
      await said(
        (connection) =>
          void connection
            .messages()
            .next()
            .catch(() => {}),
      ),
    ).toEqual([[fatal.error]])
  })

  test.each(['close', 'error'] as const)('prints nothing if there is a listener of %s', async (type) => {
    expect(await said((connection) => connection.on(type, () => {}))).toEqual([])
  })

  test('prints nothing if a listener opens it again', async () => {
    expect(
      await said((connection) => {
        const off = connection.on('state', ({ state }) => {
          if (state !== 'ended') return
          off()
          connection.open()
        })
      }),
    ).toEqual([])
  })
})

test('a connection that has been open prints nothing to stderr when it is refused', async () => {
  const print = vi.spyOn(console, 'error').mockImplementation(() => {})
  const transport = new FakeTransport()
  createConnection('ws://server.test/', { transport, clock: new TestClock() })
  await settle()
  transport.last.accept()
  await settle()
  transport.last.end({ code: 1009 })
  expect(print.mock.calls).toEqual([])
  print.mockRestore()
})

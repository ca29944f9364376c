import { describe, expect, test } from 'vitest'
import type { BackoffEvent, CloseEvent, Connection } from '../../src/core/connection.types.js'
import type { ConnectionStatus } from '../../src/core/status.types.js'
import type { SendData, MessageData } from '../../src/core/transport.js'
import { settle } from '../../src/tools/testing/clock.js'
import { setup, type Setup } from '../support/setup.js'

type Command = 'close' | 'open' | 'reconnect' | 'close and open' | 'open and close' | 'reconnect and close'

const commands: Record<Command, (connection: Connection) => void> = {
  close: (connection) => void connection.close(),
  open: (connection) => connection.open(),
  reconnect: (connection) => connection.reconnect(),
  'close and open': (connection) => {
    void connection.close()
    connection.open()
  },
  'open and close': (connection) => {
    connection.open()
    void connection.close()
  },
  'reconnect and close': (connection) => {
    connection.reconnect()
    void connection.close()
  },
}

/** The events that announce what comes next: inside them an app can change it. */
const forecasts = ['close', 'backoff', 'state'] as const
const places = [...forecasts, 'dropped'] as const

/** The status's view of the next attempt, in the fields of a close event. */
function outlookOf(status: ConnectionStatus): Pick<CloseEvent, 'willRetry' | 'delay'> {
  const { willRetry } = status
  return { willRetry, delay: 'delay' in status ? status.delay : willRetry ? 0 : undefined }
}

/** Compares each event with the status at the moment it is received. */
function compare(connection: Connection, heard: string[]): void {
  connection.on('close', ({ willRetry, delay }) => {
    heard.push('close')
    expect({ willRetry, delay }).toEqual(outlookOf(connection.status))
  })
  connection.on('backoff', ({ attempt, delay, retryAt, hinted }) => {
    heard.push('backoff')
    expect(connection.status).toMatchObject({ attempt, delay, retryAt, hinted })
  })
  connection.on('state', (status) => {
    heard.push(`state ${status.state}`)
    expect(status).toBe(connection.status)
  })
}

/** Loses a link with a message in the queue, so that every kind of event fires. */
async function lose({ connection, transport, accept }: Setup<MessageData, SendData>): Promise<void> {
  const socket = await accept()
  socket.bufferedAmount = 1 << 21
  connection.send('waits')
  connection.send('waits too long', { ttl: 0 })
  socket.end({ code: 1011 })
  await settle()
  if (transport.alive === 0) connection.withdraw()
  await settle()
}

describe.each(places)('a listener of %s that calls', (place) => {
  test.each(Object.keys(commands) as Command[])(
    '%s leaves every later listener with a correct forecast',
    async (name) => {
      const context = setup({ backoff: () => 1_000, queue: { messages: 1, overflow: 'drop-oldest' } })
      const { connection, clock, of } = context
      const heard: string[] = []
      let called = 0
      compare(connection, heard)
      connection.on(place, (event) => {
        const isLoss = place !== 'state' || (event as ConnectionStatus).state === 'backoff'
        if (isLoss && called++ === 0) commands[name](connection)
      })
      compare(connection, heard)
      await lose(context)
      await clock.advance(10_000)
      expect(called).toBeGreaterThan(0)
      expect(heard).toContain('close')
      expect(of('error')).toEqual([])
      expect(connection.status.willRetry).toBe(!name.endsWith('close'))
    },
  )
})

test('two listeners receive the same event object if neither changes the connection', async () => {
  const context = setup({ backoff: () => 1_000 })
  const heard: unknown[][] = [[], []]
  for (const list of heard) {
    for (const type of forecasts) context.connection.on(type, (event) => void list.push(event))
  }
  const socket = await context.accept()
  socket.end({ code: 1011 })
  expect(heard[0]!.length).toBeGreaterThanOrEqual(3)
  for (const [index, event] of heard[0]!.entries()) expect(heard[1]![index]).toBe(event)
})

test('a stored event keeps the values it had when it fired', async () => {
  const { connection, accept, of } = setup({ backoff: () => 1_000 })
  const socket = await accept()
  socket.end({ code: 1011 })
  void connection.close()
  expect(of('close')).toMatchObject([{ willRetry: true, delay: 1_000 }])
  expect(of('backoff')).toMatchObject([{ delay: 1_000 }])
})

test('the event for a wait shortened by a hint contains the remaining delay', async () => {
  const { connection, environment, accept } = setup({ backoff: () => 60_000 })
  const heard: BackoffEvent[] = []
  connection.on('close', () => environment.emit('online'))
  connection.on('backoff', (event) => void heard.push(event))
  const events: CloseEvent[] = []
  connection.on('close', (event) => void events.push(event))
  const socket = await accept()
  socket.end({ code: 1011 })
  expect(events).toMatchObject([{ willRetry: true, delay: 500 }])
  expect(heard).toMatchObject([{ delay: 500 }])
})

test('a once listener is not consumed by a backoff event that became obsolete before its turn', async () => {
  const { connection, clock, transport, accept } = setup({ backoff: () => 1_000 })
  const heard: number[] = []
  const off = connection.on('backoff', () => {
    off()
    connection.reconnect()
  })
  connection.on('backoff', ({ attempt }) => void heard.push(attempt), { once: true })
  const socket = await accept()
  socket.end({ code: 1011 })
  await settle()
  expect(heard).toEqual([])
  transport.last.refuse()
  await clock.advance(0)
  expect(heard).toHaveLength(1)
})

test('a store subscriber receives the current status, even after an earlier listener changed it', async () => {
  const { connection, accept } = setup({ backoff: () => 1_000 })
  const heard: ConnectionStatus[] = []
  connection.subscribe(({ state }) => {
    if (state === 'backoff') void connection.close()
  })
  connection.subscribe((status) => {
    expect(status).toBe(connection.getSnapshot())
    heard.push(status)
  })
  const socket = await accept()
  socket.end({ code: 1011 })
  expect(heard.map(({ state }) => state)).not.toContain('backoff')
  expect(heard.at(-1)?.state).toBe('ended')
})

// The programs of docs/logging.md.
import { describe, expect, it } from 'vitest'
import { createConnection, type Connection } from '../../src/index.js'
import { settle } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { blocksOn, runBlock } from './programs.js'

const [logging, metrics] = blocksOn('logging.md')

interface Line {
  readonly level: string
  readonly fields: Record<string, unknown>
  readonly text: string
}

async function logged() {
  const lines: Line[] = []
  const level = (name: string) => (fields: Record<string, unknown>, text: string) =>
    void lines.push({ level: name, fields, text })
  const log = { info: level('info'), warn: level('warn'), error: level('error') }
  const { exports } = await runBlock<{ logConnection: (connection: Connection, to: object) => () => void }>(logging)
  const transport = new FakeTransport()
  const connection = createConnection('wss://server.test/?ticket=secret', {
    transport,
    backoff: () => 60_000,
    queue: { messages: 1, overflow: 'drop-oldest' },
  })
  const stop = exports.logConnection(connection, log)
  const accept = async (): Promise<void> => {
    await settle()
    transport.last.accept()
    await settle()
  }
  return { lines, connection, transport, stop, accept }
}

describe('the log of a connection', () => {
  it('records the connect, the reason of a loss, and the close', async () => {
    const { lines, connection, transport, accept } = await logged()
    await accept()
    connection.send('hello')
    transport.last.end({ code: 1012, reason: 'restart' })
    void connection.reconnect()
    await accept()
    const closed = connection.close()
    transport.last.end({ code: 1000, wasClean: true })
    await closed
    expect(lines.map(({ level, text }) => `${level}: ${text}`)).toEqual([
      'info: connected',
      'warn: connection lost',
      'info: connected',
      'info: closed',
    ])
    expect(lines[1]!.fields).toMatchObject({ code: 1012, reason: 'restart', uncertain: 1, delay: expect.any(Number) })
  })

  it('records that a refusal ended the connection, with the status', async () => {
    const { lines, connection, transport } = await logged()
    await settle()
    transport.last.refuse({ status: 426 })
    expect(connection.state).toBe('ended')
    expect(lines).toEqual([
      { level: 'error', fields: expect.objectContaining({ status: 426 }), text: 'connection ended' },
    ])
  })

  it('has a line for a dropped message, and for a listener that throws', async () => {
    const { lines, connection, transport, accept } = await logged()
    connection.on('message', () => {
      throw new Error('a bug')
    })
    connection.send('first')
    connection.send('second')
    expect(lines).toEqual([{ level: 'warn', fields: { reason: 'overflow' }, text: 'message dropped' }])
    await accept()
    transport.last.message('hello')
    expect(lines.at(-1)).toMatchObject({ level: 'error', fields: { code: 'ERR_LISTENER' } })
    void connection.close()
  })

  it('contains neither the URL nor a message', async () => {
    const { lines, connection, transport, accept } = await logged()
    connection.send('secret 1')
    connection.send('secret 2')
    await accept()
    transport.last.message('secret 3')
    transport.last.end()
    await connection.close()
    expect(lines.length).toBeGreaterThan(2)
    expect(JSON.stringify(lines)).not.toContain('secret')
  })

  it('stops', async () => {
    const { lines, connection, stop, accept } = await logged()
    stop()
    await accept()
    void connection.close()
    expect(lines).toEqual([])
  })
})

it('the metrics count links, losses and messages', async () => {
  const { exports, connection, accept, clock } = await runBlock<{ metrics: () => Record<string, number> }>(metrics)
  const socket = await accept()
  connection.send('hello')
  socket.message('a')
  socket.message('b')
  socket.end()
  connection.send('waits')
  expect(exports.metrics()).toEqual({ opened: 1, lost: 1, received: 2, sent: 1, queued: 1, unread: 0, buffered: 5 })
  await clock.advance(1_000)
  await accept()
  expect(exports.metrics()).toMatchObject({ opened: 2, sent: 2, queued: 0 })
})

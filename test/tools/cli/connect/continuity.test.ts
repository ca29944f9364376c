import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import { describeContinuity, RunSession } from '../../../../src/tools/cli/connect/continuity.js'
import { Incoming } from '../../../../src/tools/cli/connect/incoming.js'
import { StdoutWriter } from '../../../../src/tools/cli/connect/stdout-writer.js'
import { settle } from '../../../../src/tools/testing/browser.js'
import { refusal, resuming, welcome } from '../../../resume/support/scripted-server.js'

const ends: (() => unknown)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** A session in `connect`, with its lines of `--json` and of the status. */
function rig() {
  const life = resuming()
  const run = new RunSession(life.session)
  const told: (readonly [text: string, stays: boolean])[] = []
  run.report((...given) => told.push(given))
  const out = new PassThrough()
  const gone = new AbortController()
  const writer = new StdoutWriter(out, (write) => write(), gone.signal)
  const options = { json: true, binary: 'hex', binaryFiles: undefined, escapes: false, resumed: life.session } as const
  const incoming = new Incoming(life.connection, writer, options)
  ends.push(() => gone.abort())
  const read = (): Record<string, unknown>[] => {
    incoming.finish()
    const text = String((out.read() as Buffer | null) ?? '')
    return text === ''
      ? []
      : text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Record<string, unknown>)
  }
  const continuity = () =>
    read()
      .filter(({ type }) => type === 'continuity')
      .map((line) => Object.fromEntries(Object.entries(line).filter(([name]) => name !== 'at')))
  return { ...life, run, told, read, continuity }
}

describe('the events of a session', () => {
  test('are begun and kept, with what was sent again and what the server had kept', async () => {
    const { open, connection, clock, transport, continuity, told, session } = rig()
    await open()
    connection.send('a')
    connection.send('b')
    transport.last.end()
    await clock.advance(100)
    await open(welcome({ rx: 1, resumed: true, tail: 3 }))
    expect(continuity()).toEqual([
      { type: 'continuity', kind: 'begun' },
      { type: 'continuity', kind: 'kept', away: 100, replayed: { out: 1, in: 3 } },
    ])
    expect(told).toEqual([
      ['session begun', false],
      ['session kept after 0.1 s: 1 message sent again, 3 received late', true],
    ])
    expect(JSON.stringify(told)).not.toContain(session.id)
  })

  test('count what is lost, and show neither messages nor the id', async () => {
    const { open, connection, lose, read, told, run, session } = rig()
    await open()
    for (const message of ['secret-1', 'secret-2', 'secret-3']) connection.send(message)
    const { id } = session
    await lose()
    await open(refusal({ reason: 'expired', rx: 1, exact: false, tried: 2 }), welcome({ ep: 'e2' }))
    const lines = read()
    expect(lines.find(({ kind }) => kind === 'lost')).toEqual({
      type: 'continuity',
      at: expect.any(Number) as number,
      kind: 'lost',
      reason: 'expired',
      lastReceived: 0,
      delivered: 1,
      undelivered: 1,
      uncertain: 1,
    })
    expect(told.map(([text]) => text)).toContain('session lost (expired): 1 delivered, 1 undelivered, 1 uncertain')
    expect([run.undelivered, run.uncertain]).toEqual([1, 1])
    const everything = JSON.stringify([lines, told])
    for (const secret of [id, session.id, 'secret-']) expect(everything).not.toContain(secret)
  })

  test('tell of a topic by its name', () => {
    const nothing = { delivered: 0, undelivered: [], uncertain: [], forgotten: { undelivered: 0, uncertain: 0 } }
    expect(describeContinuity({ kind: 'lost', reason: 'range', topic: 'btc', lastReceived: 7, ...nothing })).toBe(
      'messages of the topic btc lost (range)',
    )
  })
})

test('a close line has the unacknowledged messages of the session', async () => {
  const { open, connection, lose, read, run } = rig()
  await open()
  connection.send('ab')
  expect(run.unacknowledged).toBe(1)
  await lose()
  expect(read().find(({ type }) => type === 'close')).toMatchObject({
    uncertain: { messages: 0, bytes: 0 },
    unacknowledged: { messages: 1, bytes: expect.any(Number) as number },
  })
})

describe('the end of the input', () => {
  test('waits until the server has handled everything', async () => {
    const { open, connection, run } = rig()
    const socket = await open()
    connection.send('a')
    let isHandled = false
    const handled = run.handled(new AbortController().signal).then(() => (isHandled = true))
    await settle()
    expect(isHandled).toBe(false)
    socket.message('a1')
    await handled
  })

  test('waits no longer for a session that is lost', async () => {
    const { open, connection, run, lose } = rig()
    await open()
    connection.send('a')
    const handled = run.handled(new AbortController().signal)
    await lose()
    await open(refusal({ reason: 'unknown' }), welcome({ ep: 'e2' }))
    await expect(handled).resolves.toBeUndefined()
    expect(run.uncertain).toBe(1)
  })

  test('stops waiting when interrupted', async () => {
    const { open, connection, run } = rig()
    await open()
    connection.send('a')
    const interruption = new AbortController()
    const handled = run.handled(interruption.signal)
    interruption.abort(new Error('interrupted'))
    await expect(handled).rejects.toThrow('interrupted')
  })

  test('waits for nothing without a session', async () => {
    const run = new RunSession(undefined)
    await run.handled(new AbortController().signal)
    expect([run.exists, run.unacknowledged]).toEqual([false, undefined])
  })
})

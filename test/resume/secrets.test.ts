import { inspect } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import type { ConnectionInspection } from '../../src/index.js'
import { observe, type InspectionMessage } from '../../src/tools/inspect/index.js'
import { settle } from '../../src/tools/testing/clock.js'
import { hellos, refusal, resuming, welcome } from './support/scripted-server.js'

const everything = { depth: 12, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null }
const print = (value: unknown): string =>
  `${inspect(value, everything)} ${String(value)} ${JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each))}`

describe('a session', () => {
  test('shows no id, no credentials and no message in errors, logs, and inspection', async () => {
    const logs = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation(() => {}),
    )
    const inspected: ConnectionInspection[] = []
    const observed: InspectionMessage[] = []
    const { clock, connection, session, accept, open, lose } = resuming(
      { auth: () => 'TOKEN-sentinel' },
      { inspect: (event) => inspected.push(event) },
    )
    const events: unknown[] = []
    for (const type of ['error', 'close', 'backoff', 'state'] as const)
      connection.on(type, (event) => void events.push(event))
    observe(connection, (message) => observed.push(message), { clock, errors: true, every: 10 })
    const ids = new Set([session.id])

    const first = await open(welcome({ max: 100 }))
    connection.send('PAYLOAD-sentinel')
    first.message('d1:PAYLOAD-sentinel')
    await clock.advance(1_000)
    const failures = [
      await session.delivered({ signal: AbortSignal.abort() }).catch((thrown: unknown) => thrown),
      await Promise.resolve()
        .then(() => connection.send(`PAYLOAD-sentinel${'.'.repeat(100)}`))
        .catch((thrown: unknown) => thrown),
    ]
    const waiting = session.delivered().catch((thrown: unknown) => thrown)
    // A gap, nonsense, an acknowledgment of what was not sent, a refusal on the way.
    first.message('d9:PAYLOAD-sentinel')
    await clock.advance(100)
    ;(await open(welcome({ resumed: true, max: 100 }))).message('PAYLOAD-sentinel')
    await clock.advance(100)
    ;(await open(welcome({ resumed: true, max: 100 }))).message('a99')
    await clock.advance(100)
    const later = await open(refusal({ reason: 'expired' }), welcome({ ep: 'e2' }))
    ids.add(session.id)
    failures.push(await waiting)
    connection.send('PAYLOAD-sentinel')
    later.message(refusal({ reason: 'ended', rx: 0 }))
    await lose()
    ids.add(session.id)
    // The server doesn't speak the protocol, then takes the session away.
    await accept('')
    await clock.advance(100)
    const last = await open(welcome({ ep: 'e3' }))
    connection.send('PAYLOAD-sentinel')
    last.message(refusal({ reason: 'superseded' }))
    await settle()
    for (const { sid } of [first, later, last].flatMap(hellos)) ids.add(sid)

    expect([connection.state, ids.size >= 3]).toEqual(['ended', true])
    expect(failures.every((each) => each instanceof Error)).toBe(true)
    const shown = [...events, ...failures, ...inspected, ...observed, connection.status, session.counters].map(print)
    shown.push(...logs.flatMap((spy) => spy.mock.calls.map(print)))
    vi.restoreAllMocks()
    expect([events.length > 20, inspected.length > 50, observed.length > 20]).toEqual([true, true, true])
    const secrets = [...ids, 'TOKEN-sentinel', 'PAYLOAD-sentinel']
    expect(secrets.filter((secret) => shown.some((text) => text.includes(secret)))).toEqual([])
    // The search would find them: the hello has an id and the token.
    expect(secrets.filter((secret) => print(first.sent).includes(secret))).toHaveLength(3)
  })
})

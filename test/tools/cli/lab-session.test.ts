import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Effects } from '../../../src/tools/cli/lab/effects.js'
import { SessionTraffic } from '../../../src/tools/cli/lab/session-traffic.js'
import { settle } from '../../../src/tools/testing/clock.js'
import { FakeTransport } from '../../../src/tools/testing/transport.js'
import { hellos, refusal, welcome } from '../../resume/support/scripted-server.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** The lab's session, with a server that the test plays. */
async function rig() {
  const transport = new FakeTransport()
  const nodes = [
    { name: 'A', url: 'ws://a.test/' },
    { name: 'B', url: 'ws://b.test/' },
  ]
  const traffic = SessionTraffic.to(nodes, transport)
  const open = async (...replies: string[]): Promise<void> => {
    await settle()
    const { last } = transport
    last.accept({ protocol: last.target.protocols.at(-1)! })
    await settle()
    for (const reply of replies) {
      last.message(reply)
      await settle()
    }
  }
  const pass = async (time: number): Promise<void> => {
    await vi.advanceTimersByTimeAsync(time)
  }
  await open(welcome())
  return { transport, traffic, open, pass }
}

describe('the session in the lab', () => {
  test('counts what was sent, handled and acknowledged', async () => {
    const { transport, traffic, pass } = await rig()
    await pass(650)
    expect(traffic.sessionCount).toMatchObject({ state: 'attached', node: 'A', sent: 3, handled: 0, acknowledged: 0 })
    for (const frame of ['d1:1 1', 'd2:2 2', 'a2']) transport.last.message(frame)
    await settle()
    expect(traffic.sessionCount).toMatchObject({ handled: 2, acknowledged: 2, lost: 0, doubled: 0 })
  })

  test('dials the other node after a loss, under the same name', async () => {
    const { transport, traffic, open, pass } = await rig()
    await pass(250)
    const { auth, sid } = hellos(transport.last)[0]!
    transport.last.end()
    await pass(600)
    expect(transport.last.target.url).toBe('ws://b.test/')
    await open(welcome({ resumed: true, tail: 2 }))
    expect(hellos(transport.last)[0]).toMatchObject({ auth, sid, gen: 2 })
    expect(traffic.sessionCount).toMatchObject({ state: 'attached', node: 'B', replayed: 3, lost: 0 })
    expect(traffic.totals.uncertain).toBe(0)
  })

  test('shows an answer that is missing as lost, and one that comes twice as doubled', async () => {
    const { transport, traffic, pass } = await rig()
    await pass(1_050)
    for (const frame of ['d1:1 1', 'd2:3 2']) transport.last.message(frame)
    await settle()
    expect(traffic.sessionCount).toMatchObject({ lost: 1, doubled: 0 })
    transport.last.message('d3:3 3')
    await settle()
    expect(traffic.sessionCount).toMatchObject({ lost: 1, doubled: 1 })
  })

  test('shows a message that the server handled twice as doubled', async () => {
    const { transport, traffic, pass } = await rig()
    await pass(450)
    for (const frame of ['d1:1 1', 'd2:2 3']) transport.last.message(frame)
    await settle()
    expect(traffic.sessionCount).toMatchObject({ lost: 0, doubled: 1 })
  })

  test('shows what the session reports as lost', async () => {
    const { transport, traffic, open, pass } = await rig()
    await pass(450)
    transport.last.end()
    await pass(600)
    await open(refusal({ reason: 'expired', rx: 1 }), welcome({ ep: 'e2' }))
    expect(traffic.sessionCount.lost).toBe(1)
    expect(traffic.totals.uncertain).toBeGreaterThan(0)
  })
})

test('an effect is stored with the number of its message, and each repetition counts', () => {
  const effects = new Effects()
  expect([effects.processed('s'), effects.handledBy('c')]).toEqual([0, 0])
  effects.apply('s', 'c', 1)
  effects.apply('s', 'c', 2)
  effects.apply('s', 'c', 2)
  expect([effects.processed('s'), effects.handledBy('c'), effects.handledBy('d')]).toEqual([2, 3, 0])
})

// Third-party clients on the drop-in class: they reconnect by themselves, and each of their sockets is recorded.
import { describe, expect, test } from 'vitest'
import { faults } from '../../../src/tools/testing/index.js'
import { oneLinkAtATime, overs, pause, until, type Over } from '../../faults/support/room.js'
import { centrifuge } from './support/centrifuge.js'
import { rig, type Kind, type Rig } from './support/client.js'
import { graphqlWs } from './support/graphql-ws.js'
import { trpc } from './support/trpc.js'
import { yWebsocket } from './support/y-websocket.js'

const kinds = [graphqlWs, trpc, yWebsocket, centrifuge]
const cases = kinds.flatMap((kind) => overs.map((over) => ({ kind, over, name: kind.name, by: over.name })))

/** Publishes until the message arrives. A client that has just dialed may not be subscribed yet. */
async function delivers({ backend, client }: Rig, text: string): Promise<void> {
  await until(() => {
    backend.publish(text)
    expect(client.heard).toContain(text)
  })
}

/** Holds in any case: a socket dials once, never again, and never beside another one. */
function oneSocketAtATime({ faults, made, watched, most }: Rig, over: Over): void {
  expect(most(), 'sockets of the client that were not CLOSED').toBe(1)
  expect(watched.most, 'sockets below them').toBe(1)
  expect(watched.dials).toBe(made.length)
  expect(made.flatMap(({ closes }) => closes.filter(({ willReconnect }) => willReconnect))).toEqual([])
  for (const { closes } of made) expect(closes.length).toBeLessThanOrEqual(1)
  oneLinkAtATime(over, faults)
}

describe.each(cases)('$name over $by', ({ kind, over }: { kind: Kind; over: Over }) => {
  test('abandons a half-open link by the heartbeat, and the client continues on the next socket (N01)', async () => {
    const it = await rig(kind, over)
    await delivers(it, 'before')
    const [first] = it.made
    it.faults.swallow()
    await until(() => expect(first!.closes).toMatchObject([{ code: 4000, wasClean: false }]))
    await delivers(it, 'after')
    expect(it.made.length).toBeGreaterThan(1)
    oneSocketAtATime(it, over)
  })

  test('continues on the next socket after a reset (N05)', async () => {
    const it = await rig(kind, over)
    await delivers(it, 'before')
    it.faults.reset()
    await delivers(it, 'after')
    expect(it.made[0]!.closes).toMatchObject([{ code: 1006, wasClean: false }])
    expect(it.made.length).toBeGreaterThan(1)
    expect(it.mostAtServer(), 'sockets of the client at the server').toBe(1)
    oneSocketAtATime(it, over)
  })

  test('gives up an unanswered handshake at the deadline, and the client dials again (H01)', async () => {
    const it = await rig(kind, over, { connectionTimeout: 2_000 })
    await delivers(it, 'before')
    it.faults.use({ fault: faults.hang(), times: 1 })
    it.faults.reset()
    await delivers(it, 'after')
    expect(it.made.length).toBeGreaterThan(2)
    expect(it.made[1]!.closes).toMatchObject([{ wasClean: false }])
    oneSocketAtATime(it, over)
  })

  test('keeps dialing while the server is away, one socket at a time', async () => {
    const it = await rig(kind, over)
    await delivers(it, 'before')
    await it.faults.stopListening()
    it.faults.reset()
    await until(() => expect(it.made.length).toBeGreaterThan(3))
    await it.faults.listenAgain()
    await delivers(it, 'after')
    expect(it.mostAtServer(), 'sockets of the client at the server').toBe(1)
    oneSocketAtATime(it, over)
  })

  test('leaves nothing open when the client is closed, and dials nothing after that', async () => {
    const it = await rig(kind, over)
    await delivers(it, 'before')
    await it.client.close()
    await until(() => expect(it.faults.links).toEqual([]))
    await until(() => expect(it.backend.sockets.clients.size).toBe(0))
    await until(() => expect(it.made.map(({ socket }) => socket.readyState)).toEqual([3]))
    expect(it.watched.alive).toBe(0)
    const { dials } = it.watched
    await pause(300)
    expect(it.watched.dials).toBe(dials)
    oneSocketAtATime(it, over)
  })

  test('leaves nothing open when the client is closed on a half-open link', async () => {
    // The heartbeat must not fire first: the unanswered close is under test.
    const it = await rig(kind, over, { closeTimeout: 300, heartbeat: over.heartbeat(20_000, 10_000) })
    await delivers(it, 'before')
    it.faults.swallow()
    await it.client.close()
    await until(() => expect(it.made.map(({ socket }) => socket.readyState)).toEqual([3]))
    expect(it.watched.alive).toBe(0)
    oneSocketAtATime(it, over)
  })
})

import { createWebSocketInspector } from '@statelyai/inspect'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createActor, createMachine } from 'xstate'
import { linkRelay, type RelayLink } from '../../../../src/tools/inspect/index.js'
import { createRelay, type Relay } from '../../../../src/tools/inspect/relay/index.js'
import { wsTransport } from '../../../../src/transports/ws.js'
import { setup } from '../../../support/setup.js'
import { Looker, until } from './support/visitors.js'

let relay: Relay
let links: RelayLink[]
beforeEach(async () => {
  relay = await createRelay({ viewer: '' })
  links = []
})
afterEach(async () => {
  for (const link of links) link.close()
  await relay.close()
})

/** A separate application, as far as the relay can tell. */
function application(url = relay.url): RelayLink {
  const link = linkRelay(url, { transport: wsTransport() })
  links.push(link)
  return link
}

const openState = { live: { open: { heartbeat: 'resting', stability: 'settling' } } }

describe('an application', () => {
  it('attaches nothing until a viewer connects, and leaves nothing behind when the last one disconnects', async () => {
    const { connection, accept } = setup()
    await accept()
    const inspect = vi.spyOn(connection, 'inspect')
    const link = application()
    link.show(connection, { name: 'prices' })
    await until(() => relay.census.applications === 1, 'it came')
    expect(inspect).not.toHaveBeenCalled()

    const looker = await Looker.at(relay)
    await until(() => looker.of('@statewire.figures').length > 0, 'it reported')
    const [actor] = looker.of('@xstate.actor')
    expect(actor).toMatchObject({ name: 'prices', rootId: actor!.sessionId })
    expect(looker.stateOf(actor!.sessionId)).toEqual(openState)
    expect({ ...relay.census, watched: link.watched }).toEqual({
      applications: 1,
      connections: 1,
      viewers: 1,
      watched: true,
    })

    await looker.leave()
    await until(() => !link.watched && relay.census.connections === 0, 'it detached')
    const again = await Looker.at(relay)
    await until(() => again.of('@statewire.figures').length > 0, 'it reported again')
    expect(again.of('@xstate.actor').map(({ name }) => name)).toEqual(['prices', 'socket'])
    await again.leave()
  })

  it('reports that it shows a connection no longer, or that it ends', async () => {
    const one = setup()
    const two = setup()
    const link = application()
    const hide = link.show(one.connection)
    const looker = await Looker.at(relay)
    await until(() => looker.of('@xstate.actor').length > 0, 'one is reported')
    hide()
    await until(() => looker.of('@statewire.gone').length === 1, 'one has gone')
    link.show(two.connection)
    await until(() => relay.census.connections === 1, 'two is reported')
    link.close()
    await until(() => looker.of('@statewire.gone').length === 2, 'two has gone')
    const [first, second] = looker.of('@statewire.gone')
    expect(first!.sessionId).not.toBe(second!.sessionId)
    expect(relay.census).toEqual({ applications: 0, connections: 0, viewers: 1 })
    await looker.leave()
  })

  it('reconnects to a relay that was away, and reports everything again', async () => {
    const { connection, accept } = setup()
    await accept()
    const link = application()
    link.show(connection, { name: 'prices' })
    await until(() => relay.census.applications === 1, 'it came')
    const { port, pathname } = new URL(relay.url)
    await relay.close()
    await until(() => link.status.loss !== undefined, 'it was lost')
    relay = await createRelay({ viewer: '', port: Number(port), token: pathname.slice(1) })
    const looker = await Looker.at(relay)
    await until(() => looker.of('@xstate.actor').length > 0, 'it is back')
    expect(looker.of('@xstate.actor')[0]).toMatchObject({ name: 'prices' })
    await looker.leave()
  })

  it('stops retrying if the relay rejects its token', async () => {
    const link = application(`${relay.url.slice(0, -1)}.`)
    await until(() => link.status.state === 'ended', 'it gave up')
    expect(link.status.loss?.status).toBe(401)
    expect(link.watched).toBe(false)
  })

  it('with an invalid URL is rejected immediately', () => {
    expect(() => linkRelay('http//')).toThrow(expect.objectContaining({ code: 'ERR_URL' }))
  })
})

describe('several applications', () => {
  it('are kept apart, though all of them count from the same number', async () => {
    const lives = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => {
        const life = setup()
        await life.accept()
        application().show(life.connection, { name })
        return life
      }),
    )
    const looker = await Looker.at(relay)
    await until(() => relay.census.connections === 3, 'all are reported')
    await until(() => looker.of('@statewire.figures').length === 3, 'all are reported')
    const roots = looker.of('@xstate.actor').filter((actor) => actor['parentId'] === undefined)
    expect(roots.map(({ name }) => String(name)).toSorted()).toEqual(['a', 'b', 'c'])
    const ids = new Set(roots.map(({ sessionId }) => sessionId))
    expect(ids.size).toBe(3)
    expect(new Set([...ids].map((id) => id.split('/')[0])).size).toBe(3)
    const prefix = (id: unknown): string => String(id).split('/')[0]!
    for (const message of looker.received) {
      const { sessionId, rootId, parentId = sessionId, sourceId = sessionId } = message
      expect(ids).toContain(rootId)
      expect(new Set([sessionId, rootId, parentId, sourceId].map(prefix)).size).toBe(1)
    }
    const before = looker.received.length
    lives[1]!.transport.last.end({ code: 1006 })
    await until(() => looker.of('@statewire.occurrence').length > 0, 'one of them was lost')
    const lost = new Set(looker.received.slice(before).map(({ rootId }) => rootId))
    expect(lost).toEqual(new Set([roots.find(({ name }) => name === 'b')!.sessionId]))
    await looker.leave()
  })

  it('are shown to a late viewer, in their current state', async () => {
    const one = setup()
    await one.accept()
    application().show(one.connection)
    const early = await Looker.at(relay)
    await until(() => early.received.length > 4, 'the first has it')
    one.transport.last.end({ code: 1006 })
    const id = early.of('@xstate.actor')[0]!.sessionId
    await until(
      () => JSON.stringify(early.stateOf(id)) === '{"closed":{"backoff":"scheduled"}}',
      'the first knows more',
    )
    const before = early.received.length
    const late = await Looker.at(relay)
    await until(() => late.of('@xstate.snapshot').length > 0, 'the second knows')
    expect(late.of('@xstate.actor').map(({ sessionId }) => sessionId)).toEqual([id])
    expect(late.stateOf(id)).toEqual({ closed: { backoff: 'scheduled' } })
    // The first viewer does not get everything again.
    expect(early.received.slice(before).map(({ type }) => type)).not.toContain('@xstate.actor')
    await Promise.all([early.leave(), late.leave()])
  })
})

describe('@statelyai/inspect, unmodified,', () => {
  it('reports through the relay, to a late viewer as well', async () => {
    const inspector = createWebSocketInspector({ url: relay.url })
    try {
      await until(() => relay.census.applications === 1, 'it came')
      const { connection, accept, transport } = setup({ inspect: inspector.inspect })
      await accept()
      const machine = createActor(
        createMachine({ id: 'light', initial: 'red', states: { red: { on: { go: 'green' } }, green: {} } }),
        {
          inspect: inspector.inspect,
        },
      ).start()
      machine.send({ type: 'go' })
      await until(() => relay.census.connections === 2, 'both are known')
      const looker = await Looker.at(relay)
      const named = (name: string): string =>
        looker.of('@xstate.actor').find((actor) => String(actor['definition']).includes(`"id":"${name}"`))?.sessionId ??
        ''
      await until(() => looker.stateOf(named('light')) === 'green', 'the light is known')
      expect(looker.stateOf(named('connection'))).toEqual(openState)
      transport.last.end({ code: 1006 })
      await until(
        () => JSON.stringify(looker.stateOf(named('connection'))) === '{"closed":{"backoff":"scheduled"}}',
        'it is followed',
      )
      await looker.leave()
      void connection.close()
    } finally {
      inspector.stop()
    }
  })
})

describe('a message of an application', () => {
  it('is forwarded only if it is of a known kind, with the fields of that kind', async () => {
    const app = new WebSocket(relay.url)
    await once(app, 'open')
    const looker = await Looker.at(relay)
    const base = { sessionId: 'x', rootId: 'x', createdAt: '1', id: null, _version: '1' }
    for (const each of [
      'no JSON',
      'null',
      '[]',
      '1',
      JSON.stringify({ ...base, type: 'toString' }),
      JSON.stringify({ ...base, type: '@statelyai.connected' }),
      JSON.stringify({ ...base, type: '@statewire.recording', text: 'x' }),
      JSON.stringify({ ...base, type: '@xstate.actor', sessionId: 1 }),
      JSON.stringify({ ...base, type: '@xstate.actor', sessionId: undefined }),
      JSON.stringify({ ...base, type: '@xstate.actor', rootId: 'y'.repeat(1_000) }),
      Buffer.from(JSON.stringify({ ...base, type: '@xstate.actor' })),
      JSON.stringify({ ...base, type: '@xstate.event', event: { type: 'e' }, sourceId: 's', password: 'x' }),
    ]) {
      app.send(each)
    }
    await until(() => looker.received.length > 0, 'the last one came')
    expect(looker.received).toEqual([
      { ...base, type: '@xstate.event', sessionId: 'p1/x', rootId: 'p1/x', sourceId: 'p1/s', event: { type: 'e' } },
    ])
    app.terminate()
    await looker.leave()
  })

  it('is stored only as far as there is room', async () => {
    const app = new WebSocket(relay.url)
    await once(app, 'open')
    const message = { type: '@xstate.actor', name: 'a', snapshot: {} }
    for (let index = 0; index < 700; index++) {
      const definition = `${index}`.padEnd(100_000)
      app.send(JSON.stringify({ ...message, definition, sessionId: `x:${index}`, rootId: `x:${index}` }))
      if (app.bufferedAmount > 1 << 20) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await until(() => app.bufferedAmount === 0, 'all went out')
    const looker = await Looker.at(relay)
    await until(() => looker.received.at(-1)?.sessionId === 'p1/x:699', 'the last is known')
    expect(looker.received.length).toBeGreaterThan(100)
    expect(looker.received.length).toBeLessThan(180)
    app.terminate()
    await looker.leave()
  })

  it('is stored for thousands of connections that share one chart', async () => {
    const app = new WebSocket(relay.url)
    await once(app, 'open')
    const message = { type: '@xstate.actor', name: 'a', definition: 'x'.repeat(10_000), snapshot: {} }
    for (let index = 0; index < 3_000; index++) {
      app.send(JSON.stringify({ ...message, sessionId: `x:${index}`, rootId: `x:${index}` }))
      while (app.bufferedAmount > 1 << 20) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await until(() => relay.census.connections === 3_000, 'all are reported')
    const looker = await Looker.at(relay)
    await until(() => looker.received.length === 3_000, 'all are introduced')
    app.terminate()
    await looker.leave()
  })

  it('is not held for a viewer that does not read: that viewer is dropped, and no other', async () => {
    const app = new WebSocket(relay.url)
    await once(app, 'open')
    const slow = await Looker.at(relay)
    const quick = await Looker.at(relay)
    slow.socket.pause()
    const event = {
      type: '@xstate.event',
      sessionId: 'x',
      rootId: 'x',
      event: { type: 'e', text: 'x'.repeat(200_000) },
    }
    let sent = 0
    for (; sent < 1_000 && relay.census.viewers === 2; sent++) {
      app.send(JSON.stringify(event))
      while (app.bufferedAmount > 1 << 20) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await until(() => relay.census.viewers === 1, 'the slow one was dropped')
    expect(sent * 200_000).toBeLessThan(120 << 20)
    await until(() => quick.received.length === sent, 'the fast one received all')
    slow.socket.terminate()
    app.terminate()
    await quick.leave()
  })
})

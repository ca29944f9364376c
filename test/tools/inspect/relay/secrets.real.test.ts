import { afterEach, beforeEach, expect, it } from 'vitest'
import { createConnection, textHeartbeat } from '../../../../src/index.js'
import { linkRelay } from '../../../../src/tools/inspect/index.js'
import { createRelay, type Relay } from '../../../../src/tools/inspect/relay/index.js'
import { createFaultServer } from '../../../../src/tools/testing/index.js'
import { wsTransport } from '../../../../src/transports/ws.js'
import { live, secretive, sentinel } from '../life.js'
import { Looker, until } from './support/visitors.js'

let relay: Relay
beforeEach(async () => (relay = await createRelay({ viewer: '' })))
afterEach(() => relay.close())

it('no secret of a whole life crosses the relay, to an early viewer or a late one', async () => {
  const life = secretive()
  const link = linkRelay(relay.url, { transport: wsTransport() })
  link.show(life.connection, { every: 10, errors: true })
  const early = await Looker.at(relay)
  await until(() => early.received.length > 0, 'it reports')
  await live(life)
  await until(
    () =>
      JSON.stringify(early.received.at(-1)).includes('"ended"') ||
      early.of('@xstate.snapshot').some((each) => JSON.stringify(each).includes('"ended"')),
    'it has ended',
  )
  const late = await Looker.at(relay)
  await until(() => late.received.length > 0, 'the late one has it')
  const types = new Set(early.received.map(({ type }) => type))
  expect(types).toEqual(
    new Set(['@xstate.actor', '@xstate.event', '@xstate.snapshot', '@statewire.figures', '@statewire.occurrence']),
  )
  expect(early.received.length).toBeGreaterThan(60)
  expect(early.text + late.text).not.toContain(sentinel)
  link.close()
  await Promise.all([early.leave(), late.leave()])
})

it('no secret of real sockets crosses it: URL, headers, subprotocol, messages, heartbeat, close reason', async () => {
  const seen: string[] = []
  await using server = await createFaultServer({
    ws: { handleProtocols: () => sentinel },
    onConnection: (socket, { url, headers }) => {
      seen.push(String(url), String(headers['authorization']), String(headers['sec-websocket-protocol']))
      socket.on('message', (data: Buffer) => {
        seen.push(data.toString())
        socket.send(data.toString())
        if (data.toString().startsWith('last')) socket.close(4321, sentinel)
      })
    },
  })
  const connection = createConnection(`${server.url}/${sentinel}?token=${sentinel}`, {
    transport: wsTransport({ headers: { authorization: `Bearer ${sentinel}` } }),
    protocols: ['chat', sentinel],
    heartbeat: textHeartbeat({ ping: sentinel, pong: sentinel, interval: 40, timeout: 5_000 }),
    retry: () => false,
  })
  const link = linkRelay(relay.url, { transport: wsTransport() })
  link.show(connection, { every: 10 })
  const looker = await Looker.at(relay)
  await connection.opened()
  connection.send(`first ${sentinel}`)
  await until(
    () => looker.of('@statewire.occurrence').some((each) => JSON.stringify(each).includes('heartbeat')),
    'it beats',
  )
  connection.send(`last ${sentinel}`)
  const { reason } = await connection.ended()
  expect(reason).toBe(sentinel)
  await until(
    () => looker.of('@statewire.occurrence').some((each) => JSON.stringify(each).includes('4321')),
    'it is reported',
  )
  for (const what of ['/', 'Bearer', 'chat', 'first', 'last']) {
    expect(seen.some((text) => text.includes(what) && text.includes(sentinel))).toBe(true)
  }
  expect(looker.text).not.toContain(sentinel)
  // The relay's own tokens must not leak either.
  for (const url of [relay.url, relay.viewerUrl]) expect(looker.text).not.toContain(new URL(url).pathname.slice(1, 20))
  link.close()
  await looker.leave()
})

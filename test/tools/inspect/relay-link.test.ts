import { afterEach, describe, expect, it, vi } from 'vitest'
import { linkRelay, type InspectionMessage, type RelayLink } from '../../../src/tools/inspect/index.js'
import { FakeTransport, settle, type FakeSocket } from '../../../src/tools/testing/browser.js'
import { setup } from '../../support/setup.js'

const links: RelayLink[] = []
afterEach(() => {
  for (const link of links.splice(0)) link.close()
})

/** A link to a relay whose messages the test sends. */
async function linked(): Promise<{ link: RelayLink; transport: FakeTransport; relay: FakeSocket }> {
  const transport = new FakeTransport()
  const link = linkRelay('ws://relay.test/', { transport })
  links.push(link)
  await settle()
  transport.last.accept()
  await settle()
  return { link, transport, relay: transport.last }
}

const hello = JSON.stringify({ type: '@statelyai.connected' })
const goodbye = JSON.stringify({ type: '@statewire.left' })
const told = ({ sent }: FakeSocket): InspectionMessage[] =>
  sent.map((text) => JSON.parse(String(text)) as InspectionMessage)
const actors = (socket: FakeSocket): number => told(socket).filter(({ type }) => type === '@xstate.actor').length

describe('a link to a relay', () => {
  it('starts reporting when the relay says that a viewer is connected, and stops when none is', async () => {
    const { link, relay } = await linked()
    const { connection } = setup({ autoOpen: false })
    link.show(connection)
    expect(relay.sent).toEqual([])
    relay.message(hello)
    expect(link.watched).toBe(true)
    expect(told(relay).map(({ type }) => type)).toEqual(['@xstate.actor', '@xstate.snapshot', '@statewire.figures'])
    relay.message(goodbye)
    expect(link.watched).toBe(false)
    expect(told(relay).at(-1)).toMatchObject({ type: '@statewire.gone', sessionId: told(relay)[0]!.sessionId })
    const { length } = relay.sent
    connection.open()
    await settle()
    expect(relay.sent).toHaveLength(length)
  })

  it('ignores all other messages', async () => {
    const { link, relay } = await linked()
    for (const word of ['', 'x', 'null', '[]', '{}', '{"type":"@statewire.knock"}', new ArrayBuffer(1)])
      relay.message(word)
    expect(link.watched).toBe(false)
  })

  it('reports nothing after its socket closes, and starts over with the next one', async () => {
    const { link, relay, transport } = await linked()
    const { connection } = setup({ autoOpen: false })
    link.show(connection)
    relay.message(hello)
    relay.end({ code: 1006 })
    expect(link.watched).toBe(false)
    await vi.waitFor(() => expect(transport.sockets).toHaveLength(2), 30_000)
    transport.last.accept()
    await settle()
    expect(transport.last.sent).toEqual([])
    transport.last.message(hello)
    expect(actors(transport.last)).toBe(1)
    expect(link.status.state).toBe('open')
  })

  it('that cannot keep up skips messages, and starts over with the current state once there is room', async () => {
    const { link, relay } = await linked()
    const { connection, accept } = setup({ autoOpen: false })
    link.show(connection)
    relay.message(hello)
    expect(actors(relay)).toBe(1)
    relay.bufferedAmount = 1 << 30
    connection.open()
    await accept()
    expect(link.watched).toBe(false)
    const { length } = relay.sent
    connection.reconnect()
    await accept()
    expect(relay.sent).toHaveLength(length)
    relay.bufferedAmount = 0
    await vi.waitFor(() => expect(link.watched).toBe(true), 30_000)
    const anew = told(relay).slice(length)
    expect(anew[0]).toMatchObject({ type: '@xstate.actor' })
    expect(anew[1]).toMatchObject({ snapshot: { value: { live: { open: { heartbeat: 'resting' } } } } })
    // The connection is not affected.
    expect(connection.state).toBe('open')
  })

  it('reports nothing after close, and sends a goodbye', async () => {
    const { link, relay } = await linked()
    const { connection } = setup({ autoOpen: false })
    link.show(connection)
    relay.message(hello)
    link.close()
    expect(link.watched).toBe(false)
    expect(relay.actions.at(-1)).toMatchObject({ type: 'close' })
  })
})

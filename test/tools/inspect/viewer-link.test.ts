import { describe, expect, it, vi } from 'vitest'
import {
  linkViewer,
  type InspectionMessage,
  type MessageFromViewer,
  type OwnWindow,
  type ViewerOptions,
} from '../../../src/tools/inspect/index.js'
import { setup } from '../../support/setup.js'

const hello = { type: '@statelyai.connected' }

class FakePage implements OwnWindow {
  readonly origin = 'https://app.test'
  readonly listeners = new Set<(event: MessageFromViewer) => void>()
  addEventListener(_: 'message', listener: (event: MessageFromViewer) => void): void {
    this.listeners.add(listener)
  }
  removeEventListener(_: 'message', listener: (event: MessageFromViewer) => void): void {
    this.listeners.delete(listener)
  }
  hear(event: MessageFromViewer): void {
    for (const listener of this.listeners) listener(event)
  }
}

class FakeViewer {
  closed = false
  readonly posted: { message: InspectionMessage; origin: string }[] = []
  readonly knocks: unknown[] = []
  postMessage(message: unknown, origin: string): void {
    if ((message as { type: string }).type === '@statewire.knock') this.knocks.push(message)
    else this.posted.push({ message: structuredClone(message) as InspectionMessage, origin })
  }
  get types(): string[] {
    return this.posted.map(({ message }) => message.type)
  }
}

function linked(options: ViewerOptions = {}) {
  const page = new FakePage()
  const viewer = new FakeViewer()
  const link = linkViewer(viewer, { window: page, ...options })
  const life = setup()
  const inspect = vi.spyOn(life.connection, 'inspect')
  const on = vi.spyOn(life.connection, 'on')
  const say = (data: unknown, from: Partial<MessageFromViewer> = {}): void =>
    page.hear({ data, origin: page.origin, source: viewer, ...from })
  return { page, viewer, link, life, inspect, on, say }
}

describe('a viewer', () => {
  it('that has not said hello costs nothing: no inspector is attached and no message posted', async () => {
    const { link, life, inspect, on, viewer } = linked()
    const pending = life.clock.pending
    link.show(life.connection, life)
    expect(life.clock.pending).toBe(pending)
    await life.accept()
    expect(inspect).not.toHaveBeenCalled()
    expect(on).not.toHaveBeenCalled()
    expect([viewer.posted, link.watched]).toEqual([[], false])
    void life.connection.close()
  })

  it('that says hello gets all connections, later ones too, each by its name, at its own origin only', () => {
    const { link, life, viewer, say } = linked()
    const other = setup()
    link.show(life.connection, { clock: life.clock, name: 'one' })
    say(hello)
    link.show(other.connection, { clock: life.clock, name: 'two' })
    expect(
      viewer.posted.flatMap(({ message }) => ('name' in message && !message.parentId ? [message.name] : [])),
    ).toEqual(['one', 'two'])
    expect(new Set(viewer.posted.map(({ origin }) => origin))).toEqual(new Set(['https://app.test']))
    link.close()
  })

  it.each<[string, Partial<MessageFromViewer>]>([
    ['another window', { source: {} }],
    ['no window', { source: null }],
    ['another origin', { origin: 'https://evil.test' }],
    ['an opaque origin', { origin: 'null' }],
  ])('is ignored if its hello comes from %s', (_, from) => {
    const { link, life, viewer, say, inspect } = linked()
    link.show(life.connection, life)
    say(hello, from)
    expect(inspect).not.toHaveBeenCalled()
    expect(viewer.posted).toEqual([])
    link.close()
  })

  it.each([undefined, null, 'hello', 4, {}, { type: 'hello' }, []])('is not recognized by %j', (data) => {
    const { link, life, say, inspect } = linked()
    link.show(life.connection, life)
    say(data)
    expect(inspect).not.toHaveBeenCalled()
    link.close()
  })

  it('that leaves gets nothing more, and all inspectors detach; one that returns gets everything again', async () => {
    const { link, life, viewer, say } = linked()
    const idle = life.clock.pending
    link.show(life.connection, life)
    say(hello)
    expect(life.clock.pending).toBe(idle + 1)
    say({ type: '@statewire.left' })
    expect([link.watched, life.clock.pending]).toEqual([false, idle])
    const { length } = viewer.posted
    await life.accept()
    expect(viewer.posted).toHaveLength(length)
    say(hello)
    expect(viewer.types.slice(length, length + 2)).toEqual(['@xstate.actor', '@xstate.snapshot'])
    link.close()
  })

  it('whose window is gone may still say goodbye, and no other window may for it', () => {
    const { link, life, say } = linked()
    link.show(life.connection, life)
    say(hello)
    say({ type: '@statewire.left' }, { source: {} })
    say({ type: '@statewire.left' }, { origin: 'https://evil.test', source: null })
    expect(link.watched).toBe(true)
    say({ type: '@statewire.left' }, { source: null })
    expect(link.watched).toBe(false)
    link.close()
  })

  it('closed without a goodbye is noticed at the next message', async () => {
    const { link, life, viewer, say } = linked()
    link.show(life.connection, life)
    say(hello)
    viewer.closed = true
    const { length } = viewer.posted
    await life.accept()
    expect([link.watched, viewer.posted.length]).toEqual([false, length])
    expect(life.events.filter(([type]) => type === 'error')).toEqual([])
    link.close()
  })

  it('that reloads gets everything once, not twice from then on', async () => {
    const { link, life, viewer, say } = linked()
    link.show(life.connection, life)
    say(hello)
    say(hello)
    const { length } = viewer.posted
    await life.accept()
    expect(viewer.types.slice(length).filter((type) => type === '@statewire.occurrence')).toHaveLength(1)
    link.close()
  })

  it('is notified when a connection is no longer shown', () => {
    const { link, life, viewer, say } = linked()
    const off = link.show(life.connection, life)
    say(hello)
    off()
    off()
    const { sessionId } = viewer.posted[0]!.message
    expect(viewer.posted.at(-1)!.message).toMatchObject({ type: '@statewire.gone', sessionId })
    expect(viewer.types.filter((type) => type === '@statewire.gone')).toHaveLength(1)
    link.close()
  })

  it('that was there first is asked to say hello again', () => {
    expect(linked().viewer.knocks).toHaveLength(1)
  })

  it('in an iframe is its current window, and none once it is removed', () => {
    const page = new FakePage()
    const viewer = new FakeViewer()
    const frame: { contentWindow: FakeViewer | null } = { contentWindow: null }
    const link = linkViewer(frame, { window: page })
    const { connection, clock } = setup()
    link.show(connection, { clock })
    page.hear({ data: hello, origin: page.origin, source: null })
    expect(link.watched).toBe(false)
    frame.contentWindow = viewer
    page.hear({ data: hello, origin: page.origin, source: viewer })
    expect([link.watched, viewer.posted.length > 0]).toEqual([true, true])
    frame.contentWindow = null
    connection.reconnect()
    expect(link.watched).toBe(false)
    link.close()
  })

  it('with an opaque origin must be configured as such, and gets messages as a window', () => {
    const { link, life, viewer, say } = linked({ origin: 'null' })
    link.show(life.connection, life)
    say(hello)
    expect(viewer.posted).toEqual([])
    say(hello, { origin: 'null' })
    expect(new Set(viewer.posted.map(({ origin }) => origin))).toEqual(new Set(['*']))
    link.close()
  })

  it('must have a specific origin', () => {
    expect(() => linked({ origin: '*' })).toThrow(/must be one origin/)
  })

  it('is ignored once the link is closed', () => {
    const { link, life, say, inspect, page } = linked()
    link.show(life.connection, life)
    link.close()
    say(hello)
    expect([inspect.mock.calls, page.listeners.size]).toEqual([[], 0])
  })
})

import type { Clock, ConnectionOptions } from '../../../src/index.js'
import { createBrowserReceiver } from '@statelyai/inspect'
import { describe, expect, it } from 'vitest'
import {
  observe,
  type InspectionMessage,
  type OccurrenceMessage,
  type ObserveOptions,
} from '../../../src/tools/inspect/index.js'
import { settle } from '../../../src/tools/testing/browser.js'
import { watchEscapes } from '../../connection/support/life.js'
import { setup, type Setup } from '../../support/setup.js'
import type { SendData, MessageData } from '../../../src/core/transport.js'

interface Watched extends Setup<MessageData, SendData> {
  readonly messages: InspectionMessage[]
  readonly off: () => void
}

function watched(options: ObserveOptions = {}, of: ConnectionOptions = {}): Watched {
  const life = setup(of)
  const messages: InspectionMessage[] = []
  const off = observe(life.connection, (message) => messages.push(message), { clock: life.clock, ...options })
  return { ...life, messages, off }
}

const occurrencesIn = (messages: readonly InspectionMessage[]): OccurrenceMessage['occurrence'][] =>
  messages.flatMap((message) => (message.type === '@statewire.occurrence' ? [message.occurrence] : []))

const figuresIn = (messages: readonly InspectionMessage[]): object[] =>
  messages.flatMap((message) => (message.type === '@statewire.figures' ? [message.figures] : []))

describe('an observer', () => {
  it('first gets the chart, under the given name, with its state and counters', () => {
    const { messages, clock } = watched({ name: 'feed' }, { autoOpen: false })
    const [actor, snapshot, figures, ...rest] = messages
    const { sessionId } = actor!
    const about = { sessionId, rootId: sessionId, createdAt: String(clock.wall()), id: null, _version: '0.7.2' }
    expect(actor).toMatchObject({
      ...about,
      type: '@xstate.actor',
      name: 'feed',
      snapshot: { value: { closed: 'idle' } },
    })
    expect(JSON.parse((actor as { definition: string }).definition)).toMatchObject({ id: 'connection' })
    expect(snapshot).toMatchObject({ ...about, type: '@xstate.snapshot', event: { type: '@xstate.init' } })
    expect(figures).toEqual({
      ...about,
      type: '@statewire.figures',
      every: 250,
      figures: {
        sent: 0,
        received: 0,
        queued: 0,
        queuedBytes: 0,
        bufferedAmount: 0,
        unread: 0,
        dropped: 0,
        uncertain: 0,
        attempt: 1,
      },
    })
    expect(rest).toEqual([])
  })

  it('gets the events of a life: opened, answered, lost with possible losses, waiting', async () => {
    const { accept, connection, clock, messages } = watched()
    const socket = await accept()
    connection.send('one')
    await clock.advance(10_000)
    await clock.advance(7)
    socket.pong()
    connection.send('two')
    socket.end({ code: 1011, reason: 'not told' })
    expect(occurrencesIn(messages)).toEqual([
      { kind: 'open', attempt: 1 },
      { kind: 'heartbeat', rtt: 7 },
      { kind: 'close', code: 1011, wasClean: true, attempt: 1, willRetry: true, delay: 750, uncertain: 1 },
      { kind: 'backoff', attempt: 2, delay: 750, retryAt: clock.wall() + 750, hinted: false },
    ])
    await clock.advance(250)
    expect(figuresIn(messages).at(-1)).toMatchObject({ sent: 2, uncertain: 1, attempt: 2, delay: 750 })
    void connection.close()
  })

  it('gets an error as a code of the closed set, and the status of a refusal', async () => {
    const { connection, transport, messages } = watched()
    await settle()
    transport.last.refuse({ status: 503 })
    expect(occurrencesIn(messages)[0]).toMatchObject({ kind: 'close', code: 1006, error: 'ERR_HANDSHAKE', status: 503 })
    void connection.close()
  })

  it('gets dropped messages as one message per sample, however many they are', async () => {
    const { connection, clock, messages } = watched({}, { queue: { messages: 2, overflow: 'drop-oldest' } })
    for (let at = 0; at < 1_000; at++) connection.send(`${at}`)
    expect(occurrencesIn(messages)).toEqual([])
    await clock.advance(250)
    const [dropped, ...others] = occurrencesIn(messages)
    expect(dropped).toMatchObject({ kind: 'dropped', messages: 998 })
    expect(others).toEqual([])
    expect(figuresIn(messages).at(-1)).toMatchObject({ queued: 2, dropped: 998 })
    void connection.close()
  })

  it('gets no sample identical to the previous one', async () => {
    const { accept, connection, clock, messages } = watched({ every: 100 })
    await accept()
    await clock.advance(1_000)
    expect(figuresIn(messages)).toHaveLength(1)
    connection.send('one')
    await clock.advance(1_000)
    expect(figuresIn(messages)).toHaveLength(2)
    void connection.close()
  })

  it('samples a thousand connections with one timer, and none after it has left', () => {
    const { clock, messages } = watched({}, { autoOpen: false })
    const before = clock.pending
    const life = setup({ autoOpen: false })
    const offs = Array.from({ length: 1_000 }, () =>
      observe(life.connection, (message) => messages.push(message), { clock }),
    )
    expect(clock.pending).toBe(before)
    for (const off of offs) off()
    expect(clock.pending).toBe(before)
  })

  it('leaves no listener, timer or message behind', async () => {
    const { accept, connection, clock, messages, off } = watched({}, { autoOpen: false })
    off()
    expect(clock.pending).toBe(0)
    const { length } = messages
    connection.open()
    await accept()
    await clock.advance(1_000)
    expect(messages).toHaveLength(length)
    void connection.close()
  })

  it('may start inside a listener: earlier events are not reported as new', async () => {
    const life = setup()
    const messages: InspectionMessage[] = []
    life.connection.on('state', () => observe(life.connection, (message) => messages.push(message), life), {
      once: true,
    })
    await life.accept()
    expect(messages[0]).toMatchObject({ type: '@xstate.actor' })
    expect(messages.every(({ rootId }) => rootId === messages[0]!.sessionId)).toBe(true)
    expect(occurrencesIn(messages)).toEqual([{ kind: 'open', attempt: 1 }])
    void life.connection.close()
  })

  it('that throws is removed and reported once, in a timer as well', async () => {
    const { connection, clock, of } = setup()
    let calls = 0
    observe(
      connection,
      ({ type }) => {
        calls++
        if (type === '@statewire.figures' && connection.counters.queued > 0) throw new Error('broken pipe')
      },
      { clock },
    )
    connection.send('one')
    const before = calls
    await clock.advance(250)
    expect(calls).toBeGreaterThan(before)
    expect(of('error').map(({ code }) => code)).toEqual(['ERR_INSPECTOR'])
    const then = calls
    await clock.advance(1_000)
    void connection.close()
    expect(calls).toBe(then)
    expect(of('error')).toHaveLength(1)
  })

  it('that rejects is removed and reported once', async () => {
    const escapes = watchEscapes()
    const { connection, clock, of } = setup()
    let calls = 0
    observe(
      connection,
      () => {
        calls++
        return Promise.reject(new Error('broken pipe')) as never
      },
      { clock },
    )
    await clock.advance(1_000)
    const then = calls
    connection.reconnect()
    await clock.advance(1_000)
    expect([calls, of('error').map(({ code }) => code)]).toEqual([then, ['ERR_INSPECTOR']])
    await escapes.stop()
    expect(escapes.escaped).toEqual([])
    void connection.close()
  })

  it('on a clock that throws is removed and reported once, and no exception reaches the timer', async () => {
    const { connection, clock, of } = setup()
    let isBroken = false
    const broken: Clock = {
      now: () => clock.now(),
      wall: () => {
        if (isBroken) throw new Error('no time')
        return clock.wall()
      },
      setTimeout: (callback, delay) => clock.setTimeout(callback, delay),
      clearTimeout: (handle) => clock.clearTimeout(handle),
    }
    observe(connection, () => {}, { clock: broken })
    await clock.advance(250)
    isBroken = true
    connection.send('changes the figures')
    await clock.advance(1_000)
    expect(of('error').map(({ code }) => code)).toEqual(['ERR_INSPECTOR'])
    void connection.close()
  })

  it('subscribes to errors only on request, because a handled error is not reported to the console', async () => {
    const thrower = (): void => {
      throw new Error('not told')
    }
    const [silent, told] = [watched(), watched({ errors: true })]
    for (const each of [silent, told]) {
      each.connection.on('open', thrower)
      await each.accept()
      void each.connection.close()
    }
    expect(occurrencesIn(silent.messages).filter(({ kind }) => kind === 'error')).toEqual([])
    expect(occurrencesIn(told.messages)).toContainEqual({ kind: 'error', error: 'ERR_LISTENER' })
  })

  it.each([0, 9, -1, NaN, Infinity, 2 ** 31])('rejects a sample interval of %d ms', (every) => {
    const { connection } = setup({ autoOpen: false })
    expect(() => observe(connection, () => {}, { every })).toThrow(/^every \(.*\) must be/)
  })
})

describe('the messages', () => {
  it('survive JSON and structured clones unchanged', async () => {
    const { accept, connection, clock, messages } = watched()
    const socket = await accept()
    connection.send('one')
    await clock.advance(1_000)
    socket.end({ code: 1006 })
    void connection.close()
    expect(messages.length).toBeGreaterThan(10)
    expect(JSON.parse(JSON.stringify(messages))).toEqual(messages)
    expect(structuredClone(messages)).toEqual(messages)
  })

  it('are accepted by the receiver of @statelyai/inspect, including the custom ones', async () => {
    let hear: ((event: { data: unknown }) => void) | undefined
    const opener = { postMessage() {} }
    const page = {
      opener,
      addEventListener: (_: 'message', listener: typeof hear) => void (hear = listener),
    }
    const taken: unknown[] = []
    createBrowserReceiver({ window: Object.assign(page, { self: page, top: page }) as never }).subscribe((message) =>
      taken.push(message),
    )
    const { accept, connection, messages } = watched()
    await accept()
    void connection.close()
    for (const data of messages) hear!({ data })
    expect(taken).toEqual(messages)
    expect(new Set(messages.map(({ type }) => type))).toEqual(
      new Set(['@xstate.actor', '@xstate.snapshot', '@xstate.event', '@statewire.figures', '@statewire.occurrence']),
    )
  })
})

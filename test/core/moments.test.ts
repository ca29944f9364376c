// The moments of the contract: when each runs, in which order, and the effect of an exception.
import { describe, expect, test } from 'vitest'
import type { Core } from '../../src/core/core.js'
import type { AnyFeature, Moments, Part } from '../../src/core/feature.js'
import { backpressure } from '../../src/core/features/backpressure.js'
import { codec } from '../../src/core/features/codec.js'
import { hints } from '../../src/core/features/hints.js'
import { prepare, preparation } from '../../src/core/features/prepare.js'
import { richQueue } from '../../src/core/features/rich-queue.js'
import { settle } from '../../src/tools/testing/clock.js'
import type { SendData, MessageData } from '../../src/core/transport.js'
import { linked, sample, type Linked } from './support/linked.js'

/** Every moment; the type check fails if a new one is missing. */
const moments = {
  onReady: true,
  onCommand: true,
  onSend: true,
  offer: true,
  prepare: true,
  onLinked: true,
  onMessage: true,
  onDelivered: true,
  isFull: true,
  onWritten: true,
  onDropped: true,
  onEnd: true,
  onLoss: true,
  mayClose: true,
  onState: true,
  onSettled: true,
} satisfies Record<keyof Moments, true>
const names = Object.keys(moments) as (keyof Moments)[]

/** What a moment returns by default. */
const answers: { readonly [M in keyof Moments]?: unknown } = { isFull: false, mayClose: true }

/** A part with every moment, each of which is recorded. */
function watching(name: string, log: string[], does: (moment: keyof Moments) => unknown = () => {}): Part {
  const part: Record<string, unknown> = {}
  for (const moment of names)
    part[moment] = (...given: unknown[]) => {
      log.push(`${name}.${moment}`)
      const answer = does(moment)
      if (answer !== undefined) return answer
      return moment === 'offer' ? given[0] : answers[moment]
    }
  return part
}

/** Two features that record, and what `prepare` needs. */
function pair(log: string[], does: { readonly [M in keyof Moments]?: () => unknown } = {}): AnyFeature[] {
  const first = (moment: keyof Moments): unknown => does[moment]?.()
  return [
    richQueue({ messages: 1, overflow: 'drop-oldest' }),
    sample((core) => ({ preparation: preparation(core), ...watching('a', log, first) }), 'a'),
    sample(watching('b', log), 'b'),
  ]
}

/** A run in which every moment occurs. */
async function life(features: readonly AnyFeature[], log: string[]): Promise<Linked> {
  const one = linked(features)
  const { core, accept, lose } = one
  core.events.add('message', () => void log.push('listener'))
  core.events.add('state', ({ state }: { state: string }) => void log.push(`state ${state}`))
  core.outgoing.send('makes room', {})
  core.outgoing.send('queued', {})
  const first = await accept()
  first.message('in')
  core.outgoing.send('out', {})
  await lose()
  const second = await accept()
  core.ask('CLOSE')
  await settle()
  second.end({ code: 1000 })
  await settle()
  return one
}

const order = [
  'onReady',
  'onState', // connecting
  'onSend',
  'onSend',
  'onDropped',
  'onState', // handshaking
  'offer',
  'onState', // preparing
  'prepare',
  'onState', // open
  'onLinked',
  'isFull',
  'onWritten',
  'onMessage',
  'onDelivered',
  'onSend',
]

describe('a run of a connection', () => {
  test('calls every moment', async () => {
    const log: string[] = []
    await life(pair(log), log)
    const came = new Set(log.filter((each) => each.startsWith('a.')).map((each) => each.slice(2)))
    expect([...came].toSorted()).toEqual([...names].toSorted())
  })

  test('calls each moment on the features in order, one moment after the other', async () => {
    const log: string[] = []
    await life(pair(log), log)
    const ofA = log.filter((each) => each.startsWith('a.')).map((each) => each.slice(2))
    expect(ofA.slice(0, order.length).filter((each) => each !== 'isFull')).toEqual(
      order.filter((each) => each !== 'isFull'),
    )
    for (const [index, each] of log.entries()) {
      const moment = each.slice(2)
      // Each may be the last one to be called.
      if (each.startsWith('a.') && moment !== 'isFull') expect([each, log[index + 1]]).toEqual([each, `b.${moment}`])
    }
  })
})

const fault = new Error('moment')
const throwing = (): never => {
  throw fault
}
const rejecting = (): Promise<never> => Promise.reject(fault)

describe('a moment that throws', () => {
  /** These are notifications; their return value has no effect. */
  const notifications = ['onLinked', 'onDelivered', 'onWritten', 'onDropped', 'onEnd', 'onState', 'onSettled'] as const
  const asked = ['onMessage', 'isFull', 'onLoss', 'mayClose'] as const

  test.each([...notifications, ...asked])(
    '%s: is reported, the next feature is notified, and the run continues as without it',
    async (moment) => {
      const plain: string[] = []
      await life(pair(plain), plain)
      const log: string[] = []
      const { core, transport, reported } = await life(pair(log, { [moment]: throwing }), log)
      expect(log).toEqual(plain)
      expect(core.status.state).toBe('ended')
      expect(transport.alive).toBe(0)
      expect(reported.length).toBeGreaterThan(0)
      for (const each of reported) expect(each).toEqual(['ERR_LISTENER', fault])
    },
  )

  test.each([...notifications, ...asked])('%s: is treated the same if it rejects', async (moment) => {
    const log: string[] = []
    const { core, reported } = await life(pair(log, { [moment]: rejecting }), log)
    await settle()
    expect(core.status.state).toBe('ended')
    expect(reported.length).toBeGreaterThan(0)
    for (const each of reported) expect(each).toEqual(['ERR_LISTENER', fault])
  })

  test('onReady: makes `connect` throw, and nothing is dialed', async () => {
    expect(() => linked([sample({ onReady: throwing })])).toThrow(fault)
    await settle()
  })

  test.each(['OPEN', 'CLOSE', 'RECONNECT'] as const)(
    'onCommand: refuses %s, and later features are not called',
    async (command) => {
      const asked: string[] = []
      const { core, accept } = linked([
        sample({ onCommand: throwing }),
        sample({ onCommand: (type) => void asked.push(type) }, 'after'),
      ])
      await accept()
      expect(() => core.ask(command)).toThrow(fault)
      expect([core.status.state, asked]).toEqual(['open', []])
    },
  )

  test('onSend: refuses the message, and nothing is accepted', async () => {
    const { core, accept } = linked([sample({ onSend: throwing })])
    const socket = await accept()
    expect(() => core.outgoing.send('x', {})).toThrow(fault)
    expect(core.outgoing.send('y', undefined)).toBe('sent')
    expect([socket.sent, core.queue.size]).toEqual([['y'], 0])
  })

  test('offer: fails the attempt with the cause', async () => {
    const { core } = linked([sample({ offer: throwing })])
    await settle()
    expect(core.status).toMatchObject({ state: 'backoff', loss: { error: { code: 'ERR_TRANSPORT', cause: fault } } })
  })

  test.each([throwing, rejecting])('prepare: fails the attempt with the cause', async (hook) => {
    const { core, accept } = linked([sample((core) => ({ preparation: preparation(core), prepare: hook }))])
    await accept()
    expect(core.status).toMatchObject({ state: 'backoff', loss: { error: { code: 'ERR_PREPARE', cause: fault } } })
  })
})

describe('the subprotocol list', () => {
  test('is that of the app, as modified by each feature in turn', async () => {
    const { transport } = linked(
      [
        sample({ offer: (offered) => [...offered, 'a'] }),
        sample({}, 'silent'),
        sample({ offer: (offered) => offered.map((each) => `${each}.v1`) }, 'versions'),
      ],
      { protocols: ['app'] },
    )
    await settle()
    expect(transport.last.target.protocols).toEqual(['app.v1', 'a.v1'])
  })
})

describe('prepare', () => {
  test('runs feature by feature on the raw link, each with the unread frames of the previous one, and its last result is reported', async () => {
    const log: unknown[] = []
    const { core, accept } = linked([
      prepare(async (link) => {
        link.send('hello')
        log.push(await link.read())
        return 'first'
      }),
      sample({
        prepare: async (link) => {
          log.push(link.protocol, await link.read())
          return 'second'
        },
      }),
    ])
    core.events.add('open', ({ prepared }: { prepared: unknown }) => void log.push(prepared))
    core.events.add('message', (message) => void log.push(`heard ${String(message)}`))
    core.outgoing.send('queued', undefined)
    const socket = await accept('v1')
    expect(socket.sent).toEqual(['hello'])
    for (const message of ['1', '2', '3']) socket.message(message)
    await settle()
    expect(log).toEqual(['1', 'v1', '2', 'second', 'heard 3'])
    expect(socket.sent).toEqual(['hello', 'queued'])
  })

  test('has a signal that is aborted when the attempt is over', async () => {
    let signal: AbortSignal | undefined
    const { core, accept } = linked([prepare((_, context) => ((signal = context.signal), new Promise(() => {})))])
    await accept()
    expect(signal!.aborted).toBe(false)
    core.ask('RECONNECT')
    await settle()
    expect(signal!.aborted).toBe(true)
  })
})

describe('a new link', () => {
  test('sends messages of `onLinked` before the queue, in the order of the features, on each link', async () => {
    const { core, accept, lose } = linked([
      sample({ onLinked: ({ send }) => send('topics') }),
      sample({ onLinked: ({ send }) => send('requests') }, 'requests'),
    ])
    core.outgoing.send('queued', undefined)
    const first = await accept()
    expect(first.sent).toEqual(['topics', 'requests', 'queued'])
    await lose()
    core.outgoing.send('again', undefined)
    const second = await accept()
    expect(second.sent).toEqual(['topics', 'requests', 'again'])
  })

  test('encodes, counts and frames messages of `onLinked` like any other', async () => {
    const { core, accept } = linked([
      codec({ encode: (message: object): SendData => JSON.stringify(message), decode: (frame: MessageData) => frame }),
      sample({ framing: { outgoing: (data) => `#${String(data)}`, incoming: (data) => data } }, 'framing'),
      sample({ onLinked: ({ send }) => send({ subscribe: 'a' }) }),
    ])
    const socket = await accept()
    expect(socket.sent).toEqual(['#{"subscribe":"a"}'])
    expect([core.outgoing.sent, core.attempt!.messages]).toEqual([1, 1])
  })

  test('reports messages of `onLinked` that the codec or the socket refuses, and still opens', async () => {
    const { core, accept, reported } = linked(
      [
        sample({ onLinked: ({ send }) => send(5) }),
        sample({ onLinked: ({ send }) => send('poison') }, 'poison'),
        sample({ onLinked: ({ send }) => send('fine') }, 'fine'),
      ],
      {
        fake: {
          onSocket: (socket) => {
            const { send } = socket
            socket.send = (data) => {
              if (data === 'poison') throw new TypeError('poison')
              send.call(socket, data)
            }
          },
        },
      },
    )
    const socket = await accept()
    expect([core.status.state, socket.sent]).toEqual(['open', ['fine']])
    expect(reported).toEqual([
      ['ERR_LISTENER', expect.objectContaining({ code: 'ERR_DATA' })],
      ['ERR_LISTENER', expect.objectContaining({ code: 'ERR_DATA' })],
    ])
  })

  test('is open for a state listener called before `open`, and nothing overtakes the first messages', async () => {
    const { core, accept } = linked([sample({ onLinked: ({ send }) => send('topics') })])
    core.events.add('state', ({ state }: { state: string }) => {
      if (state === 'open') core.outgoing.send('early', undefined)
    })
    const socket = await accept()
    expect(socket.sent).toEqual(['topics', 'early'])
  })
})

describe('an incoming message', () => {
  const log: string[] = []
  const part = (name: string, takes: boolean): Part => ({
    onMessage: (message) => (log.push(`${name} asked ${String(message)}`), takes),
    onDelivered: (message, data) => void log.push(`${name} told ${String(message)} ${String(data)}`),
  })

  test('is consumed by the first feature that returns true: no later feature, listener or `onDelivered` receives it', async () => {
    log.length = 0
    const { core, accept } = linked([
      sample(part('a', false), 'a'),
      sample(part('b', true), 'b'),
      sample(part('c', false), 'c'),
    ])
    core.events.add('message', () => void log.push('listener'))
    const socket = await accept()
    socket.message('x')
    expect(log).toEqual(['a asked x', 'b asked x'])
  })

  test('is consumed only by true', async () => {
    const heard: unknown[] = []
    const { core, accept } = linked([sample({ onMessage: () => 1 as never }), sample({ onMessage: () => {} }, 'b')])
    core.events.add('message', (message) => void heard.push(message))
    const socket = await accept()
    socket.message('x')
    expect(heard).toEqual(['x'])
  })

  test('passes framing, codec, interceptors, listeners and `onDelivered`, in that order', async () => {
    log.length = 0
    const { core, accept } = linked([
      codec({
        encode: (message: string) => message,
        decode: (frame: MessageData) => (log.push(`decode ${String(frame)}`), `<${String(frame)}>`),
      }),
      sample(
        {
          framing: {
            outgoing: (data) => data,
            incoming: (data) => (
              log.push(`incoming ${String(data)}`),
              data === 'ack' ? undefined : String(data).slice(1)
            ),
          },
        },
        'framing',
      ),
      sample(part('a', false), 'a'),
    ])
    core.events.add('message', (message) => void log.push(`listener ${String(message)}`))
    const socket = await accept()
    socket.message('#x')
    expect(log.splice(0)).toEqual(['incoming #x', 'decode x', 'a asked <x>', 'listener <x>', 'a told <x> x'])
    socket.message('ack')
    expect(log).toEqual(['incoming ack'])
  })

  test('of the heartbeat reaches no framing', async () => {
    const seen: unknown[] = []
    const { accept } = linked(
      [sample({ framing: { outgoing: (data) => data, incoming: (data) => (seen.push(data), data) } })],
      {
        heartbeat: {
          interval: 20_000,
          timeout: 10_000,
          when: 'idle',
          proof: 'any',
          ping: 'none',
          classify: (frame) => (frame === 'p' ? 'ping' : undefined),
          answer: () => 'q',
        },
      },
    )
    const socket = await accept()
    socket.message('p')
    socket.message('x')
    expect([seen, socket.sent]).toEqual([['x'], ['q']])
  })
})

describe('an outgoing message', () => {
  test('is queued while a feature is full, and sent when the feature requests it', async () => {
    let full = true
    const { core, accept, clock } = linked([sample({ isFull: () => full }), backpressure()])
    const socket = await accept()
    expect(core.outgoing.send('1', undefined)).toBe('queued')
    await clock.advance(100)
    expect(socket.sent).toEqual([])
    full = false
    core.flush()
    expect(socket.sent).toEqual(['1'])
    expect(core.outgoing.send('2', undefined)).toBe('sent')
  })

  test('is queued while one of several features is full', async () => {
    const { core, accept } = linked([sample({ isFull: () => false }), sample({ isFull: () => true }, 'full')])
    await accept()
    expect(core.outgoing.send('1', undefined)).toBe('queued')
  })

  test('is reported when the socket has it, at once or from the queue, and only if it has options', async () => {
    const log: unknown[] = []
    const options = { any: 'thing' }
    const { core, accept } = linked([sample({ onWritten: (message, given) => void log.push([message, given]) })])
    core.outgoing.send('queued', options)
    core.outgoing.send('silent', undefined)
    expect(log).toEqual([])
    await accept()
    expect(log.splice(0)).toEqual([['queued', options]])
    core.outgoing.send('sent', options)
    core.outgoing.send('silent', undefined)
    expect(log).toEqual([['sent', options]])
  })

  test("is reported in the app's form, not the encoded one", async () => {
    const log: unknown[] = []
    const { core, accept } = linked([
      richQueue({ messages: 1, overflow: 'drop-oldest' }),
      codec({ encode: (message: object): SendData => JSON.stringify(message), decode: (frame: MessageData) => frame }),
      sample({
        onWritten: (message) => void log.push(['written', message]),
        onDropped: (message, _, reason) => void log.push([reason, message]),
      }),
    ])
    core.outgoing.send({ id: 1 }, {})
    core.outgoing.send({ id: 2 }, {})
    await accept()
    expect(log).toEqual([
      ['overflow', { id: 1 }],
      ['written', { id: 2 }],
    ])
  })

  test('is reported as dropped to features, then to listeners, only if it has options', async () => {
    const log: unknown[] = []
    const { core } = linked([
      richQueue({ messages: 1, overflow: 'drop-oldest' }),
      sample({ onDropped: (message, options, reason) => void log.push([message, options, reason]) }),
    ])
    core.events.add('dropped', ({ data }: { data: unknown }) => void log.push(data))
    core.outgoing.send('1', { a: 1 })
    core.outgoing.send('2', undefined)
    core.outgoing.send('3', undefined)
    expect(log).toEqual([['1', { a: 1 }, 'overflow'], '1', '2'])
  })
})

describe('the end of a link', () => {
  test("is reported with the attempt, its counters, the chart's reason and the close details", async () => {
    const ends: unknown[] = []
    const { core, accept } = linked([
      sample({
        onEnd: ({ attempt, why, answered, close }) => {
          ends.push([attempt.messages, attempt.gen, why, answered, close.code])
          return undefined
        },
      }),
    ])
    const socket = await accept()
    core.outgoing.send('x', undefined)
    socket.end({ code: 1012 })
    await settle()
    expect(ends).toEqual([[1, 1, 'closed', false, 1012]])
  })

  test('is reported as acknowledged if the peer answered the close frame', async () => {
    const ends: unknown[] = []
    const { core, accept } = linked([sample({ onEnd: ({ answered, why }) => (ends.push([answered, why]), undefined) })])
    const socket = await accept()
    core.ask('CLOSE', 1000)
    socket.end({ code: 1000 })
    expect(ends).toEqual([[true, 'close']])
  })

  test("adds the features' fields to the `close` and `backoff` events, later features overriding earlier ones", async () => {
    const events: unknown[] = []
    const { core, accept, lose } = linked([
      sample({ onEnd: () => ({ uncertain: 1, kept: true }) }),
      sample({ onEnd: () => ({ uncertain: 2 }) }, 'b'),
    ])
    for (const type of ['close', 'backoff']) core.events.add(type, (event) => void events.push(event))
    await accept()
    await lose()
    expect(events).toEqual([
      expect.objectContaining({ code: 1006, uncertain: 2, kept: true }),
      expect.objectContaining({ delay: 100, uncertain: 2, kept: true }),
    ])
  })

  test("adds the features' `error` and `serverDelay` to the loss that policies receive", async () => {
    const heard: unknown[] = []
    const { accept, lose } = linked([sample({ onEnd: () => ({ error: fault, serverDelay: 7 }) })], {
      retry: ({ error, serverDelay }) => (heard.push([error, serverDelay]), undefined),
    })
    await accept()
    await lose()
    expect(heard).toEqual([[fault, 7]])
  })

  test('is reported before the `close` event, and the retry is decided after both', async () => {
    const log: string[] = []
    const { core, accept, lose } = linked([
      sample({
        onEnd: () => (log.push('onEnd'), undefined),
        onLoss: () => (log.push('onLoss'), undefined),
        onState: (state) => void log.push(state),
      }),
    ])
    core.events.add('close', () => void log.push('close'))
    await accept()
    log.length = 0
    await lose()
    expect(log.slice(0, 4)).toEqual(['onEnd', 'onLoss', 'close', 'backoff'])
  })
})

describe('the advice of features on a loss', () => {
  test('is requested in order, the last one given counts, and the app’s retry receives it', async () => {
    const heard: unknown[] = []
    const { core, accept, lose } = linked(
      [
        hints(),
        sample({ onLoss: () => ({ retry: false, asked: 0, floor: 0 }) }),
        sample({ onLoss: () => undefined }, 'silent'),
      ],
      { retry: ({ byDefault }) => (heard.push(byDefault), undefined) },
    )
    await accept()
    await lose()
    expect([heard, core.status.state]).toEqual([[false], 'ended'])
  })

  test('sets a wait and a floor for it', async () => {
    const { core, accept } = linked([sample({ onLoss: () => ({ retry: true, asked: 1_000, floor: 5_000 }) })])
    const socket = await accept()
    socket.end()
    expect(core.status).toMatchObject({ state: 'backoff', delay: 5_000, hinted: true })
  })
})

describe('closing', () => {
  async function held(): Promise<
    Linked & { free: (may?: boolean) => void; socket: Awaited<ReturnType<Linked['accept']>> }
  > {
    let may = false
    const one = linked([sample({ mayClose: () => may }), sample({ mayClose: () => true }, 'free')])
    const socket = await one.accept()
    return { ...one, socket, free: (value = true) => (may = value) }
  }

  test('waits until every feature allows it and one requests it, then sends one close frame', async () => {
    const { core, socket, free } = await held()
    core.ask('CLOSE', 4001, 'bye')
    expect([core.status.state, socket.count('close')]).toEqual(['closing', 0])
    core.flush()
    expect(socket.count('close')).toBe(0)
    free()
    core.flush()
    core.flush()
    expect(socket.actions.filter(({ type }) => type === 'close')).toEqual([
      { type: 'close', code: 4001, reason: 'bye' },
    ])
  })

  test('is limited by closeTimeout', async () => {
    const { core, clock, socket } = await held()
    core.ask('CLOSE')
    await clock.advance(2_000)
    expect([core.status.state, socket.over]).toEqual(['ended', true])
  })

  test('does not wait without an open link', async () => {
    const { core, transport } = linked([sample({ mayClose: () => false })])
    await settle()
    core.ask('CLOSE')
    expect(transport.last.count('close')).toBe(1)
  })

  test('waits for messages held back by a full feature, and for those it sends then', async () => {
    let full = true
    const { core, accept } = linked([sample({ isFull: () => full })])
    const socket = await accept()
    core.outgoing.send('last', undefined)
    core.ask('CLOSE')
    expect(socket.actions).toEqual([])
    full = false
    core.flush()
    expect(socket.actions.map(({ type }) => type)).toEqual(['send', 'close'])
  })
})

describe('the end', () => {
  test('settles pending operations before it is reported, once for each end', async () => {
    const log: string[] = []
    const { core, accept } = linked([
      sample({ onSettled: () => void log.push('settled'), onState: (state) => void log.push(state) }),
    ])
    core.events.add('close', () => void log.push('close'))
    const socket = await accept()
    log.length = 0
    core.ask('CLOSE')
    socket.end({ code: 1000 })
    expect(log.splice(0)).toEqual(['closing', 'settled', 'close', 'ended'])
    core.ask('OPEN')
    core.ask('CLOSE')
    await settle()
    expect(log.filter((each) => each === 'settled')).toHaveLength(1)
  })
})

describe('a missing moment', () => {
  test('is not looked up for each message', async () => {
    const reads: string[] = []
    const silent: Part = new Proxy(
      {},
      {
        get(target, name) {
          reads.push(String(name))
          return Reflect.get(target, name) as unknown
        },
      },
    )
    const { core, accept } = linked([sample(silent), sample(silent, 'another')])
    const socket = await accept()
    core.events.add('message', () => {})
    reads.length = 0
    for (let message = 0; message < 100; message++) {
      socket.message('in')
      core.outgoing.send('out', undefined)
    }
    expect(socket.sent).toHaveLength(100)
    expect(reads).toEqual([])
  })
})

describe('use()', () => {
  const use = (core: Core, moments: Moments): (() => void) => core.use(moments)

  test('adds moments after those of the features until they are removed', async () => {
    const log: string[] = []
    const { core, accept } = linked([sample({ onMessage: (message) => void log.push(`feature ${String(message)}`) })])
    const socket = await accept()
    const off = use(core, { onMessage: (message) => (log.push(`late ${String(message)}`), true) })
    socket.message('1')
    off()
    off()
    socket.message('2')
    expect(log).toEqual(['feature 1', 'late 1', 'feature 2'])
  })

  test('comes too late for `onReady` and for the open link', async () => {
    const log: string[] = []
    const { core, accept, lose } = linked([])
    await accept()
    use(core, { onReady: () => void log.push('ready'), onLinked: () => void log.push('linked') })
    expect(log).toEqual([])
    await lose()
    await accept()
    expect(log).toEqual(['linked'])
  })

  test('with the same object twice counts as two uses, each removed separately', async () => {
    const { core, accept } = linked([])
    const socket = await accept()
    let calls = 0
    const counting: Moments = { onMessage: () => void calls++ }
    const off = use(core, counting)
    use(core, counting)
    socket.message('1')
    off()
    off()
    socket.message('2')
    expect(calls).toBe(3)
  })

  test.each(['onMessage', 'onDelivered', 'onState'] as const)(
    'during %s: an added use starts with the next, and a removed one receives nothing more',
    async (moment) => {
      const log: string[] = []
      const offs: (() => void)[] = []
      const { core, accept } = linked([
        sample({
          [moment]: (what: unknown) => {
            log.push(`first ${String(what)}`)
            for (const off of offs.splice(0)) off()
            if (log.length === 1) use(core, { [moment]: (late: unknown) => void log.push(`late ${String(late)}`) })
          },
        }),
      ])
      const socket = await accept()
      log.length = 0
      offs.push(use(core, { [moment]: () => void log.push('removed') }))
      use(core, { [moment]: (what: unknown) => void log.push(`third ${String(what)}`) })
      if (moment === 'onState') {
        core.ask('CLOSE')
        socket.end({ code: 1000 })
        expect(log).toEqual(['first closing', 'third closing', 'first ended', 'third ended', 'late ended'])
      } else {
        socket.message('1')
        socket.message('2')
        expect(log).toEqual(['first 1', 'third 1', 'first 2', 'third 2', 'late 2'])
      }
    },
  )
})

import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { createConnection } from '../../../src/create-connection.js'
import type { SendData } from '../../../src/core/transport.js'
import { fixedBackoff } from '../../../src/core/policies/backoff.js'
import { resumable, type Continuity, type ResumeOptions, type SessionLost } from '../../../src/resume/index.js'
import { wsTransport } from '../../../src/transports/ws.js'
import { seeded } from '../../storm/random.js'
import { Cutter } from './cutter.js'
import type { Implementation, Subject, SubjectOptions } from './subjects.js'
import type { Scenario } from './wire-scenarios.js'
import { WireClient } from './wire-client.js'

// What an app sees through the client, whichever server it talks to.

/** How long a server may take, also on a busy machine. Milliseconds. */
const patience = 15_000

interface Rig extends AsyncDisposable {
  readonly subject: Subject
  readonly cutter: Cutter
  readonly session: ReturnType<typeof resumable>
  readonly connection: ReturnType<typeof createConnection>
  readonly continuity: Continuity[]
  /** The messages that arrived; bytes as `Uint8Array`. */
  readonly heard: SendData[]
  until(condition: () => unknown, what: string): Promise<void>
  /** The first `continuity` event of this kind, from now on or from before. */
  told<K extends Continuity['kind']>(kind: K): Promise<Extract<Continuity, { kind: K }>>
}

async function rig(
  implementation: Implementation,
  options: ResumeOptions & { server?: SubjectOptions } = {},
): Promise<Rig> {
  const { server, ...resume } = options
  const subject = await implementation.start(server)
  const cutter = await Cutter.start(subject.url)
  const session = resumable({ auth: () => 'alice-secret', ...resume })
  const continuity: Continuity[] = []
  const heard: SendData[] = []
  const connection = createConnection(cutter.url, {
    features: [session],
    transport: wsTransport(),
    backoff: fixedBackoff(20),
    queue: { messages: 20_000, bytes: 64 << 20 },
  })
  const until: Rig['until'] = async (condition, what) => {
    const deadline = Date.now() + patience
    while (!condition()) {
      if (Date.now() > deadline)
        throw new Error(`${what}: not in ${patience} ms; ${JSON.stringify(continuity).slice(0, 500)}`)
      await sleep(2)
    }
  }
  session.on('continuity', (event) => void continuity.push(event))
  connection.on(
    'message',
    (message) => void heard.push(message instanceof ArrayBuffer ? new Uint8Array(message) : (message as string)),
  )
  connection.on('error', () => {})
  return {
    subject,
    cutter,
    session,
    connection,
    continuity,
    heard,
    until,
    async told(kind) {
      const find = (): Continuity | undefined => continuity.find((event) => event.kind === kind)
      await until(find, `continuity: ${kind}`)
      return find() as never
    },
    async [Symbol.asyncDispose]() {
      await connection.close().catch(() => {})
      await cutter[Symbol.asyncDispose]()
      await subject[Symbol.asyncDispose]()
    },
  }
}

function scenario(title: string, play: (rig: Rig) => Promise<void>, options: Parameters<typeof rig>[1] = {}): Scenario {
  return {
    title,
    async run(implementation) {
      await using made = await rig(implementation, options)
      await play(made)
    },
  }
}

const nothingForgotten = { undelivered: 0, uncertain: 0 }
const lost = (event: Partial<SessionLost<SendData>>): object =>
  expect.objectContaining({ kind: 'lost', forgotten: nothingForgotten, ...event }) as object

export const clientScenarios: readonly Scenario[] = [
  scenario(
    'a session begins, and text and bytes come back as they were',
    async ({ connection, session, heard, told, until }) => {
      expect((await told('begun')).id).toBe(session.id)
      const bytes = Uint8Array.from({ length: 256 }, (_, at) => at)
      const sent = ['text', '', 'é😀', 'd1:not a frame', bytes, new Uint8Array(), bytes.subarray(7, 9)]
      for (const message of sent) connection.send(message)
      await session.delivered()
      await until(() => heard.length === sent.length, 'the echoes')
      expect(heard).toEqual(sent)
      expect(session.counters).toMatchObject({ lost: 0, duplicates: 0, replayedIn: 0, replayedOut: 0 })
    },
  ),

  scenario('a cut is repaired: both sides send again what the other lacks', async (given) => {
    const { connection, session, cutter, heard, told, until } = given
    connection.send('1')
    await until(() => heard.length === 1, 'the first echo')
    // Handled, but its echo and its acknowledgment are lost.
    cutter.lose('down')
    connection.send('2')
    await sleep(150)
    cutter.lose('up')
    for (const text of ['3', '4']) connection.send(text)
    await sleep(20)
    cutter.closed = true
    cutter.cut()
    await until(() => session.state === 'away', 'the loss of the link')
    connection.send('5')
    cutter.closed = false
    const { replayed } = await told('kept')
    expect(replayed).toEqual({ out: 2, in: 1 })
    await session.delivered()
    await until(() => heard.length === 5, 'the echoes')
    expect(heard).toEqual(['1', '2', '3', '4', '5'])
    expect(session.counters).toMatchObject({ resumed: 1, lost: 0 })
  }),

  scenario('a handler that runs during a cut runs once', async ({ connection, session, cutter, heard, until }) => {
    connection.send('wait 200')
    connection.send('next')
    await until(() => session.unacknowledged.messages === 2, 'the messages are sent')
    await sleep(50)
    cutter.cut()
    await session.delivered()
    await until(() => heard.length === 2, 'the echoes')
    expect(heard).toEqual(['wait 200', 'next'])
  }),

  {
    title: 'a welcome that was lost is repaired by the next hello',
    async run(implementation) {
      await using subject = await implementation.start()
      await using cutter = await Cutter.start(subject.url)
      const session = resumable({
        auth: () => {
          // The hello of the first link still passes.
          if (cutter.links === 1) cutter.lose('down')
          return 'alice-secret'
        },
      })
      const connection = createConnection(cutter.url, {
        features: [session],
        transport: wsTransport(),
        backoff: fixedBackoff(20),
      })
      connection.on('error', () => {})
      const { id } = session
      connection.send('early')
      await sleep(150)
      expect([connection.state, session.state]).toEqual(['connecting', 'fresh'])
      cutter.cut()
      await session.delivered()
      expect([session.id, session.counters.lost]).toEqual([id, 0])
      await connection.close()
    },
  },

  scenario(
    'a half-open link is found by the heartbeat of the session, and repaired',
    async (given) => {
      const { connection, session, cutter, heard, told, until } = given
      await told('begun')
      cutter.lose('up', 'down')
      connection.send('into the void')
      await until(() => session.state === 'away', 'the loss of the link')
      cutter.cut()
      await session.delivered()
      await until(() => heard.length === 1, 'the echo')
      expect(heard).toEqual(['into the void'])
    },
    { heartbeat: { interval: 150, timeout: 150 } },
  ),

  scenario('a session that another client has taken over is lost, and the connection ends', async (given) => {
    const { connection, session, subject, continuity, told, until } = given
    const { id } = await told('begun')
    connection.send('1')
    await session.delivered()
    const thief = await WireClient.dial(subject.url)
    expect(await thief.welcome({ sid: id, gen: 99 })).toMatchObject({ rx: 1, resumed: true })
    await until(() => connection.state === 'ended', 'the end')
    expect(continuity.at(-1)).toEqual(lost({ reason: 'superseded', delivered: 1, undelivered: [], uncertain: [] }))
    expect(session.id).not.toBe(id)
    await thief.cut()
  }),

  {
    title: 'a session is lost to a client whose principal has changed, and the connection ends',
    async run(implementation) {
      let auth = 'alice-secret'
      await using given = await rig(implementation, { auth: () => auth })
      const { connection, session, cutter, continuity, told, until } = given
      await told('begun')
      connection.send('1')
      await session.delivered()
      auth = 'bob-secret'
      cutter.cut()
      await until(() => connection.state === 'ended', 'the end')
      expect(continuity.at(-1)).toEqual(lost({ reason: 'forbidden', delivered: 1, undelivered: [], uncertain: [] }))
    },
  },

  {
    title: 'credentials that have expired are asked for once more',
    async run(implementation) {
      const given = ['alice-secret', 'expired', 'alice-secret']
      await using made = await rig(implementation, { auth: () => given.shift() ?? 'none are left' })
      const { connection, session, cutter, told } = made
      await told('begun')
      cutter.cut()
      await told('kept')
      connection.send('1')
      await session.delivered()
      expect([given, session.counters.lost]).toEqual([[], 0])
    },
  },

  scenario(
    'credentials that are never accepted end the connection',
    async ({ connection, session, until }) => {
      await until(() => connection.state === 'ended', 'the end')
      expect(session.state).toBe('ended')
    },
    { auth: () => 'wrong' },
  ),

  scenario(
    'an expired session is lost: what the server handled counts as delivered, and the rest as undelivered',
    async (given) => {
      const { connection, session, cutter, heard, told, until } = given
      const { id } = await told('begun')
      connection.send('1')
      await session.delivered()
      cutter.lose('up')
      connection.send('2')
      connection.send('3')
      await sleep(50)
      cutter.closed = true
      cutter.cut()
      await until(() => session.state === 'away', 'the loss of the link')
      await sleep(900)
      cutter.closed = false
      expect(await told('lost')).toEqual(
        lost({ reason: 'expired', lastReceived: 1, delivered: 1, undelivered: ['2', '3'], uncertain: [] }),
      )
      // A new session goes on, on the same link.
      expect(session.id).not.toBe(id)
      connection.send('4')
      await session.delivered()
      await until(() => heard.length === 2, 'the echo')
      expect(heard).toEqual(['1', '4'])
    },
    { server: { ttl: 200 } },
  ),

  scenario(
    'a server that restarts without its sessions is told apart: the session is lost as unknown',
    async (given) => {
      const { connection, session, subject, cutter, heard, told, until } = given
      await told('begun')
      connection.send('1')
      await session.delivered()
      await until(() => heard.length === 1, 'the echo')
      cutter.lose('up')
      connection.send('2')
      await sleep(50)
      cutter.closed = true
      cutter.cut()
      await subject.restart()
      cutter.closed = false
      expect(await told('lost')).toEqual(
        lost({ reason: 'unknown', lastReceived: 1, delivered: 1, undelivered: [], uncertain: ['2'] }),
      )
      connection.send('3')
      await session.delivered()
      await until(() => heard.length === 2, 'the echo')
      expect(heard).toEqual(['1', '3'])
    },
  ),

  scenario(
    'a handler that fails ends the session: its message is uncertain, and later ones are undelivered',
    async (given) => {
      const { connection, session, heard, told, until } = given
      await told('begun')
      for (const text of ['1', 'fail', '3', '4']) connection.send(text)
      expect(await told('lost')).toEqual(
        lost({ reason: 'ended', delivered: 1, undelivered: ['3', '4'], uncertain: ['fail'] }),
      )
      connection.send('5')
      await session.delivered()
      await until(() => heard.includes('5'), 'the echo')
    },
  ),

  scenario('a server that leaves tells what it has handled', async ({ connection, session, subject, told }) => {
    await told('begun')
    connection.send('1')
    await session.delivered()
    const stopped = subject.stop()
    expect(await told('lost')).toEqual(lost({ reason: 'drained', delivered: 1, undelivered: [], uncertain: [] }))
    await stopped
  }),

  scenario('close says goodbye once all is handled, and the server ends the session', async (given) => {
    const { connection, session, subject, continuity, heard, told } = given
    const { id } = await told('begun')
    for (const text of ['wait 100', '2', '3']) connection.send(text)
    const info = await connection.close()
    // Whichever side's close frame comes first.
    expect([[1000, 1005].includes(info.code), info.wasClean, session.state]).toEqual([true, true, 'ended'])
    expect(continuity.map(({ kind }) => kind)).toEqual(['begun'])
    expect(heard.length).toBeLessThanOrEqual(3)
    const late = await WireClient.dial(subject.url)
    expect(await late.refusal({ sid: id, gen: 50 })).toMatchObject({ reason: 'ended', rx: 3, exact: true })
  }),

  scenario(
    'large payloads pass in both directions, also across a cut, and larger ones are refused at once',
    async (given) => {
      const { connection, session, cutter, heard, told, until } = given
      await told('begun')
      const text = 'x'.repeat(1_000_000)
      const bytes = Uint8Array.from({ length: 1_048_576 }, (_, at) => (at * 7) & 255)
      let first = true
      connection.send(text)
      connection.send(bytes)
      cutter.lifetime = () => (first ? ((first = false), 700_000) : Infinity)
      await sleep(5)
      cutter.cut()
      await session.delivered()
      await until(() => heard.length === 2, 'the echoes')
      expect([heard[0] === text, Buffer.compare(heard[1] as Uint8Array, bytes)]).toEqual([true, 0])
      expect(() => connection.send(new Uint8Array(1_048_577))).toThrow(
        expect.objectContaining({ code: 'ERR_DATA' }) as Error,
      )
      connection.send('still here')
      await session.delivered()
      expect(session.counters.lost).toBe(0)
    },
  ),

  {
    title: '10,000 messages arrive once and in order in each direction, whatever is cut',
    async run(implementation) {
      const seed = Number(process.env['SEED'] ?? 20_261_201)
      const random = seeded(seed)
      await using given = await rig(implementation)
      const { connection, session, cutter, heard, continuity } = given
      const count = 10_000
      cutter.lifetime = () => 300 + Math.floor(random() * 40_000)
      const sent = Array.from({ length: count }, (_, at) =>
        random() < 0.2 ? new TextEncoder().encode(`b${at}`) : `m${at} ${'.'.repeat(Math.floor(random() * 60))}`,
      )
      const why = (): string =>
        `SEED=${seed}: ${heard.length} heard, ${cutter.links} links, ${JSON.stringify(session.counters)}, ${JSON.stringify(continuity.filter(({ kind }) => kind === 'lost')).slice(0, 500)}`
      for (let at = 0; at < count; at++) {
        connection.send(sent[at]!)
        if (at % 100 === 0) await sleep(1)
      }
      const deadline = Date.now() + 40_000
      while ((heard.length < count || session.unacknowledged.messages > 0) && Date.now() < deadline) await sleep(5)
      const wrong = sent.findIndex((message, at) => String(message) !== String(heard[at]))
      expect(
        [heard.length, wrong, session.counters.lost, continuity.filter(({ kind }) => kind === 'lost')],
        why(),
      ).toEqual([count, -1, 0, []])
      expect(session.counters.resumed, why()).toBeGreaterThan(10)
      expect(session.counters.replayedIn + session.counters.replayedOut, why()).toBeGreaterThan(100)
      cutter.lifetime = () => Infinity
    },
  },
]

// docs/core.md: its programs are run, and its statements about features are compared with them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import { transform } from 'esbuild'
import { describe, expect, it, test } from 'vitest'
import * as features from '../../src/core/index.js'
import type { AnyFeature, BatchFeature, Complete, Connected, CoreOptions, Features } from '../../src/core/index.js'
import { createConnection, defaults, textHeartbeat, type Connection, type ConnectionOptions } from '../../src/index.js'
import { fixedBackoff } from '../../src/core/policies/backoff.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import type { UrlSource } from '../../src/core/target/provider.types.js'
import { FakeTransport, type FakeSocket } from '../../src/tools/testing/transport.js'
import { root } from './pages.js'

const { backpressure, batch, checks, connect, delivery, hints, promises, readers, richQueue } = features
const page = readFileSync(join(root, 'docs/core.md'), 'utf8')

interface World {
  clock: TestClock
  transport: FakeTransport
  /** Lets the connection dial and the server accept. */
  accept(): Promise<FakeSocket>
}

function makeWorld(): World {
  const clock = new TestClock()
  const transport = new FakeTransport()
  return {
    clock,
    transport,
    async accept() {
      await settle()
      transport.last.accept()
      await settle()
      return transport.last
    },
  }
}

/** A connection with these features, in a world where nothing happens by itself. */
function connected<const F extends Features = []>(
  list = [] as unknown as F,
  options: Omit<Partial<CoreOptions>, 'features'> = {},
): World & { connection: Connected<F> } {
  const world = makeWorld()
  const { clock, transport } = world
  const all = { clock, transport, backoff: fixedBackoff(1_000), random: () => 0.5, ...options }
  return { ...world, connection: connect('ws://server.test/', { ...all, features: list as never }) }
}

/** Runs the program under a heading in a world where nothing happens by itself. */
async function run(heading: string): Promise<World & { connection: Connection<string, string>; printed: string[] }> {
  const [, section = ''] = new RegExp(`^## ${heading}\n(.*?)(?=^## |$(?![^]))`, 'ms').exec(page) ?? []
  const [, code = ''] = /^```ts\n(.*?)^```/ms.exec(section) ?? []
  const { code: script } = await transform(code, { loader: 'ts', target: 'es2022', format: 'cjs' })
  const world = makeWorld()
  const { clock, transport } = world
  const printed: string[] = []
  let connection: unknown
  const seams = { clock, transport, backoff: fixedBackoff(1_000), random: () => 0.5 }
  const modules: Record<string, object> = {
    statewire: {
      textHeartbeat,
      webSocketTransport: () => transport,
      createConnection: (url: string, options: ConnectionOptions) =>
        (connection = createConnection(url, { ...options, ...seams })),
    },
    'statewire/core': {
      ...features,
      connect: (url: string, options: CoreOptions) => (connection = connect(url, { ...options, ...seams } as never)),
    },
  }
  const console = { log: (...words: unknown[]) => void printed.push(words.join(' ')) }
  const program = compileFunction(script, ['require', 'module', 'console']) as (...given: unknown[]) => void
  program((name: string) => modules[name], {}, console)
  return { ...world, printed, connection: connection as Connection<string, string> }
}

describe('the programs of the page', () => {
  test('the smallest client queues sends until there is a link, pings, and reconnects', async () => {
    const { accept, clock, connection, printed } = await run('The smallest client')
    const socket = await accept()
    expect(socket.sent).toEqual(['subscribe trades'])
    await clock.advance(10_000)
    expect(socket.sent).toEqual(['subscribe trades', 'ping'])
    socket.message('42')
    // The link goes silent.
    await clock.advance(30_001)
    expect(printed).toEqual(['42', '4000 true'])
    await accept()
    expect(connection.state).toBe('open')
  })

  test('the one with a queue and delivery keeps the latest, reports fates, and counts possible losses', async () => {
    const { accept, connection, printed } = await run('With a queue and delivery')
    connection.send('5,6', { key: 'cursor' })
    const socket = await accept()
    // `withdraw` removed the first two.
    expect(socket.sent).toEqual(['5,6'])
    socket.end()
    expect(printed).toEqual(['1 may be lost'])
  })

  test('the feature counts links and messages', async () => {
    const { accept, clock, printed } = await run('A feature of your own')
    const socket = await accept()
    socket.message('a')
    socket.message('b')
    socket.end()
    await clock.advance(1_000)
    const next = await accept()
    next.message('c')
    next.end()
    expect(printed).toEqual(['2 messages over 1 links', '1 messages over 1 links'])
  })

  test('the layer subscribes on each new link before the queue is flushed, and consumes its own messages', async () => {
    const { accept, clock, connection, printed } = await run('Layers: `use`')
    const heard: string[] = []
    connection.on('message', (message) => heard.push(message))
    connection.send('queued')
    const socket = await accept()
    expect(socket.sent).toEqual(['subscribe trades', 'queued'])
    socket.message('trades: 42')
    socket.message('news: none')
    expect([printed, heard]).toEqual([['42'], ['news: none']])
    socket.end()
    await clock.advance(1_000)
    const next = await accept()
    expect(next.sent).toEqual(['subscribe trades'])
  })
})

const cells = (row: string): string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
const words = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word!)

describe('the table of features', () => {
  const [, table = ''] = /^## Features\n\n(.*?)\n\n/ms.exec(page) ?? []
  const rows = new Map(
    table
      .split('\n')
      .slice(2)
      .map((line) => {
        const [name = '', , options = '', members = '', , needs = ''] = cells(line)
        return [words(name)[0]!, { options, members: words(members), needs: words(needs) }]
      }),
  )
  const given: Record<string, unknown> = {
    codec: { encode: String, decode: String },
    prepare: () => {},
    until: new AbortController().signal,
  }
  const exported = Object.entries(features).filter(([name]) => name !== 'connect' && name !== 'preparation')

  it('has every feature and no other', () => {
    expect(exported.length).toBeGreaterThan(15)
    expect([...rows.keys()].toSorted()).toEqual(exported.map(([name]) => name).toSorted())
  })

  it.each(exported)('has the members of %s, and what it needs', (name, make) => {
    const { members = [], needs = [] } = (make as (option: unknown) => AnyFeature)(given[name])
    const symbol = (member: PropertyKey): string =>
      typeof member === 'symbol' ? `[${member.description?.replace('nodejs', 'Symbol')}]` : String(member)
    expect(rows.get(name)).toMatchObject({ members: members.map(symbol), needs: [...needs] })
  })

  it('has the defaults of createConnection', () => {
    const { messages, bytes, overflow } = defaults.queue
    const grouped = (number: number, by: string): string => number.toString().replaceAll(/(?=(?:\d{3})+$)\B/g, by)
    const code = (number: number): string => grouped(number, '_')
    expect(rows.get('richQueue')!.options).toContain(
      `{ messages: ${code(messages)}, bytes: ${code(bytes)}, overflow: '${overflow}' }`,
    )
    const { limit, ...reading } = defaults.messages
    expect(rows.get('readers')!.options).toContain(
      `{ limit: ${code(limit)}, bytes: ${code(reading.bytes)}, overflow: '${reading.overflow}' }`,
    )
    expect(rows.get('backpressure')!.options).toContain(`${grouped(defaults.highWaterMark, ',')} bytes`)
    expect(rows.get('hints')!.options).toContain(`${grouped(defaults.maxServerDelay, ',')} ms`)
  })

  it('has the defaults a connection uses', async () => {
    const full = connected([richQueue()])
    for (let id = 0; id < defaults.queue.messages; id++) full.connection.send('x')
    expect(() => full.connection.send('x')).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }))

    const busy = connected([backpressure()])
    const socket = await busy.accept()
    socket.bufferedAmount = defaults.highWaterMark - 1
    expect(busy.connection.send('x')).toBe('sent')
    socket.bufferedAmount = defaults.highWaterMark
    expect(busy.connection.send('x')).toBe('queued')

    const told = connected([hints()])
    const link = await told.accept()
    link.end({ code: 1013, reason: 'retry-after=1000' })
    expect(told.connection.status).toMatchObject({ delay: defaults.maxServerDelay + 1_000, hinted: true })
  })
})

describe('the core by itself', () => {
  const listed = (after: string): string[] => words(page.slice(page.indexOf(after)).split(/\n\n|,\n/)[0]!)

  it('has the members and the events of the list', async () => {
    const members = [...listed('- `state`, '), ...listed('- `open`, `close`')]
    expect(members.length).toBeGreaterThan(10)
    const { connection, accept } = connected()
    const prototype = Object.getPrototypeOf(Object.getPrototypeOf(connection)) as object
    expect(
      Object.getOwnPropertyNames(prototype)
        .filter((name) => name !== 'constructor')
        .toSorted(),
    ).toEqual(members.toSorted())
    const heard = new Set<string>()
    const events = listed('- the events')
    for (const type of events) connection.on(type as 'open', () => heard.add(type))
    connection.on('message', () => {
      throw new Error('for `error`')
    })
    const socket = await accept()
    socket.message('a')
    socket.end()
    connection.send('b')
    connection.close()
    const beating = connected([], { heartbeat: textHeartbeat({ ping: 'ping', pong: 'pong' }) })
    beating.connection.on('heartbeat', () => heard.add('heartbeat'))
    const next = await beating.accept()
    await beating.clock.advance(10_000)
    next.message('pong')
    expect([...heard].toSorted()).toEqual(events.toSorted())
  })

  it('queues up to 1,000 messages', () => {
    const { connection } = connected()
    for (let id = 0; id < 1_000; id++) expect(connection.send('x')).toBe('queued')
    expect(() => connection.send('x')).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }))
  })

  it('retries after every loss, unless `retry` says no or `hints()` is there', async () => {
    const after = async (list: readonly AnyFeature[], options?: Partial<CoreOptions>): Promise<string> => {
      const { connection, accept } = connected(list as [], options)
      const socket = await accept()
      socket.end({ code: 1009 })
      return connection.state
    }
    expect(await after([])).toBe('backoff')
    expect(await after([], { retry: () => false })).toBe('ended')
    expect(await after([hints()])).toBe('ended')
  })

  it('has a `close` that returns nothing, unless `promises()` is there', async () => {
    expect(connected().connection.close()).toBeUndefined()
    await expect(connected([promises()]).connection.close()).resolves.toMatchObject({ wasClean: false })
  })

  it('passes sends to the socket regardless of size', async () => {
    const { connection, accept } = connected()
    const socket = await accept()
    socket.bufferedAmount = Infinity
    expect(connection.send('x')).toBe('sent')
  })
})

describe('validation by checks()', () => {
  const bare = () => connected([delivery()])
  const checked = () => connected([checks(), delivery()])
  const refused = (code: string) => expect.objectContaining({ code })

  it('covers the result of a URL function at each dial, and not a URL given as a string', async () => {
    const dialed = async (url: UrlSource, list: readonly AnyFeature[]): Promise<[string | undefined, string]> => {
      const { clock, transport } = makeWorld()
      const connection = connect(url, { clock, transport, features: list })
      await settle()
      return [transport.sockets[0]?.target.url, connection.state]
    }
    const [https, ftp] = ['https://server.test', 'ftp://server.test'] as const
    expect(await dialed(() => https, [])).toEqual([https, 'connecting'])
    expect(await dialed(() => https, [checks()])).toEqual(['wss://server.test/', 'connecting'])
    expect(await dialed(() => ftp, [])).toEqual([ftp, 'connecting'])
    expect(await dialed(() => ftp, [checks()])).toEqual([undefined, 'ended'])
    expect(await dialed(https, [checks()])).toEqual([https, 'connecting'])
  })

  it('covers the code of `close` and `reconnect`', async () => {
    const { connection, accept } = bare()
    const socket = await accept()
    connection.close(1001)
    expect(socket.actions.at(-1)).toMatchObject({ type: 'close', code: 1001 })
    expect(() => checked().connection.close(1001)).toThrow(refused('ERR_CLOSE_ARGUMENT'))
    expect(() => checked().connection.reconnect(1001)).toThrow(refused('ERR_CLOSE_ARGUMENT'))
  })

  it('covers the event and the options of `on`', async () => {
    expect(() => bare().connection.on('messages' as 'message', () => {})).not.toThrow()
    expect(() => checked().connection.on('messages' as 'message', () => {})).toThrow(refused('ERR_OPTION'))
    const heard = async ({ connection, accept }: ReturnType<typeof bare>): Promise<number> => {
      let count = 0
      ;(connection.on as (...given: unknown[]) => unknown)('message', () => count++, { once: true })
      const socket = await accept()
      socket.message('a')
      socket.message('b')
      return count
    }
    expect([await heard(bare()), await heard(checked() as never)]).toEqual([2, 1])
  })

  it('covers the option names of `send`, and `binaryType`', () => {
    const misspelt = { onfate: () => {} } as object
    expect(bare().connection.send('x', misspelt)).toBe('queued')
    expect(() => checked().connection.send('x', misspelt)).toThrow(refused('ERR_OPTION'))
    expect(() => (bare().connection.binaryType = 'nodebuffer' as 'blob')).not.toThrow()
    expect(() => (checked().connection.binaryType = 'nodebuffer' as 'blob')).toThrow(refused('ERR_OPTION'))
  })

  it('covers no option of connect, only the requirements of features', () => {
    expect(() => connected([checks()], { closeTimeout: 'soon' as never })).not.toThrow()
    expect(() => connected([batch()])).toThrow(refused('ERR_OPTION'))
    expect(() => connected([readers(), readers()])).toThrow(refused('ERR_OPTION'))
    expect(() => connected([richQueue(), { ...richQueue(), name: 'other', members: [] }])).toThrow(
      refused('ERR_OPTION'),
    )
  })
})

test('the compiler names a missing feature in the same words as the page', () => {
  const sentence: (Complete<[BatchFeature]> & { features: readonly unknown[] })['features'][number] =
    'batch() needs richQueue() before it in features'
  expect(page).toContain(`is not assignable to type '"${sentence}"'`)
})

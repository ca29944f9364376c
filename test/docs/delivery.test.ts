// docs/delivery.md and docs/server.md: each promise and each answer names the tests that hold it, and the figures are those of the code.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { resolveResume } from '../../src/resume/options.js'
import { refusalReasons } from '../../src/resume/protocol.js'
import { serverDefaults } from '../../src/server/index.js'
import { defaults } from '../../src/index.js'
import { root } from './pages.js'

const delivery = readFileSync(join(root, 'docs/delivery.md'), 'utf8')
const server = readFileSync(join(root, 'docs/server.md'), 'utf8')

const { window } = resolveResume({})

/** The cells of the table whose head has this text. */
function table(page: string, head: string): string[][] {
  const lines = page.split('\n')
  const start = lines.findIndex((line) => line.startsWith('|') && line.includes(head))
  expect(start, `a table with ${head}`).toBeGreaterThan(-1)
  const end = lines.findIndex((line, at) => at > start && !line.startsWith('|'))
  return lines.slice(start + 2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

/** The titles of the tests in these folders, also of the lists that several implementations run. */
const titles = new Set(
  ['resume', 'server', 'examples'].flatMap((folder) =>
    readdirSync(join(root, 'test', folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => {
        const text = readFileSync(join(root, 'test', folder, file), 'utf8')
        const calls = /\b(?:test|it|fact|scenario)(?:\.\w+\([^\n]*?\))?\(\s*(['"`])(.*?)\1,/g
        const members = /\btitle:\s*(['"`])(.*?)\1,/g
        return [...text.matchAll(calls), ...text.matchAll(members)].map(([, , title = '']) => title)
      }),
  ),
)

/** By the first words of a row of the promises. */
const promises: Record<string, readonly string[]> = {
  'the session lives': [
    '10,000 messages arrive once and in order in each direction, whatever is cut',
    'goes on at the next node, which knows how far it came',
    'keeps messages that were sent while no node had it',
  ],
  'a node dies inside a handler': [
    'does not wait for a node that is dead',
    'an effect that was committed is not repeated, although its node died before it could say so',
    'are booked exactly once although the server process is killed five times while it books',
    'keeps messages for a client that is away',
  ],
  'the session is over': [
    'an expired session is lost: what the server handled counts as delivered, and the rest as undelivered',
    'that expired still tells exactly what was handled',
    'is uncertain or undelivered, as a lost session lists it',
  ],
  'the server doesn’t support sessions': [
    'works as without the feature',
    'without the subprotocol fails, and is tried again',
    'confirms no delivery',
  ],
}

const limits: Record<string, readonly string[]> = {
  'effects that happen exactly once': ['that died with its node tells what was handled for certain, and no more'],
  'an order between two sessions': ['reaches sessions on every node'],
  'surviving a Redis failover': ['a promoted replica refuses sessions of its master, and serves new ones'],
  'surviving the process': [
    'a server that restarts without its sessions is told apart: the session is lost as unknown',
  ],
  'surviving a reload': ['without the messages goes on after those that have arrived, and reports how many are lost'],
}

/** By the first words of a row of the stores. */
const stores: Record<string, readonly string[]> = {
  '`memoryStore': [
    'a server that restarts without its sessions is told apart: the session is lost as unknown',
    'tells clients of a store that is not shared what was handled, exactly',
  ],
  '`redisStore': [
    'a promoted replica refuses sessions of its master, and serves new ones',
    'a restart keeps sessions if their epoch is their own, and refuses them otherwise',
    'FLUSHALL makes sessions unknown and topics lost',
    'with wait, a change that no replica has is rejected',
  ],
  '`jetstreamStore': [
    'on three servers nothing is lost or doubled while leaders step down and one server is killed',
    'a restart keeps sessions in files, and forgets those in memory',
  ],
}

/** By the first reference of a row. */
const answers: Record<string, readonly string[]> = {
  'dotnet/aspnetcore#55575': ['with a gap closes the link, and the next link repairs it'],
  'ppy/osu#35658': [
    'rejects, by default, and so counts bytes',
    'does not wait for a slow client, which reads what it missed later',
  ],
  'dotnet/aspnetcore#23142': ['goes on at the next node, which knows how far it came'],
  'socketio/socket.io-redis-streams-adapter#27': ['does not wait for a node that is dead'],
  'socketio/socket.io-redis-streams-adapter#26': ['resumes a session whose first welcome was lost'],
  'socketio/socket.io#5419': ['that arrives again is dropped, and acknowledged again'],
  'socketio/socket.io-redis-streams-adapter#48': [
    'that only receives does not expire while it is attached',
    'survives for ttl from the end of its link, and no longer',
    'says hello with a higher generation each time, also if the welcome was lost',
  ],
  'iNPUTmice/Conversations#879': ['that expired still tells exactly what was handled'],
  'processone/ejabberd#1151': ['keeps messages that were sent while no node had it'],
  'ably/ably-js#2115': ['is that of a message in the queue until it has a number'],
  'ably/kafka-connect-ably#106': ['is uncertain or undelivered, as a lost session lists it'],
  'rsocket/rsocket-java#1116': ['waits for the running handler of the last node, and does not repeat it'],
  'rsocket/rsocket-java#558': [
    'counts the size of what is kept: the message that crosses it is the last',
    'refuse what exceeds the bytes, and take it when there is room again',
    'counts bytes, too',
  ],
  'SignalR/SignalR#3652': [
    'rejects, by default, and so counts bytes',
    'waits with overflow wait, here and from another node',
    'ends the session with overflow end: the client learns that it lost messages',
  ],
  'trpc/trpc#4122': ['resumes the session: what the server has not is sent again, what the client missed is received'],
  'phoenixframework/phoenix#576': ['sends again what the client has not received, byte for byte'],
  'dotnet/aspnetcore#5297': ['is asked once more after 4401, then the connection ends'],
  'BasedHardware/omi#5518': [
    'lets the sessions go one by one, spread over within',
    'refuses sockets and hellos that still come',
  ],
  'mqttjs/MQTT.js#706': [
    'sends the queue, awaits the acknowledgments, says goodbye once, and then starts the closing handshake',
    'is limited by closeTimeout, and reports what is unacknowledged',
  ],
  'nats-io/nats.c#600': [
    'with more received than was sent is refused as rewound',
    'refuses a client whose messages are gone',
  ],
}

function holdsEach(rows: readonly string[], backed: Record<string, readonly string[]>): void {
  const plain = rows.map((row) => row.replaceAll("'", '’'))
  const named = Object.keys(backed).map((name) => plain.findIndex((row) => row.startsWith(name)))
  expect(named).toEqual(rows.map((_, at) => at))
}

describe('docs/delivery.md', () => {
  it('promises what tests hold, and nothing else', () => {
    holdsEach(
      table(delivery, 'from client to server').map(([first = '']) => first),
      promises,
    )
    holdsEach(
      table(delivery, '| not promised').map(([first = '']) => first),
      limits,
    )
  })

  it('answers twenty complaints, each with its reference', () => {
    const rows = table(delivery, '| complaint')
    expect(rows).toHaveLength(20)
    const first = rows.map(([cell = '']) => /\[([\w.-]+\/[\w.-]+#\d+)\]/.exec(cell)?.[1])
    expect(first).toEqual(Object.keys(answers))
    // A reference and its address are the same.
    let repository = ''
    for (const [, name = '', number, address] of delivery.matchAll(/\[([\w./-]*)#(\d+)\]\(([^)]+)\)/g)) {
      if (name !== '') repository = name
      if (number === '4880') repository = 'socketio/socket.io'
      expect(address).toBe(`https://github.com/${repository}/issues/${number}`)
    }
  })

  it.each(Object.entries({ ...promises, ...limits, ...stores, ...answers }))(
    'names tests that exist: %s',
    (_, tests) => {
      expect(tests.filter((title) => !titles.has(title))).toEqual([])
    },
  )

  it('has every reason why a session is lost', () => {
    const listed = table(delivery, '| reason').flatMap(([cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
    )
    expect(listed.toSorted()).toEqual([...refusalReasons, 'closed'].toSorted())
  })
})

describe('docs/server.md', () => {
  const grouped = (number: number): string => number.toLocaleString('en-US')

  it('says of each store what tests hold', () => {
    holdsEach(
      table(server, '| survives').map(([first = '']) => first),
      stores,
    )
  })

  it('has the defaults of the limits', () => {
    const all: Record<string, unknown> = { ...serverDefaults }
    for (const [option = '', value = ''] of table(server, '| option')) {
      const name = option.replaceAll('`', '')
      const found = name.startsWith('limits.') ? serverDefaults.limits[name.slice(7) as 'sessions'] : all[name]
      expect(value.replace(/ ms$/, ''), name).toBe(grouped(found as number))
    }
  })

  it('computes the rate of a window', () => {
    const rows = table(server, '| round trip')
    expect(rows).toHaveLength(3)
    for (const [trip = '', messages = '', rate = ''] of rows) {
      expect(messages).toBe(grouped(window.messages))
      const seconds = (parseInt(trip) + serverDefaults.ack.delay) / 1_000
      expect(rate).toBe(`${grouped(window.messages / seconds)} messages per second`)
    }
  })

  it('computes what an outbox has to hold', () => {
    const rows = table(server, '| messages per second')
    expect(rows).toHaveLength(3)
    for (const [rate = '', held = '', verdict = ''] of rows) {
      const needed = (Number(rate) * serverDefaults.ttl) / 1_000
      expect(held).toBe(grouped(needed))
      expect(verdict.includes('enough')).toBe(needed <= serverDefaults.outbox.messages)
    }
  })

  it('has the figures of the code in its sentences', () => {
    const { outbox, inbox, topics, handover, ttl } = serverDefaults
    expect(Math.floor(outbox.bytes / outbox.messages)).toBe(838)
    expect([outbox.bytes, inbox.bytes, window.bytes, defaults.queue.bytes]).toEqual(
      [8, 1, 1, 1].map((size) => size * 2 ** 20),
    )
    expect([inbox.messages, topics.messages, defaults.queue.messages]).toEqual([1_000, 1_000, 1_000])
    expect(500 * (10 * (ttl / 1_000)) * 200).toBe(120e6)
    expect(20_000 + handover).toBe(28_000)
    for (const said of ['838 bytes', '8 MiB', '1,000 messages or 1 MiB', '120 MB', 'at most 28 seconds', '(8 s)'])
      expect(server).toContain(said)
  })

  it('names every metric', () => {
    const source = readFileSync(join(root, 'src/server/server.types.ts'), 'utf8')
    const [, type = ''] = /^export type Metric =\n(.*?)\n\n/ms.exec(source) ?? []
    const metrics = [...type.matchAll(/readonly type: ((?:'\w+'(?: \| )?)+)/g)].flatMap(([, names = '']) =>
      [...names.matchAll(/\w+/g)].map(([name]) => name),
    )
    expect(metrics.length).toBeGreaterThan(8)
    const listed = table(server, '| metric').flatMap(([cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
    )
    expect(listed.filter((name) => !['bytes', 'lag'].includes(name)).toSorted()).toEqual(metrics.toSorted())
  })
})

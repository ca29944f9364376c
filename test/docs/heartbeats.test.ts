import { afterAll, describe, expect, it, vi } from 'vitest'
import type { SendData, MessageData } from '../../src/index.js'
import { settle } from '../../src/tools/testing/clock.js'
import { setup } from '../support/setup.js'
import { documented, headings, removeDocumented } from './documented.js'

// The dialects of docs/heartbeats.md, run as printed there, against the documented frames of their servers.

// The first one loads the package.
vi.setConfig({ testTimeout: 60_000 })

const bytes = (...values: number[]): ArrayBuffer => Uint8Array.from(values).buffer
const ascii = (text: string): ArrayBuffer => bytes(...Buffer.from(text))
const joined = (...frames: ArrayBuffer[]): ArrayBuffer =>
  bytes(...frames.flatMap((frame) => [...new Uint8Array(frame)]))
const shown = (data: SendData | MessageData | undefined): unknown =>
  ArrayBuffer.isView(data) ? [...(data as Uint8Array)] : data instanceof ArrayBuffer ? [...new Uint8Array(data)] : data

interface Dialect {
  readonly name: string
  /** The first ping, if the client sends one. */
  readonly asks?: unknown
  /** Possible answers to the first ping, each in a connection of its own. */
  readonly pongs?: readonly MessageData[]
  /** Pings the server may send. */
  readonly pings?: readonly MessageData[]
  /** The answer to the server's ping. */
  readonly answers?: unknown
  /** Whether messages may contain more than a ping or a pong, so all of them are delivered. */
  readonly deliversAll?: true
  /** Ordinary messages of the server, some of which resemble its heartbeat. */
  readonly messages: readonly MessageData[]
}

/** A PUBLISH of QoS 0 on the topic `t`. */
const publish = (...payload: number[]): ArrayBuffer => bytes(0x30, 3 + payload.length, 0, 1, 0x74, ...payload)

const dialects: Dialect[] = [
  {
    name: 'graphql-ws',
    asks: '{"type":"ping"}',
    pongs: ['{"type":"pong"}', '{"type": "pong"}', '{"payload":{"at":1},"type":"pong"}'],
    pings: ['{"type":"ping"}', '{"type": "ping", "payload": {"at": 1}}'],
    answers: '{"type":"pong"}',
    messages: [
      '{"id":"1","type":"next","payload":{"data":{"type":"pong"}}}',
      '{"id":"1","type":"next","payload":{"data":{"type":"ping"}}}',
      String.raw`{"id":"1","type":"next","payload":{"data":"{\"type\":\"pong\"}"}}`,
      String.raw`{"id":"{\"type\":\"pong\"}","type":"complete"}`,
      String.raw`["{\"type\":\"pong\"}"]`,
      'null',
      ascii('{"type":"pong"}'),
    ],
  },
  {
    name: 'socket.io',
    pings: ['2'],
    answers: '3',
    messages: ['42["hello"]', '42["2"]', '42', '2probe', '3', '23', ' 2', ascii('2')],
  },
  {
    name: 'SignalR',
    pings: [
      '{"type":6}\u001e',
      '{"type":6}\u001e{"type":1,"target":"say","arguments":["hi"]}\u001e',
      '{"type":1,"target":"say","arguments":["hi"]}\u001e{"type":6}\u001e',
    ],
    answers: '{"type":6}\u001e',
    deliversAll: true,
    messages: [
      '{"type":1,"target":"say","arguments":["hi"]}\u001e',
      '{"type":1,"target":"say","arguments":[{"type":6}]}\u001e',
      String.raw`{"type":1,"target":"say","arguments":["{\"type\":6}\u001e"]}` + '\u001e',
      '{"type":6,"more":1}\u001e',
      '{}\u001e',
    ],
  },
  {
    name: 'Phoenix',
    asks: '[null,"1","phoenix","heartbeat",{}]',
    pongs: [
      '[null,"1","phoenix","phx_reply",{"response":{},"status":"ok"}]',
      '[null, "1", "phoenix", "phx_reply", {"status": "ok", "response": {}}]',
    ],
    messages: [
      '["3","4","room:lobby","phx_reply",{"response":{},"status":"ok"}]',
      '["3","1","room:lobby","phx_reply",{"response":{},"status":"ok"}]',
      '["3",null,"room:lobby","said",{"text":"\\"phoenix\\",\\"phx_reply\\""}]',
      '["3",null,"room:lobby","said",["phoenix","phx_reply"]]',
      '[null,"9","phoenix","phx_reply",{"response":{"reason":"unmatched topic"},"status":"error"}]',
      '[null,"1","phoenix","phx_error",{}]',
      ascii('[null,"1","phoenix","phx_reply",{}]'),
    ],
  },
  {
    name: 'Centrifugo',
    pings: [
      '{}',
      '{}\n{"push":{"channel":"news","pub":{"data":{}}}}',
      '{"push":{"channel":"news","pub":{"data":{}}}}\n{}',
    ],
    answers: '{}',
    deliversAll: true,
    messages: [
      '{"push":{"channel":"news","pub":{"data":{}}}}',
      '{"id":1,"subscribe":{}}\n{"id":2,"subscribe":{}}',
      String.raw`{"push":{"channel":"news","pub":{"data":"\n{}\n"}}}`,
      ascii('{}'),
    ],
  },
  {
    name: 'Pusher',
    asks: '{"event":"pusher:ping","data":{}}',
    pongs: ['{"event":"pusher:pong","data":{}}', '{"data":"{}","event":"pusher:pong"}'],
    pings: ['{"event":"pusher:ping","data":{}}', '{"event": "pusher:ping"}'],
    answers: '{"event":"pusher:pong","data":{}}',
    messages: [
      '{"event":"trade","channel":"prices","data":"{}"}',
      '{"event":"trade","channel":"prices","data":"\\"pusher:pong\\""}',
      '{"event":"trade","channel":"prices","data":{"event":"pusher:pong"}}',
      '{"event":"trade","channel":"pusher:pong","data":["pusher:pong","pusher:ping"]}',
      ascii('{"event":"pusher:pong","data":{}}'),
    ],
  },
  {
    name: 'Action Cable',
    pings: ['{"type":"ping","message":1764167536}', '{"message":1764167536,"type":"ping"}'],
    messages: [
      '{"identifier":"{}","message":{"type":"ping"}}',
      String.raw`{"identifier":"{}","message":"{\"type\":\"ping\",\"message\":1764167536}"}`,
      '{"type":"pingback","identifier":"{}"}',
      '{"type":"confirm_subscription","identifier":"{\\"type\\":\\"ping\\"}"}',
    ],
  },
  {
    name: 'Home Assistant',
    asks: '{"id":1,"type":"ping"}',
    pongs: ['{"id":1,"type":"pong"}', '{"type": "pong", "id": 1}'],
    messages: [
      '{"id":2,"type":"event","event":{}}',
      '{"id":2,"type":"event","event":{"id":1,"type":"pong"}}',
      '{"id":1,"type":"result","success":true,"result":{"type":"pong"}}',
      '{"id":9,"type":"pong"}',
      '{"id":"1","type":"pong"}',
    ],
  },
  {
    name: 'MQTT',
    asks: [0xc0, 0],
    pongs: [bytes(0xd0, 0), joined(publish(1), bytes(0xd0, 0)), joined(bytes(0xd0, 0), publish(1))],
    deliversAll: true,
    messages: [
      publish(1, 2, 3),
      publish(0xd0, 0),
      joined(publish(0xd0), publish(0, 0xd0, 0)),
      // Packets split over frames: after the type, in the length, in the payload.
      bytes(0x30),
      bytes(3 + 4, 0, 1, 0x74),
      bytes(0xd0, 0),
      bytes(0xd0, 0),
      bytes(0x30, 0x83, 1, 0, 1, 0x74),
      ...Array.from({ length: 64 }, () => bytes(0xd0, 0)),
    ],
  },
  {
    name: 'NATS',
    asks: [...Buffer.from('PING\r\n')],
    pongs: [ascii('PONG\r\n'), ascii('PONG\r\nMSG a 1 1\r\nx\r\n'), ascii('MSG a 1 6\r\nPONG\r\n\r\nPONG\r\n')],
    deliversAll: true,
    messages: [
      ascii('MSG a 1 1\r\nx\r\n'),
      ascii('MSG a 1 6\r\nPONG\r\n\r\n'),
      ascii('HMSG a 1 12 18\r\nNATS/1.0\r\n\r\nPONG\r\n\r\n'),
      // Lines and payloads split over frames.
      ascii('MSG a 1 '),
      ascii('12\r\n'),
      ascii('PONG\r\n'),
      ascii('PONG\r\n'),
      ascii('\r'),
      ascii('\n+OK\r\n'),
      ascii('MSG PONG 1 0\r\n\r\n'),
    ],
  },
]

/** An open connection with the profile. */
async function link({ name }: Dialect) {
  const { heartbeat, prepare } = (await documented(name))[0]!
  const it = setup({ heartbeat: heartbeat!, ...(prepare && { prepare }) })
  const socket = await it.accept()
  return {
    ...it,
    socket,
    heartbeat: heartbeat!,
    heard: () => it.of('message').map(shown),
    /** Lets the heartbeat ping on the current link. */
    async ask() {
      const { last } = it.transport
      for (const before = last.sent.length; last.sent.length === before;)
        await it.clock.advance(heartbeat!.interval / 2)
    },
  }
}

const asking = dialects.filter(({ pongs }) => pongs !== undefined)
const asked = dialects.filter(({ pings }) => pings !== undefined)
const cases = (which: readonly Dialect[], frames: 'pongs' | 'pings') =>
  which.flatMap((dialect) => dialect[frames]!.map((frame, at) => ({ name: dialect.name, at, dialect, frame })))

describe('a dialect on the page', () => {
  afterAll(removeDocumented)

  it.each(cases(asking, 'pongs'))("measures the round trip of $name's ping (form $at)", async ({ dialect, frame }) => {
    const { socket, clock, heard, of, ask } = await link(dialect)
    await ask()
    expect(socket.sent.map(shown)).toEqual([dialect.asks])
    await clock.advance(35)
    socket.message(frame)
    expect(of('heartbeat')).toEqual([{ rtt: 35 }])
    expect(heard()).toEqual(dialect.deliversAll ? [shown(frame)] : [])
    expect(of('error')).toEqual([])
  })

  it.each(cases(asked, 'pings'))('answers the ping of $name (form $at)', async ({ dialect, frame }) => {
    const { socket, heard, of } = await link(dialect)
    socket.message(frame)
    expect(socket.sent.map(shown)).toEqual(dialect.answers === undefined ? [] : [dialect.answers])
    expect(heard()).toEqual(dialect.deliversAll ? [shown(frame)] : [])
    expect(of('error')).toEqual([])
  })

  it.each(asking)('delivers an unsolicited or duplicate answer of $name', async (dialect) => {
    const [pong] = dialect.pongs!
    const { socket, heard, of, ask } = await link(dialect)
    socket.message(pong!)
    expect(heard()).toEqual([shown(pong)])
    await ask()
    socket.message(pong!)
    socket.message(pong!)
    expect(heard()).toEqual(Array.from({ length: dialect.deliversAll ? 3 : 2 }, () => shown(pong)))
    expect(of('heartbeat')).toHaveLength(1)
  })

  it.each(dialects)(
    'delivers every message of $name, with or without an outstanding ping, and treats none as an answer',
    async (dialect) => {
      const { socket, heard, of, ask } = await link(dialect)
      for (const message of dialect.messages) socket.message(message)
      if (dialect.asks !== undefined) await ask()
      for (const message of dialect.messages) socket.message(message)
      expect(heard()).toEqual([...dialect.messages, ...dialect.messages].map(shown))
      expect(of('heartbeat')).toEqual([])
      expect(socket.sent.map(shown)).toEqual(dialect.asks === undefined ? [] : [dialect.asks])
      expect(of('error')).toEqual([])
    },
  )

  it.each(dialects.filter(({ deliversAll, asks }) => deliversAll && asks !== undefined))(
    'parses the bytes of $name however they are split over frames, starting over on each link',
    async (dialect) => {
      const { connection, transport, socket, of, ask } = await link(dialect)
      const stream = [...dialect.messages, ...dialect.pongs!]
        .map((frame) => [...new Uint8Array(frame as ArrayBuffer)])
        .flat()
      await ask()
      for (const byte of stream) socket.message(bytes(byte))
      expect(of('heartbeat')).toHaveLength(1)
      // Cut in the middle of a message.
      socket.message(dialect.name === 'MQTT' ? bytes(0x30, 20, 0) : ascii('MSG a 1 20\r\n'))
      connection.reconnect()
      await settle()
      transport.last.accept()
      await settle()
      await ask()
      transport.last.message(dialect.pongs![0]!)
      expect(of('heartbeat')).toHaveLength(2)
    },
  )

  it.each([
    { name: 'graphql-ws', last: [4400, 4401, 4406, 4409, 4429, 4500], retried: [1006, 4403, 4408, 4499, 4504] },
    { name: 'Centrifugo', last: [3500, 3501, 3999, 4500, 4999], retried: [1006, 3000, 3499, 4000, 4499] },
    { name: 'Pusher', last: [4000, 4001, 4099], retried: [1006, 4100, 4199, 4200, 4299] },
  ])('lists the codes with which $name refuses permanently', async ({ name, last, retried }) => {
    const [options] = await documented(name)
    for (const [codes, state] of [
      [last, 'ended'],
      [retried, 'backoff'],
    ] as const) {
      for (const code of codes) {
        const { connection, accept } = setup({ ...options })
        const socket = await accept()
        socket.end({ code })
        expect([code, connection.state]).toEqual([code, state])
        void connection.close()
      }
    }
  })

  it('is on the page if and only if it is in this list', () => {
    const told = headings().filter((heading) => dialects.some(({ name }) => heading.startsWith(name)))
    expect(headings().filter((heading) => !told.includes(heading))).toEqual([
      'Servers that ping in the protocol',
      'Servers that only listen',
    ])
    expect(new Set(dialects.map(({ name }) => name)).size).toBe(told.length)
  })
})

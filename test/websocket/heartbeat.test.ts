import { describe, expect, test } from 'vitest'
import { serverPing, textHeartbeat, type Heartbeat } from '../../src/index.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport, type FakeSocket } from '../../src/tools/testing/transport.js'
import { ReconnectingWebSocket, type ReconnectingWebSocketOptions } from '../../src/websocket/index.js'

const url = 'ws://server.test/'
const pings = textHeartbeat({ interval: 20_000, timeout: 10_000, ping: 'ping', pong: 'pong' })
const pinged = serverPing({ interval: 20_000, timeout: 10_000, ping: 'ping', answer: 'pong' })

/** Fields that an app changes while it is connected. */
class Profile implements Heartbeat {
  #interval = 20_000
  readonly timeout = 10_000
  readonly when = 'idle'
  readonly proof = 'any'
  readonly ping = (): string => 'ping'
  readonly classify = (frame: unknown) => (frame === 'pong' ? ('pong' as const) : undefined)

  get interval(): number {
    return this.#interval
  }

  set interval(interval: number) {
    this.#interval = interval
  }
}

interface Opened {
  readonly ws: ReconnectingWebSocket
  readonly clock: TestClock
  readonly socket: FakeSocket
  readonly heard: unknown[]
  readonly rtts: number[]
}

async function opened(
  make: (seams: ReconnectingWebSocketOptions) => ReconnectingWebSocket,
  transport = new FakeTransport(),
): Promise<Opened> {
  const clock = new TestClock()
  const ws = make({ clock, transport, maxRetries: 0 })
  const heard: unknown[] = []
  const rtts: number[] = []
  ws.addEventListener('message', ({ data }) => heard.push(data))
  ws.connection.on('heartbeat', ({ rtt }) => rtts.push(rtt))
  await settle()
  transport.last.accept()
  await settle()
  return { ws, clock, socket: transport.last, heard, rtts }
}

const bound = (heartbeat: Heartbeat) => (seams: ReconnectingWebSocketOptions) =>
  new (ReconnectingWebSocket.with({ ...seams, heartbeat }))(url)
const direct = (heartbeat: Heartbeat) => (seams: ReconnectingWebSocketOptions) =>
  new ReconnectingWebSocket(url, [], { ...seams, heartbeat })

describe('a heartbeat bound by `with`', () => {
  test('sends pings, times the replies and delivers them, since the client may have sent its own pings', async () => {
    const { ws, clock, socket, heard, rtts } = await opened(bound(pings))
    await clock.advance(10_000)
    await clock.advance(35)
    socket.message('pong')
    expect([socket.sent, heard, rtts]).toEqual([['ping'], ['pong'], [35]])
    expect(ws.readyState).toBe(1)
    await clock.advance(30_001)
    expect(ws.readyState).toBe(3)
  })

  test("delivers the server's pings and leaves the reply to the client", async () => {
    const { socket, heard } = await opened(bound(pinged))
    socket.message('ping')
    expect([socket.sent, heard]).toEqual([[], ['ping']])
  })

  test('withholds and answers if its profile says `withhold: true`', async () => {
    const asking = await opened(bound({ ...pings, withhold: true }))
    await asking.clock.advance(10_000)
    asking.socket.message('pong')
    expect([asking.heard, asking.rtts]).toEqual([[], [0]])
    const asked = await opened(bound({ ...pinged, withhold: true }))
    asked.socket.message('ping')
    expect([asked.socket.sent, asked.heard]).toEqual([['pong'], []])
  })

  test('withholds nothing when the class is bound again or extended', async () => {
    const again = await opened((seams) => new (ReconnectingWebSocket.with({ heartbeat: pings }).with(seams))(url))
    const outer = await opened((seams) => new (ReconnectingWebSocket.with(seams).with({ heartbeat: pings }))(url))
    const extended = await opened(
      (seams) => new (class extends ReconnectingWebSocket.with({ ...seams, heartbeat: pings }) {})(url),
    )
    for (const { clock, socket, heard } of [again, outer, extended]) {
      await clock.advance(10_000)
      socket.message('pong')
      expect([socket.sent, heard]).toEqual([['ping'], ['pong']])
    }
  })

  test("is replaced by the constructor's heartbeat, which withholds", async () => {
    const { clock, socket, heard } = await opened(
      (seams) => new (ReconnectingWebSocket.with({ ...seams, heartbeat: pinged }))(url, [], { heartbeat: pings }),
    )
    await clock.advance(10_000)
    socket.message('pong')
    expect([socket.sent, heard]).toEqual([['ping'], []])
  })

  test('may be any object of its shape, frozen or with changing fields', async () => {
    const frozen = await opened(bound(Object.freeze({ ...pinged })))
    frozen.socket.message('ping')
    expect([frozen.socket.sent, frozen.heard]).toEqual([[], ['ping']])
    const profile = new Profile()
    const { clock, socket, heard } = await opened(bound(profile))
    await clock.advance(10_000)
    socket.message('pong')
    expect([socket.sent, heard]).toEqual([['ping'], ['pong']])
    profile.interval = 2_000
    // The check that is already scheduled still has the old interval.
    await clock.advance(10_000)
    socket.message('pong')
    const before = socket.sent.length
    await clock.advance(1_000)
    expect(socket.sent.length).toBe(before + 1)
  })

  test('is rejected at once if it is invalid', () => {
    expect(() => ReconnectingWebSocket.with({ heartbeat: { ...pings, interval: -1 } })).toThrow(
      'heartbeat.interval (-1)',
    )
    expect(() => ReconnectingWebSocket.with({ heartbeat: { ...pings, withhold: 'no' as never } })).toThrow(
      'heartbeat.withhold ("no")',
    )
  })
})

describe('a heartbeat given to the constructor', () => {
  test('withholds the answers to its pings, and no other matching message', async () => {
    const { clock, socket, heard } = await opened(direct(pings))
    socket.message('pong')
    expect(heard).toEqual(['pong'])
    await clock.advance(20_000)
    expect(socket.sent).toEqual(['ping'])
    socket.message('pong')
    expect(heard).toEqual(['pong'])
  })

  test("answers the server's pings and withholds them", async () => {
    const { socket, heard } = await opened(direct(pinged))
    socket.message('ping')
    expect([socket.sent, heard]).toEqual([['pong'], []])
  })

  test('delivers everything if its profile says `withhold: false`', async () => {
    const { clock, socket, heard, rtts } = await opened(direct({ ...pings, withhold: false }))
    await clock.advance(10_000)
    socket.message('pong')
    expect([heard, rtts]).toEqual([['pong'], [0]])
  })
})

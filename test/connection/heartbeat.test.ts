import { describe, expect, test } from 'vitest'
import { fixedBackoff } from '../../src/core/policies/backoff.js'
import { noHeartbeat, protocolPing, serverPing, textHeartbeat } from '../../src/core/policies/heartbeat.js'
import type { Heartbeat } from '../../src/core/policies/profile.js'
import { settle } from '../../src/tools/testing/clock.js'
import { setup } from '../support/setup.js'

describe('a silent link', () => {
  test('is pinged within one interval and abandoned one timeout later (N01, N03, N06)', async () => {
    const { connection, clock, accept, of } = setup()
    const socket = await accept()
    await clock.advance(9_000)
    socket.message('last words')
    await clock.advance(11_000)
    expect(socket.count('ping')).toBe(1)
    await clock.advance(9_999)
    expect(connection.state).toBe('open')
    await clock.advance(1)
    expect(socket.actions.at(-1)).toMatchObject({ type: 'abandon', code: 4000 })
    expect(of('close')).toMatchObject([
      { code: 4000, wasClean: false, error: { code: 'ERR_HEARTBEAT_TIMEOUT' }, willRetry: true },
    ])
    expect(connection.status).toMatchObject({ state: 'backoff', why: 'heartbeat-timeout' })
  })

  test.each([
    [protocolPing(), [10, 20, 30, 40, 50, 60]],
    [protocolPing({ when: 'always' }), [20, 40, 60]],
    [protocolPing({ proof: 'pong' }), [20, 40, 60]],
  ])(
    'is pinged every half interval without other traffic, and every interval if traffic does not replace pings: %#',
    async (heartbeat, times) => {
      const { clock, accept } = setup({ heartbeat })
      const socket = await accept()
      const pings: number[] = []
      for (let second = 1; second <= 60; second++) {
        const before = socket.count('ping')
        await clock.advance(1_000)
        if (socket.count('ping') > before) pings.push(second)
        if (socket.count('ping') > before) socket.pong()
      }
      expect(pings).toEqual(times)
    },
  )

  test('is abandoned without waiting for its close event (C01)', async () => {
    const { clock, transport, accept } = setup({ backoff: fixedBackoff(0) })
    const socket = await accept()
    await clock.advance(20_000)
    await clock.advance(1)
    expect(socket.over).toBe(true)
    expect(transport.sockets).toHaveLength(2)
  })

  test('reports how many messages were sent after the last acknowledged ping (D01)', async () => {
    const { connection, clock, accept, of } = setup()
    const socket = await accept()
    connection.send('arrived')
    await clock.advance(10_000)
    // Sent while the pong is in transit, so the pong proves nothing about it.
    connection.send('lost')
    socket.pong()
    connection.send(new Uint8Array(6))
    await clock.advance(30_000)
    expect(of('close')).toMatchObject([{ uncertain: { messages: 2, bytes: 10 } }])
    expect(of('backoff')).toMatchObject([{ uncertain: { messages: 2, bytes: 10 } }])
  })
})

describe('liveness', () => {
  test('is proved by any frame, even without a pong (N11)', async () => {
    const { connection, clock, accept } = setup()
    const socket = await accept()
    await clock.advance(10_000)
    expect(socket.count('ping')).toBe(1)
    await clock.advance(9_999)
    socket.message('a backlog came first')
    await clock.advance(9_999)
    expect(connection.state).toBe('open')
  })

  test('needs pongs on a hidden page despite traffic, because only pongs prevent timer throttling (T02)', async () => {
    const { connection, clock, environment, accept } = setup()
    const socket = await accept()
    environment.emit('hidden')
    environment.emit('resume') // This event triggers a probe; the page stays hidden.
    for (let look = 1; look <= 3; look++) {
      socket.message('traffic')
      await clock.advance(10_000)
      expect(socket.count('ping')).toBe(1 + look)
    }
    environment.emit('visible')
    socket.message('traffic')
    for (let look = 1; look <= 3; look++) {
      socket.message('traffic')
      await clock.advance(10_000)
    }
    expect(socket.count('ping')).toBe(4)
    expect(connection.state).toBe('open')
  })

  test('is proved by traffic, which replaces the ping', async () => {
    const { clock, accept } = setup()
    const socket = await accept()
    for (let second = 0; second < 300; second++) {
      await clock.advance(1_000)
      socket.message('tick')
    }
    expect(socket.count('ping')).toBe(0)
  })

  test('is not proved by outgoing messages', async () => {
    const { connection, clock, accept } = setup()
    await accept()
    for (let second = 0; second < 30; second++) {
      if (connection.state === 'open') connection.send('into the void')
      await clock.advance(1_000)
    }
    expect(connection.state).not.toBe('open')
  })

  test('is proved by a pong, which also measures the round-trip time', async () => {
    const { clock, accept, of } = setup()
    const socket = await accept()
    await clock.advance(10_000)
    await clock.advance(35)
    socket.pong()
    expect(of('heartbeat')).toEqual([{ rtt: 35 }])
    socket.pong()
    expect(of('heartbeat')).toHaveLength(1)
  })

  test("is not proved by traffic with proof: 'pong' if the link no longer carries outgoing data (N02)", async () => {
    const { connection, clock, accept } = setup({ heartbeat: protocolPing({ proof: 'pong' }) })
    const socket = await accept()
    for (let second = 0; second < 31; second++) {
      socket.message('one-way')
      await clock.advance(1_000)
    }
    expect(socket.count('ping')).toBe(1)
    expect(connection.state).not.toBe('open')
  })

  test("is checked every interval with when: 'always', whatever arrives", async () => {
    const { clock, accept } = setup({ heartbeat: protocolPing({ when: 'always' }) })
    const socket = await accept()
    for (let second = 0; second < 100; second++) {
      await clock.advance(1_000)
      socket.message('tick')
    }
    expect(socket.count('ping')).toBeGreaterThanOrEqual(4)
  })
})

describe('profiles', () => {
  test('textHeartbeat sends its ping around queue and codec and withholds the pong from listeners', async () => {
    const { connection, clock, accept, of } = setup({
      heartbeat: textHeartbeat({ ping: 'ping', pong: 'pong' }),
      codec: {
        encode: (value: number) => JSON.stringify(value),
        decode: (frame) => JSON.parse(frame as string) as number,
      },
    })
    const socket = await accept()
    connection.send(1)
    await clock.advance(10_000)
    expect(socket.sent).toEqual(['1', 'ping'])
    socket.message('pong')
    socket.message('2')
    expect(of('message')).toEqual([2])
    expect(of('heartbeat')).toHaveLength(1)
    expect(of('error')).toEqual([])
    expect(connection.counters.received).toBe(1)
  })

  test('serverPing answers pings and detects a server that stops pinging', async () => {
    const { connection, clock, accept, of } = setup({
      heartbeat: serverPing({ interval: 25_000, timeout: 20_000, ping: '2', answer: '3' }),
    })
    const socket = await accept()
    for (let round = 0; round < 10; round++) {
      await clock.advance(25_000)
      socket.message('2')
    }
    expect(connection.state).toBe('open')
    expect(socket.sent).toEqual(Array(10).fill('3'))
    expect(of('message')).toEqual([])
    await clock.advance(45_000 - 1)
    expect(connection.state).toBe('open')
    await clock.advance(12_501)
    expect(connection.state).not.toBe('open')
  })

  test('noHeartbeat never pings', async () => {
    const { connection, clock, accept } = setup({ heartbeat: noHeartbeat() })
    const socket = await accept()
    await clock.advance(10_000_000)
    expect(connection.state).toBe('open')
    expect(socket.count('ping')).toBe(0)
  })

  test('protocolPing does nothing if the transport cannot ping (P06)', async () => {
    const { connection, clock, environment, accept } = setup({ fake: { capabilities: { ping: false } } })
    await accept()
    environment.emit('online')
    await clock.advance(10_000_000)
    expect(connection.state).toBe('open')
  })
})

describe('a message that looks like a pong', () => {
  const text = (options: object = {}) => textHeartbeat({ ping: 'ping', pong: 'pong', ...options })

  test('is delivered if no ping is outstanding', async () => {
    const { connection, accept, of } = setup({ heartbeat: text() })
    const socket = await accept()
    socket.message('pong')
    expect(of('message')).toEqual(['pong'])
    expect(of('heartbeat')).toEqual([])
    expect(connection.counters.received).toBe(1)
  })

  test('is withheld once for each outstanding ping and delivered after that', async () => {
    const { clock, accept, of } = setup({ heartbeat: text() })
    const socket = await accept()
    await clock.advance(10_000)
    // It proves liveness, so another ping follows although the first one is still unanswered.
    socket.message('a')
    await clock.advance(10_000)
    expect(socket.sent).toEqual(['ping', 'ping'])
    for (const message of ['pong', 'b', 'pong', 'c', 'pong']) socket.message(message)
    expect(of('message')).toEqual(['a', 'b', 'c', 'pong'])
    expect(of('heartbeat')).toEqual([{ rtt: 10_000 }, { rtt: 0 }])
  })

  test('is delivered on a new link although the old one was waiting for a pong', async () => {
    const { connection, clock, transport, accept, of } = setup({ heartbeat: text() })
    const first = await accept()
    await clock.advance(10_000)
    expect(first.sent).toEqual(['ping'])
    connection.reconnect()
    await settle()
    transport.last.accept()
    await settle()
    transport.last.message('pong')
    expect(of('message')).toEqual(['pong'])
    expect(of('heartbeat')).toEqual([])
  })

  test('reaches `prepare`, because no ping is sent before it', async () => {
    const read: unknown[] = []
    const { connection, accept } = setup({
      heartbeat: text(),
      prepare: async (link) => void read.push(await link.read()),
    })
    const socket = await accept()
    socket.message('pong')
    await settle()
    expect([read, connection.state]).toEqual([['pong'], 'open'])
  })

  test('is delivered by profiles with protocol pings or without pings', async () => {
    const classify = () => 'pong' as const
    for (const profile of [protocolPing(), serverPing(), noHeartbeat()]) {
      const { clock, accept, of } = setup({ heartbeat: { ...profile, classify: classify } })
      const socket = await accept()
      await clock.advance(10_000)
      socket.message('pong')
      expect(of('message')).toEqual(['pong'])
      expect(of('heartbeat')).toEqual([])
    }
  })

  test("proves nothing with proof: 'pong' if no ping is outstanding, neither as a frame nor as a message", async () => {
    for (const heartbeat of [text({ proof: 'pong' }), protocolPing({ proof: 'pong' })]) {
      const { connection, clock, accept } = setup({ heartbeat })
      const socket = await accept()
      // A peer that repeats its pongs, even if it no longer receives anything.
      for (let second = 0; second < 20; second++) {
        socket.message('pong')
        socket.strayPong()
        await clock.advance(1_000)
      }
      expect([...socket.sent, ...socket.actions.filter(({ type }) => type === 'ping')]).toHaveLength(1)
      expect(connection.state).toBe('open')
      await clock.advance(10_000)
      expect(connection.state).toBe('backoff')
    }
  })

  test('still counts as the reply after an unsolicited protocol pong', async () => {
    const { clock, accept, of } = setup({ heartbeat: text({ proof: 'pong' }) })
    const socket = await accept()
    await clock.advance(20_000)
    expect(socket.sent).toEqual(['ping'])
    socket.pong()
    expect(of('heartbeat')).toEqual([])
    socket.message('pong')
    expect(of('message')).toEqual([])
    expect(of('heartbeat')).toEqual([{ rtt: 0 }])
  })
})

describe('with withhold: false', () => {
  test('pongs prove liveness, are timed, and are delivered', async () => {
    const { connection, clock, accept, of } = setup({
      heartbeat: textHeartbeat({ ping: 'ping', pong: 'pong', proof: 'pong', withhold: false }),
    })
    const socket = await accept()
    for (let round = 0; round < 3; round++) {
      await clock.advance(20_000)
      await clock.advance(35)
      socket.message('pong')
    }
    expect(socket.sent).toEqual(['ping', 'ping', 'ping'])
    expect(of('message')).toEqual(['pong', 'pong', 'pong'])
    expect(of('heartbeat')).toEqual([{ rtt: 35 }, { rtt: 35 }, { rtt: 35 }])
    expect([connection.state, connection.counters.received]).toEqual(['open', 3])
  })

  test('server pings are answered and delivered', async () => {
    const { accept, of } = setup({ heartbeat: serverPing({ ping: '2', answer: '3', withhold: false }) })
    const socket = await accept()
    socket.message('2')
    expect(socket.sent).toEqual(['3'])
    expect(of('message')).toEqual(['2'])
  })
})

describe('a probe', () => {
  test.each(['online', 'offline', 'visible', 'resume', 'woke', 'restored'] as const)(
    'on %s pings at once and waits five seconds (N12, T03, T10)',
    async (signal) => {
      const { connection, clock, environment, accept } = setup()
      const socket = await accept()
      environment.emit(signal)
      expect(socket.count('ping')).toBe(1)
      environment.emit(signal)
      expect(socket.count('ping')).toBe(1)
      await clock.advance(4_999)
      expect(connection.state).toBe('open')
      await clock.advance(1)
      expect(connection.state).toBe('backoff')
    },
  )

  test('keeps the link if it is answered', async () => {
    const { connection, clock, environment, accept } = setup()
    const socket = await accept()
    environment.emit('offline')
    socket.pong()
    await clock.advance(9_000)
    expect(connection.state).toBe('open')
  })

  test('shortens the deadline of an outstanding ping and never extends it', async () => {
    const { connection, clock, environment, accept } = setup()
    const socket = await accept()
    await clock.advance(10_000)
    await clock.advance(8_000)
    environment.emit('visible')
    expect(socket.count('ping')).toBe(1)
    await clock.advance(2_000)
    expect(connection.state).toBe('backoff')
  })

  test('follows a time gap after the machine slept (T05)', async () => {
    const { connection, clock, accept } = setup()
    const socket = await accept()
    await clock.advance(1_000)
    clock.sleep(3_600_000)
    await clock.advance(5_000)
    expect(socket.count('ping')).toBe(1)
    await clock.advance(5_000)
    expect(connection.state).not.toBe('open')
  })

  test('is not triggered by a wall clock set back (T06)', async () => {
    const { clock, accept } = setup()
    const socket = await accept()
    clock.sleep(-3_600_000)
    await clock.advance(9_000)
    expect(socket.count('ping')).toBe(0)
  })
})

describe('a blocked event loop', () => {
  test('does not kill the link: a late deadline grants one extra second (T01)', async () => {
    const { connection, clock, accept } = setup()
    const socket = await accept()
    await clock.advance(10_000)
    clock.block(15_000)
    await clock.advance(500)
    expect(connection.state).toBe('open')
    socket.pong()
    await clock.advance(9_000)
    expect(connection.state).toBe('open')
  })

  test('does not save a link that is dead anyway', async () => {
    const { connection, clock, accept } = setup()
    await accept()
    await clock.advance(10_000)
    clock.block(15_000)
    await clock.advance(5_000)
    expect(connection.state).not.toBe('open')
  })
})

describe('while reading is paused', () => {
  test('silence proves nothing, and a probe follows when reading resumes', async () => {
    const { connection, clock, accept } = setup()
    const reader = connection.messages({ limit: 2 })
    const socket = await accept()
    socket.message('1')
    socket.message('2')
    expect(socket.count('pause')).toBe(1)
    await clock.advance(100_000)
    expect(connection.state).toBe('open')
    expect(socket.count('ping')).toBe(0)
    await reader.next()
    expect(socket.count('resume')).toBe(1)
    expect(socket.count('ping')).toBe(1)
    await clock.advance(5_000)
    expect(connection.state).toBe('backoff')
  })

  test('a ping already in flight does not end the link', async () => {
    const { connection, clock, accept } = setup()
    const socket = await accept()
    void connection.messages({ limit: 1 })
    await clock.advance(10_000)
    expect(socket.count('ping')).toBe(1)
    socket.message('1')
    await clock.advance(100_000)
    expect(connection.state).toBe('open')
  })

  test('a short pause causes no ping', async () => {
    const { connection, accept } = setup()
    const reader = connection.messages({ limit: 1 })
    const socket = await accept()
    for (let round = 0; round < 100; round++) {
      socket.message(`${round}`)
      await reader.next()
    }
    expect(socket.count('pause')).toBe(100)
    expect(socket.count('ping')).toBe(0)
  })
})

test('a ping or reply that cannot be sent is reported and does not end the link', async () => {
  const { connection, clock, accept, of } = setup({
    heartbeat: {
      ...textHeartbeat({ interval: 20_000, timeout: 10_000, ping: 'ping', pong: 'pong' }),
      ping: () => ({ type: 'ping' }) as never,
      classify: (frame) => (frame === 'server ping' ? 'ping' : undefined),
      answer: () => ({ type: 'pong' }) as never,
    },
  })
  const socket = await accept()
  socket.message('server ping')
  await clock.advance(60_000)
  expect(connection.state).toBe('open')
  expect(socket.sent).toEqual([])
  expect(new Set(of('error').map(({ code }) => code))).toEqual(new Set(['ERR_POLICY']))
})

test('a new socket starts without outstanding pings of the old one', async () => {
  const { connection, clock, transport, accept } = setup()
  await accept()
  await clock.advance(15_000)
  connection.reconnect()
  await settle()
  transport.last.accept()
  await clock.advance(9_999)
  expect(transport.last.count('ping')).toBe(0)
  await clock.advance(9_000)
  expect(connection.state).toBe('open')
})

describe('a message that takes longer than the heartbeat allows', () => {
  const heartbeat = { interval: 20_000, timeout: 10_000 }

  test('keeps its link while the socket buffer drains (N11)', async () => {
    const { connection, clock, accept } = setup({ heartbeat: protocolPing(heartbeat) })
    const socket = await accept()
    socket.bytes = { read: 0, written: 0, waiting: 50 }
    await clock.advance(10_000)
    expect(socket.count('ping')).toBe(1)
    for (let waiting = 49; waiting > 40; waiting--) {
      socket.bytes = { read: 0, written: 0, waiting }
      await clock.advance(10_000)
      expect(connection.state).toBe('open')
    }
    // It has stalled: the link is abandoned one timeout later.
    await clock.advance(9_999)
    expect(connection.state).toBe('open')
    await clock.advance(2)
    expect(connection.state).toBe('backoff')
    expect(socket.count('ping')).toBe(1)
  })

  test('keeps its link while it is being received, if any frame proves liveness', async () => {
    for (const [proof, over] of [
      ['any', false],
      ['pong', true],
    ] as const) {
      const { clock, accept } = setup({ heartbeat: protocolPing({ ...heartbeat, proof }) })
      const socket = await accept()
      for (let read = 0; read < 6; read++) {
        socket.bytes = { read, written: 0, waiting: 0 }
        await clock.advance(10_000)
      }
      expect(socket.over).toBe(over)
    }
  })

  test('does not delay a probe unless it makes progress', async () => {
    for (const [waiting, state] of [
      [9, 'open'],
      [10, 'backoff'],
    ] as const) {
      const { connection, clock, environment, accept } = setup()
      const socket = await accept()
      socket.bytes = { read: 0, written: 0, waiting: 10 }
      environment.emit('online')
      await settle()
      socket.bytes = { read: 0, written: 0, waiting }
      await clock.advance(5_001)
      expect(connection.state).toBe(state)
    }
  })

  test('does not keep a dead link whose system still buffers: written bytes count only from a backlog (N01)', async () => {
    const { clock, accept } = setup({ heartbeat: protocolPing(heartbeat) })
    const socket = await accept()
    for (let written = 0; written < 3; written++) {
      socket.bytes = { read: 0, written, waiting: 0 }
      await clock.advance(10_000)
    }
    expect(socket.over).toBe(true)
  })

  /** Milliseconds without a reply until each link in turn is dead. */
  async function deaths(
    links: number,
    {
      each = () => {},
      heartbeat: profile = textHeartbeat({ ping: 'ping', pong: 'pong', ...heartbeat }),
    }: {
      each?: (connection: ReturnType<typeof setup>['connection'], link: number) => void
      heartbeat?: Heartbeat
    } = {},
  ): Promise<number[]> {
    const { connection, clock, transport } = setup({ backoff: fixedBackoff(0), heartbeat: profile })
    const lived: number[] = []
    for (let link = 0; link < links; link++) {
      await settle()
      await clock.advance(1)
      await settle()
      const socket = transport.last
      socket.accept()
      await settle()
      expect(connection.state).toBe('open')
      each(connection, link)
      let seconds = 0
      for (; !socket.over && seconds < 1_000; seconds++) await clock.advance(1_000)
      lived.push(seconds)
    }
    return lived
  }

  test('extends the timeout fourfold, then sixteenfold, if its progress is unknown', async () => {
    const send = (connection: { send(data: string): unknown }): unknown => connection.send('x'.repeat(65_536))
    // The ping goes out after 10 s.
    expect(await deaths(4, { each: send })).toEqual([20, 50, 170, 170])
  })

  test('doubles the timeout if it arrived without visible progress', async () => {
    expect(await deaths(4)).toEqual([20, 30, 50, 90])
  })
})

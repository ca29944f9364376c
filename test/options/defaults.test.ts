import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/core/time/clock.js'
import { pageEnvironment } from '../../src/core/environment/environment.js'
import {
  backoffDefaults,
  createConnection,
  decorrelatedJitter,
  defaults,
  equalJitter,
  fixedBackoff,
  fullJitter,
  heartbeatDefaults,
  noHeartbeat,
  protocolPing,
  sequenceBackoff,
  serverPing,
  textHeartbeat,
  webSocketTransport,
} from '../../src/index.js'
import { resolveOptions } from '../../src/options.js'
import { settle } from '../../src/tools/testing/browser.js'
import { readOptions } from '../../src/websocket/options.js'
import { resolveResume } from '../../src/resume/options.js'
import { serverDefaults } from '../../src/server/index.js'
import { serverSettings } from '../../src/server/options.js'
import { setup } from '../support/setup.js'

const root = join(import.meta.dirname, '../..')

/** The `@default` texts of the doc comments, by `Interface.property`. */
function documented(): Map<string, string> {
  const found = new Map<string, string>()
  const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    // The outer layers have their own defaults and tests.
    .filter((file) => !relative(root, file).startsWith('src/tools/'))
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    for (const [, name = '', body = ''] of text.matchAll(/export interface (\w+)[^{]*\{\n(.*?)\n\}/gs)) {
      const properties = body.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\s*(?:readonly )?(\w+)\??\s*[(:]/gs)
      for (const [, comment = '', property = ''] of properties) {
        const said = /@default\s+(.+)/.exec(comment.trimEnd())?.[1]?.trim()
        if (said !== undefined) found.set(`${name}.${property}`, said)
      }
    }
  }
  return found
}

const said = documented()
const all = (object: string): string[] => [...said.keys()].filter((key) => key.startsWith(`${object}.`))

/** The value that the text stands for. */
function literal(text: string | undefined): unknown {
  expect(text).toMatch(/^(?:[\d_.]+|'[^']*'|true|false|Infinity|[[{].*[\]}])$/)
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- the source's own comments, matched above
  return new Function(`return (${text})`)() as unknown
}

describe('every @default in the doc comments', () => {
  it('is found', () => {
    const written = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.startsWith('tools/'))
      .flatMap((file) => [...readFileSync(join(root, 'src', file), 'utf8').matchAll(/@default\b/g)])
    expect(said.size).toBeGreaterThan(20)
    expect(said.size).toBe(written.length)
  })

  it('of a connection equals `defaults`', () => {
    const { messages, ...options } = defaults
    expect(
      Object.fromEntries(Object.keys(options).map((key) => [key, literal(said.get(`ConnectionOptions.${key}`))])),
    ).toEqual(options)
    expect(
      Object.fromEntries(Object.keys(messages).map((key) => [key, literal(said.get(`MessagesOptions.${key}`))])),
    ).toEqual(messages)
  })

  it('of a connection equals its behavior without options', () => {
    const settings = resolveOptions('wss://server.test/')
    for (const key of Object.keys(defaults).filter((name) => name !== 'messages')) {
      expect(literal(said.get(`ConnectionOptions.${key}`)), key).toEqual(settings[key as 'closeTimeout'])
    }
    expect(literal(said.get('ConnectionOptions.protocols'))).toEqual(settings.protocols)
    expect(said.get('ConnectionOptions.heartbeat')).toBe('protocolPing()')
    expect(settings.heartbeat).toEqual(protocolPing())
    expect(said.get('ConnectionOptions.backoff')).toBe('fullJitter()')
    const input = { attempt: 3, previous: 7, random: () => 0.25 }
    expect(settings.backoff(input)).toBe(fullJitter()(input))
    expect(said.get('ConnectionOptions.random')).toBe('Math.random')
    expect(settings.random).toBe(Math.random)
    expect(said.get('ConnectionOptions.transport')).toBe('webSocketTransport()')
    expect(said.get('ConnectionOptions.clock')).toBe("the runtime's own clock")
    expect(settings.clock).toBe(systemClock)
    expect(said.get('ConnectionOptions.environment')).toMatch(/^the DOM events of the page or worker/)
    expect(settings.environment).toBe(pageEnvironment)
    expect(settings.connectTimeout).toBeUndefined()
    expect(said.get('ConnectionOptions.connectTimeout')).toBe('max(10 s, min(30 s, 1 s · 2ⁿ)) after n failures')
  })

  it('of a connection exists for all options that have a default', () => {
    const silent = ['retry', 'prepare', 'codec', 'signal', 'inspect', 'features']
    const settings = resolveOptions('wss://server.test/')
    const { url: _, ...options } = settings
    expect(
      Object.keys(options)
        .filter((key) => !said.has(`ConnectionOptions.${key}`))
        .toSorted(),
    ).toEqual(silent.toSorted())
    expect(silent.map((key) => settings[key as 'retry'] ?? [])).toEqual(silent.map(() => []))
  })

  it("of a heartbeat equals `heartbeatDefaults` and the factories' results", () => {
    const { interval, timeout, when, proof } = heartbeatDefaults
    expect(all('TimingOptions').map((key) => literal(said.get(key)))).toEqual([interval, timeout])
    expect(all('PingOptions').map((key) => literal(said.get(key)))).toEqual([when, proof])
    for (const made of [protocolPing(), textHeartbeat({ ping: 'a', pong: 'b' })])
      expect(made).toMatchObject(heartbeatDefaults)
    expect(serverPing()).toMatchObject({ interval, when, proof })
    expect(noHeartbeat()).toMatchObject({ interval: Infinity, ping: 'none' })
  })

  it("of a backoff equals `backoffDefaults` and the factories' results", () => {
    const exponential = Object.fromEntries(
      all('ExponentialOptions').map((key) => [key.split('.')[1], literal(said.get(key))]),
    )
    const floor = literal(said.get('FullJitterOptions.floor'))
    const jitter = literal(said.get('JitterOptions.jitter'))
    expect(backoffDefaults).toEqual({
      fullJitter: { ...exponential, floor },
      equalJitter: exponential,
      decorrelatedJitter: exponential,
      fixedBackoff: { jitter },
      sequenceBackoff: { jitter },
    })
    for (const attempt of [1, 4, 99]) {
      const input = { attempt, previous: 2_000, random: () => 0.75 }
      expect(fullJitter()(input)).toBe(fullJitter(backoffDefaults.fullJitter)(input))
      expect(equalJitter()(input)).toBe(equalJitter(backoffDefaults.equalJitter)(input))
      expect(decorrelatedJitter()(input)).toBe(decorrelatedJitter(backoffDefaults.decorrelatedJitter)(input))
      expect(fixedBackoff(5)(input)).toBe(fixedBackoff(5, backoffDefaults.fixedBackoff)(input))
      expect(sequenceBackoff([5, 6])(input)).toBe(sequenceBackoff([5, 6], backoffDefaults.sequenceBackoff)(input))
    }
  })

  describe('of ReconnectingWebSocket', () => {
    const of = (name: string): string => said.get(`ReconnectingWebSocketOptions.${name}`)!
    const { behaviour, connection } = readOptions({})

    it('equals its behavior without options', () => {
      const log = vi.spyOn(console, 'log').mockImplementation(() => {})
      readOptions({ debug: true }).behaviour.log!('said')
      expect(of('debugLogger')).toBe('console.log')
      expect(log.mock.calls).toEqual([['said']])
      log.mockRestore()
      expect(literal(of('debug'))).toBe(behaviour.log !== undefined)
      expect(literal(of('queue'))).toBe(behaviour.queue)
      expect(literal(of('maxEnqueuedMessages'))).toBe(behaviour.maxEnqueuedMessages)
      expect(literal(of('startClosed'))).toBe(!connection.autoOpen)
      expect(of('WebSocket')).toBe('the global `WebSocket`')
      expect(Object.keys(connection.transport!)).toEqual(Object.keys(webSocketTransport()))
      const close = { code: 1006, reason: '', wasClean: false }
      const loss = { close, error: undefined, status: undefined, byDefault: true }
      expect(literal(of('maxRetries'))).toBe(Infinity)
      expect(connection.retry!({ ...loss, attempt: Number.MAX_SAFE_INTEGER })).toBeUndefined()
    })

    it('is that of a connection for minUptime, connectionTimeout and the delay', () => {
      const settings = resolveOptions('wss://server.test/', connection)
      expect(literal(of('minUptime'))).toBe(settings.stableAfter)
      expect(of('connectionTimeout')).toBe(said.get('ConnectionOptions.connectTimeout'))
      expect(settings.connectTimeout).toBeUndefined()
      expect(connection.backoff).toBeUndefined()
    })

    it('of one of the three delay options applies if another is given', () => {
      const number = (name: string): number => {
        const [, value, rest] = /^([\d_.]+), (.*)$/.exec(of(name))!
        expect(rest).toBe('if one of these three is given; else see `backoff`')
        return literal(value) as number
      }
      const min = number('minReconnectionDelay')
      const max = number('maxReconnectionDelay')
      const grow = number('reconnectionDelayGrowFactor')
      const all = { minReconnectionDelay: min, maxReconnectionDelay: max, reconnectionDelayGrowFactor: grow }
      const wait = (options: object, attempt: number, chance: number): number =>
        readOptions(options).connection.backoff!({ attempt, previous: undefined, random: () => chance })
      for (const [name, value] of Object.entries(all)) {
        for (const [attempt, chance] of [
          [1, 0],
          [1, 0.9],
          [3, 0.9],
          [99, 0.9],
        ] as const) {
          expect(wait({ [name]: value }, attempt, chance)).toBe(wait(all, attempt, chance))
        }
      }
      expect([wait(all, 1, 0), wait(all, 2, 1), wait(all, 99, 1)]).toEqual([min, min * grow ** 2, max])
    })

    it('exists for all options that have a default of their own', () => {
      const options = [...readFileSync(join(root, 'src/websocket/options.ts'), 'utf8').matchAll(/^ {2}(\w+)\?: /gm)]
      expect(options.length).toBeGreaterThan(10)
      expect(
        options.map(([, name]) => name!).filter((name) => !said.has(`ReconnectingWebSocketOptions.${name}`)),
      ).toEqual(['shouldReconnectOnClose'])
    })
  })

  it('of a session server equals `serverDefaults`', () => {
    const { limits, ...options } = serverDefaults
    const values = (object: string, names: object): unknown =>
      Object.fromEntries(Object.keys(names).map((key) => [key, literal(said.get(`${object}.${key}`))]))
    expect(values('SessionServerOptions', options)).toEqual(options)
    expect(values('Limits', limits)).toEqual(limits)
    const { ttl, outbox, limits: resolved, clock, store, node } = serverSettings({ authenticate: () => undefined })
    expect([ttl, outbox, resolved]).toEqual([serverDefaults.ttl, serverDefaults.outbox, serverDefaults.limits])
    expect([clock, store, node]).toEqual([systemClock, undefined, undefined])
  })

  it('of a resumable session equals its behavior without options', () => {
    const { required, window, ack, manual, heartbeat } = resolveResume({})
    expect(literal(said.get('ResumeOptions.required'))).toBe(required)
    expect(literal(said.get('ResumeOptions.window'))).toEqual(window)
    expect(said.get('ResumeOptions.ack')).toBe(`{ every: window.messages / 4, delay: ${ack.delay} }`)
    expect([ack.every, resolveResume({ window: { messages: 40 } }).ack.every]).toEqual([window.messages / 4, 10])
    expect([literal(said.get('ResumeOptions.acknowledge')), manual]).toEqual(['listeners', false])
    expect(literal(said.get('ResumeOptions.heartbeat'))).toEqual(heartbeat)
    const storage = { getItem: () => null, setItem: () => {}, removeItem: () => {} }
    expect(literal(said.get('PersistOptions.outbox'))).toBe(
      resolveResume({ persist: { storage, key: 'k' } }).persist?.outbox,
    )
  })

  it.each([
    ['redis', 'RedisStoreOptions'],
    ['jetstream', 'JetStreamStoreOptions'],
  ])('of the %s store equals the one in its code', (file, object) => {
    const text = readFileSync(join(root, `src/server/stores/${file}.ts`), 'utf8')
    const [, code = ''] = /const \{ ([^}]*) \} = given\n/.exec(text) ?? []
    const inCode = Object.fromEntries(code.split(', ').map((each) => each.split(' = ') as [string, string]))
    const names = all(object).map((key) => key.slice(object.length + 1))
    expect(names.length).toBeGreaterThan(2)
    for (const name of names) expect(literal(said.get(`${object}.${name}`)), name).toBe(literal(inCode[name]))
  })

  it('is covered by one of these tests', () => {
    const objects = [
      'SessionServerOptions',
      'Limits',
      'ResumeOptions',
      'PersistOptions',
      'RedisStoreOptions',
      'JetStreamStoreOptions',
      'ConnectionOptions',
      'MessagesOptions',
      'TimingOptions',
      'PingOptions',
      'ExponentialOptions',
      'FullJitterOptions',
      'JitterOptions',
      'ReconnectingWebSocketOptions',
    ]
    const elsewhere = [
      'QueuedSend.ttl',
      'Connection.reconnect',
      'MemoryStoreOptions.clock',
      'Session.close',
      'WebSocketTransportOptions.WebSocket',
      'Heartbeat.withhold',
      'TextHeartbeatOptions.withhold',
      'ServerPingOptions.withhold',
      // The transport's tests cover it, with a real server.
      'WsClientOptions.maxPayload',
      'WsClientOptions.perMessageDeflate',
      'WsClientOptions.maxPendingAutoPongs',
      'WsTransportOptions.certificateErrors',
      'WsTransportOptions.coalesce',
      'WsTransportOptions.WebSocket',
    ]
    const known = objects.flatMap(all)
    expect([...said.keys()].filter((key) => !known.includes(key) && !elsewhere.includes(key))).toEqual([])
  })
})

describe('by default', () => {
  it('pongs and server pings are withheld from listeners', async () => {
    for (const options of ['Heartbeat', 'TextHeartbeatOptions', 'ServerPingOptions'])
      expect(literal(said.get(`${options}.withhold`))).toBe(true)
    const profiles = [textHeartbeat({ ping: 'x', pong: 'beat' }), serverPing({ ping: 'beat' })]
    for (const heartbeat of profiles) {
      const { clock, accept, of } = setup({ heartbeat })
      const socket = await accept()
      await clock.advance(10_000)
      socket.message('beat')
      expect(of('message')).toEqual([])
    }
  })

  it('a closing handshake may take 2 s', async () => {
    const { connection, clock, accept } = setup()
    const socket = await accept()
    void connection.close()
    await clock.advance(1_999)
    expect([connection.state, socket.over]).toEqual(['closing', false])
    await clock.advance(1)
    expect([connection.state, socket.over]).toEqual(['ended', true])
  })

  it('failures are reset after 10 s open, not before', async () => {
    const { connection, clock, transport, accept } = setup()
    await settle()
    transport.last.refuse()
    await clock.advance(750)
    await accept()
    expect(connection.status.attempt).toBe(2)
    await clock.advance(9_999)
    expect(connection.status).toMatchObject({ state: 'open', stable: false, attempt: 2 })
    await clock.advance(1)
    expect(connection.status).toMatchObject({ state: 'open', stable: true, attempt: 1 })
  })

  it('1,000 messages fit in the queue, and the next one is refused', () => {
    const { connection } = setup()
    for (let count = 0; count < 1_000; count++) expect(connection.send('x')).toBe('queued')
    expect(() => connection.send('x')).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }))
    expect(connection.counters.queued).toBe(1_000)
  })

  it('1 MiB fits in the queue, and one more byte is refused', () => {
    const { connection } = setup()
    expect(connection.send(new Uint8Array(1_048_576))).toBe('queued')
    expect(() => connection.send('x')).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }))
    expect(connection.bufferedAmount).toBe(1_048_576)
  })

  it('queued messages do not expire', async () => {
    expect(literal(said.get('QueuedSend.ttl'))).toBe(Infinity)
    const { connection, clock, accept, of } = setup({ connectTimeout: Number.MAX_SAFE_INTEGER })
    connection.send('x')
    await settle()
    clock.advanceSync(30 * 86_400_000)
    const socket = await accept()
    expect([socket.sent, of('dropped')]).toEqual([['x'], []])
  })

  it('a message goes to the socket while its buffer is below 1 MiB, and is queued above', async () => {
    const { connection, accept } = setup()
    const socket = await accept()
    socket.bufferedAmount = 1_048_575
    expect(connection.send('x')).toBe('sent')
    socket.bufferedAmount = 1_048_576
    expect(connection.send('y')).toBe('queued')
  })

  it('an iterator buffers 1,000 messages, then stops reading', async () => {
    const { connection, accept } = setup()
    const socket = await accept()
    connection.messages()
    for (let count = 0; count < 999; count++) socket.message('x')
    expect(socket.count('pause')).toBe(0)
    socket.message('x')
    expect(socket.count('pause')).toBe(1)
  })

  it('binary messages are ArrayBuffers, and it dials at once', async () => {
    const { connection, transport } = setup()
    expect(connection.state).toBe('connecting')
    await settle()
    expect(transport.last.target.binaryType).toBe('arraybuffer')
    expect(connection.binaryType).toBe('arraybuffer')
  })

  it('there are no protocols or headers, and a missing global WebSocket is not accessed', async () => {
    const { transport } = setup()
    await settle()
    expect(transport.last.target).toMatchObject({ protocols: [], headers: {} })
    const connection = createConnection('wss://server.test/', { autoOpen: false })
    expect(connection.state).toBe('idle')
  })

  it('a ping is sent within 20 s of silence, and 10 s later the link is abandoned with 4000', async () => {
    const { connection, clock, accept, of } = setup()
    const socket = await accept()
    await clock.advance(20_000 - 1)
    expect(socket.count('ping')).toBe(1)
    await clock.advance(10_001)
    expect(connection.state).not.toBe('open')
    expect(of('close')).toMatchObject([{ code: 4000, error: { code: 'ERR_HEARTBEAT_TIMEOUT' }, willRetry: true }])
    expect(socket.actions.at(-1)).toMatchObject({ type: 'abandon', code: 4000 })
  })

  it('nothing is pinged or abandoned if the transport cannot ping', async () => {
    const { connection, clock, accept } = setup({ fake: { capabilities: { ping: false, pause: true } } })
    const socket = await accept()
    await clock.advance(3_600_000)
    expect([connection.state, socket.count('ping'), socket.sent]).toEqual(['open', 0, []])
  })

  it.each(['visible', 'online', 'offline', 'woke', 'resume'] as const)(
    'a link is probed on %s and has 5 s to answer',
    async (signal) => {
      const { connection, clock, environment, accept } = setup()
      const socket = await accept()
      environment.emit(signal)
      expect(socket.count('ping')).toBe(1)
      await clock.advance(4_999)
      expect(connection.state).toBe('open')
      await clock.advance(2)
      expect(connection.state).not.toBe('open')
    },
  )

  it('an attempt may take 10 s, and up to 30 s after failures', async () => {
    const { clock, of } = setup({ backoff: fixedBackoff(0) })
    const lasted: number[] = []
    let since = clock.now()
    for (let attempt = 0; attempt < 8; attempt++) {
      while (of('close').length === attempt) await clock.advance(500)
      lasted.push(Math.round((clock.now() - since) / 1_000) * 1_000)
      since = clock.now()
    }
    expect(of('close')[0]!.error).toMatchObject({ code: 'ERR_CONNECT_TIMEOUT' })
    expect(lasted).toEqual([10, 10, 10, 10, 16, 30, 30, 30].map((seconds) => seconds * 1_000))
  })

  it('the delays are 250 ms + U(0, 1 s · 2ⁿ) up to 30 s, without end', async () => {
    const { connection, clock, transport, of } = setup()
    for (let attempt = 1; attempt <= 60; attempt++) {
      await settle()
      transport.last.refuse()
      await clock.advance(of('backoff').at(-1)!.delay)
    }
    const delays = of('backoff').map(({ delay }) => delay)
    expect(delays.slice(0, 7)).toEqual([1, 2, 4, 8, 16, 30, 30].map((seconds) => 250 + seconds * 500))
    expect(delays).toHaveLength(60)
    expect(connection.status.willRetry).toBe(true)
    void connection.close()
  })

  it.each(['online', 'visible', 'woke', 'resume'] as const)('%s shortens a wait to U(0, 1 s)', async (signal) => {
    const { clock, transport, environment } = setup({ backoff: fixedBackoff(60_000) })
    await settle()
    transport.last.refuse()
    environment.emit(signal)
    await clock.advance(499)
    expect(transport.sockets).toHaveLength(1)
    await clock.advance(1)
    expect(transport.sockets).toHaveLength(2)
  })

  it.each([
    [401, 2],
    [403, 2],
    [404, 3],
    [410, 1],
    [426, 1],
  ])('HTTP %i ends the connection after %i attempts', async (status, attempts) => {
    const { connection, clock, transport, of } = setup({ fake: { onSocket: (socket) => socket.refuse({ status }) } })
    await clock.advance(600_000)
    expect([connection.state, transport.sockets.length]).toEqual(['ended', attempts])
    expect(of('close').at(-1)).toMatchObject({ status, willRetry: false })
  })

  it.each([
    [429, 7_000, 7_750],
    [503, 7_000, 7_750],
    [503, 3_600_000, 300_750],
    [500, undefined, 750],
  ])('HTTP %i with a Retry-After of %s leads to a wait of %i', async (status, retryAfter, delay) => {
    const { transport, of } = setup()
    await settle()
    transport.last.refuse({ status, ...(retryAfter === undefined ? {} : { retryAfter }) })
    expect(of('backoff')).toMatchObject([{ delay, hinted: retryAfter !== undefined }])
  })

  it.each([1000, 1001, 1005, 1006, 1011, 1012, 4000, 4999])('a close with %i is retried', async (code) => {
    const { connection, accept } = setup()
    const socket = await accept()
    socket.end({ code })
    expect(connection.state).toBe('backoff')
  })

  it.each([1002, 1003, 1007, 1009, 1010])('a close with %i ends the connection', async (code) => {
    const { connection, accept } = setup()
    const socket = await accept()
    socket.end({ code })
    expect(connection.state).toBe('ended')
  })

  it('1008 ends the connection if it comes three times in quick succession', async () => {
    const { connection, clock, transport } = setup({
      fake: { onSocket: (socket) => (socket.accept(), socket.end({ code: 1008 })) },
    })
    await clock.advance(600_000)
    expect([connection.state, transport.sockets.length]).toEqual(['ended', 3])
  })

  it('1013 leads to a wait of 2 s or more', async () => {
    const { accept, of } = setup({ random: () => 0 })
    const socket = await accept()
    socket.end({ code: 1013 })
    expect(of('backoff')).toMatchObject([{ delay: 2_000, hinted: true }])
  })

  it('reconnect() closes with 4000', async () => {
    expect(said.get('Connection.reconnect')).toBe('code 4000')
    const { connection, accept } = setup()
    const socket = await accept()
    connection.reconnect()
    expect(socket.actions.at(-1)).toMatchObject({ type: 'abandon', code: 4000 })
  })

  it('an attempt dialed offline is suspended for at most 1 min', async () => {
    const { connection, clock, transport, environment } = setup({ backoff: fixedBackoff(5_000) })
    await settle()
    transport.last.refuse()
    environment.emit('offline')
    expect(connection.status).toMatchObject({ state: 'suspended', why: 'offline' })
    await clock.advance(59_999)
    expect(transport.sockets).toHaveLength(1)
    await clock.advance(1)
    expect(transport.sockets).toHaveLength(2)
  })
})

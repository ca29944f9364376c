import { describe, expect, test, vi } from 'vitest'
import { createConnection } from '../../src/create-connection.js'
import { connect } from '../../src/core/index.js'
import { delivery } from '../../src/core/features/delivery.js'
import { protocolPing, textHeartbeat } from '../../src/core/policies/heartbeat.js'
import { resumable, type Continuity, type ResumeOptions } from '../../src/resume/index.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { refusal, resuming, welcome } from './support/scripted-server.js'

const storage = { getItem: () => null, setItem: () => {}, removeItem: () => {} }
const code = (name: string) => expect.objectContaining({ code: name })

describe('an option', () => {
  const wrong: [string, unknown][] = [
    ['resumable', null],
    ['resumable', 'x'],
    ['resumable.nonsense', { nonsense: 1 }],
    ['resumable.auth', { auth: 'token' }],
    ['resumable.required', { required: 1 }],
    ['resumable.window', { window: 10 }],
    ['resumable.window.size', { window: { size: 1 } }],
    ['resumable.window.messages', { window: { messages: 0 } }],
    ['resumable.window.bytes', { window: { bytes: 0.5 } }],
    ['resumable.ack.every', { ack: { every: 0 } }],
    ['resumable.ack.delay', { ack: { delay: -1 } }],
    ['resumable.ack.after', { ack: { after: 1 } }],
    ['resumable.acknowledge', { acknowledge: 'never' }],
    ['resumable.heartbeat.interval', { heartbeat: { interval: 0 } }],
    ['resumable.heartbeat.timeout', { heartbeat: { timeout: Infinity } }],
    ['resumable.heartbeat.ping', { heartbeat: { ping: 'p' } }],
    ['resumable.persist', { persist: true }],
    ['resumable.persist.storage', { persist: { storage: {}, key: 'k' } }],
    ['resumable.persist.storage', { persist: { key: 'k' } }],
    ['resumable.persist.key', { persist: { storage, key: 1 } }],
    ['resumable.persist.outbox', { persist: { storage, key: 'k', outbox: 'yes' } }],
  ]
  test.each(wrong)('%s is checked', (name, options) => {
    expect(() => resumable(options as ResumeOptions)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringContaining(`${name} (`) as string }),
    )
  })

  test('may be undefined', () => {
    const options = { auth: undefined, window: { messages: undefined }, ack: undefined, persist: undefined }
    expect(resumable(options).state).toBe('fresh')
    expect(resumable({ window: { messages: Infinity, bytes: Infinity } }).state).toBe('fresh')
  })
})

describe('a session', () => {
  test('belongs to one connection', () => {
    const session = resumable()
    const options = { autoOpen: false, transport: new FakeTransport(), features: [session] }
    createConnection('ws://server.test/', options)
    expect(() => createConnection('ws://server.test/', options)).toThrow(code('ERR_OPTION'))
  })

  test('has its own heartbeat, so the connection has none unless the session is optional', () => {
    const connecting = (options: ResumeOptions, heartbeat: ReturnType<typeof protocolPing>) => () =>
      createConnection('ws://server.test/', {
        autoOpen: false,
        transport: new FakeTransport(),
        heartbeat,
        features: [resumable(options)],
      })
    const own = textHeartbeat({ ping: 'a', pong: 'b' })
    expect(connecting({}, own)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringContaining('heartbeat') as string }),
    )
    expect(connecting({}, protocolPing())).toThrow(code('ERR_OPTION'))
    expect(connecting({ required: false }, own)).not.toThrow()
  })

  test('needs a source of random numbers', () => {
    vi.stubGlobal('crypto', undefined)
    try {
      expect(() => resumable()).toThrow(code('ERR_MISSING_PEER'))
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test('works with connect() and no other feature', async () => {
    const clock = new TestClock()
    const transport = new FakeTransport()
    const session = resumable()
    const kinds: string[] = []
    session.on('continuity', ({ kind }) => kinds.push(kind))
    const connection = connect('ws://server.test/', { transport, clock, features: [session] })
    connection.send('1')
    await settle()
    transport.last.accept({ protocol: 'resume.v1' })
    await settle()
    transport.last.message(welcome())
    await settle()
    expect([transport.last.sent.slice(1), kinds]).toEqual([['d1:1'], ['begun']])
    transport.last.message('a1')
    connection.close()
    expect(transport.last.actions.at(-1)?.type).toBe('close')
  })

  test('comes after delivery(), whose count of uncertain messages it replaces', () => {
    const connecting = (features: readonly never[]) => () =>
      connect('ws://server.test/', { transport: new FakeTransport(), autoOpen: false, features })
    expect(connecting([resumable(), delivery()] as never)).toThrow(code('ERR_OPTION'))
    expect(connecting([delivery(), resumable()] as never)).not.toThrow()
  })
})

describe('a continuity listener', () => {
  test('may be added before and after the connection, and removed in each way', async () => {
    const session = resumable()
    const heard: string[] = []
    const early = session.on('continuity', () => heard.push('removed early'))
    session.on('continuity', () => heard.push('early'))
    const late = session.on('continuity', () => heard.push('removed late'))
    session.on('continuity', () => heard.push('once'), { once: true })
    const abort = new AbortController()
    session.on('continuity', () => heard.push('signal'), { signal: abort.signal })
    session.on('continuity', () => heard.push('aborted before'), { signal: AbortSignal.abort() })
    early()
    const transport = new FakeTransport()
    const connection = createConnection('ws://server.test/', { transport, clock: new TestClock(), features: [session] })
    connection.on('continuity', ({ kind }) => heard.push(`connection: ${kind}`))
    session.on('continuity', () => heard.push('late'))
    late()
    await settle()
    transport.last.accept({ protocol: 'resume.v1' })
    await settle()
    transport.last.message(welcome())
    await settle()
    expect(heard).toEqual(['early', 'once', 'signal', 'connection: begun', 'late'])
    abort.abort()
    heard.length = 0
    transport.last.message(refusal({ reason: 'ended' }))
    expect(heard).toEqual(['early', 'connection: lost', 'late'])
  })

  test('has the same options with connect(), and no checks()', async () => {
    const session = resumable()
    const heard: string[] = []
    const abort = new AbortController()
    session.on('continuity', () => heard.push('once'), { once: true })
    session.on('continuity', () => heard.push('signal'), { signal: abort.signal })
    session.on('continuity', () => heard.push('aborted before'), { signal: AbortSignal.abort() })
    const off = session.on('continuity', () => heard.push('off'), { signal: abort.signal })
    const transport = new FakeTransport()
    connect('ws://server.test/', { transport, clock: new TestClock(), features: [session] })
    await settle()
    transport.last.accept({ protocol: 'resume.v1' })
    await settle()
    off()
    transport.last.message(welcome())
    await settle()
    abort.abort()
    transport.last.message(refusal({ reason: 'ended' }))
    expect(heard).toEqual(['once', 'signal'])
  })

  test('that throws or rejects is reported, and the others are called', async () => {
    const { session, continuity, errors, open } = resuming()
    const boom = new Error('boom')
    session.on('continuity', () => {
      throw boom
    })
    session.on('continuity', () => Promise.reject(boom))
    await open()
    expect([continuity.length, errors]).toEqual([
      1,
      [
        ['ERR_LISTENER', boom],
        ['ERR_LISTENER', boom],
      ],
    ])
  })

  test('is checked when it is added', () => {
    const { on } = resumable()
    expect(() => on('other' as never, () => {})).toThrow(code('ERR_OPTION'))
    expect(() => on('continuity', 'x' as never)).toThrow(code('ERR_OPTION'))
    expect(() => on('continuity', () => {}, { signal: 1 as never })).toThrow(code('ERR_OPTION'))
    expect(() => on('continuity', () => {}, { twice: true } as never)).toThrow(code('ERR_OPTION'))
  })

  test('may close the connection', async () => {
    const { session, connection, open } = resuming()
    const seen: Continuity[] = []
    session.on('continuity', (event) => {
      seen.push(event)
      void connection.close()
    })
    const socket = await open()
    expect([seen.length, connection.state, socket.sent.at(-1)]).toEqual([1, 'closing', 'b0'])
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConnectionError } from '../../../src/core/errors.js'
import { noHeartbeat, protocolPing, serverPing, textHeartbeat } from '../../../src/core/policies/heartbeat.js'
import { checkHeartbeat, heartbeatDefaults, type Heartbeat } from '../../../src/core/policies/profile.js'

const wrong = (value: unknown) => value as never

function refusal(act: () => unknown): ConnectionError {
  try {
    act()
  } catch (error) {
    if (error instanceof ConnectionError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const made = (heartbeat: Heartbeat): unknown => (typeof heartbeat.ping === 'function' ? heartbeat.ping() : undefined)

describe('protocolPing', () => {
  it('pings in the protocol after 20 s of silence and waits 10 s by default', () => {
    expect(protocolPing()).toEqual({ interval: 20_000, timeout: 10_000, when: 'idle', proof: 'any', ping: 'protocol' })
  })

  it('accepts other values', () => {
    const options = { interval: 2_000, timeout: 1_000, when: 'always', proof: 'pong' } as const
    expect(protocolPing(options)).toEqual({ ...options, ping: 'protocol' })
  })
})

describe('textHeartbeat', () => {
  it('recognizes its pong and nothing else', () => {
    const { classify } = textHeartbeat({ ping: 'ping', pong: 'pong' })
    expect(classify?.('pong')).toBe('pong')
    for (const frame of ['ping', 'pong ', '', new ArrayBuffer(4), new Blob(['pong'])]) {
      expect(classify?.(frame)).toBeUndefined()
    }
  })

  it('accepts a predicate for the pong, including binary frames', () => {
    const { classify } = textHeartbeat({
      ping: new Uint8Array([0xc0, 0]),
      pong: (frame) => frame instanceof ArrayBuffer && frame.byteLength === 2,
    })
    expect(classify?.(new ArrayBuffer(2))).toBe('pong')
    expect(classify?.(new ArrayBuffer(3))).toBeUndefined()
    expect(classify?.('xx')).toBeUndefined()
  })

  it('also sends a File, which is a Blob', () => {
    const file = new File(['x'], 'x')
    expect(made(textHeartbeat({ ping: file, pong: 'pong' }))).toBe(file)
  })

  it.each([['text'], [''], [new ArrayBuffer(1)], [new Uint8Array(2)], [new Blob(['x'])]])(
    'sends the given ping: %o',
    (ping) => {
      expect(made(textHeartbeat({ ping, pong: 'pong' }))).toBe(ping)
    },
  )

  it('creates a new ping each time if given a function', () => {
    let id = 0
    const heartbeat = textHeartbeat({ ping: () => `{"id":${++id}}`, pong: () => true })
    expect([made(heartbeat), made(heartbeat)]).toEqual(['{"id":1}', '{"id":2}'])
  })

  it('calls none of its functions until needed', () => {
    const never = () => {
      throw new Error('too early')
    }
    expect(() => textHeartbeat({ ping: never, pong: never })).not.toThrow()
  })

  it('passes exceptions of its functions to the caller, who guards them', () => {
    const bang = () => {
      throw new Error('bang')
    }
    const heartbeat = textHeartbeat({ ping: bang, pong: bang })
    expect(() => made(heartbeat)).toThrow('bang')
    expect(() => heartbeat.classify?.('x')).toThrow('bang')
  })
})

describe('serverPing', () => {
  it('sends no ping of its own', () => {
    expect(serverPing()).toEqual({ interval: 20_000, timeout: 20_000, when: 'idle', proof: 'any', ping: 'none' })
  })

  it('never suspects a server that keeps its interval: half an interval plus the timeout covers it', () => {
    const span = fc.integer({ min: 1, max: 1e7 })
    fc.assert(
      fc.property(span, span, (interval, timeout) => {
        const heartbeat = serverPing({ interval, timeout })
        expect(heartbeat.interval).toBe(interval)
        expect(heartbeat.interval / 2 + heartbeat.timeout).toBe(interval + timeout)
      }),
    )
  })

  it('recognizes the ping and answers it', () => {
    const engineIo = serverPing({ interval: 25_000, timeout: 20_000, ping: '2', answer: '3' })
    expect(engineIo.classify?.('2')).toBe('ping')
    expect(engineIo.classify?.('42["hello"]')).toBeUndefined()
    expect(engineIo.answer?.('2')).toBe('3')
  })

  it('creates the reply from the ping if given functions', () => {
    const heartbeat = serverPing({
      ping: (frame) => typeof frame === 'string' && frame.startsWith('PING'),
      answer: (ping) => (ping === 'PING' ? undefined : String(ping).replace('PING', 'PONG')),
    })
    expect(heartbeat.classify?.('PING 7')).toBe('ping')
    expect(heartbeat.answer?.('PING 7')).toBe('PONG 7')
    expect(heartbeat.answer?.('PING')).toBeUndefined()
  })

  it('accepts any frame if no ping is given', () => {
    expect(serverPing()).not.toHaveProperty('classify')
    expect(serverPing()).not.toHaveProperty('answer')
  })

  it('has no pong and no schedule option', () => {
    expect(refusal(() => serverPing(wrong({ proof: 'pong' }))).message).toContain(
      'heartbeat.proof (a string of 4 characters) must not be given',
    )
    expect(refusal(() => serverPing(wrong({ when: 'always' }))).code).toBe('ERR_OPTION')
  })
})

describe('withhold', () => {
  it('is left to the default unless given', () => {
    expect(textHeartbeat({ ping: 'a', pong: 'b' })).not.toHaveProperty('withhold')
    expect(serverPing({ ping: 'a' })).not.toHaveProperty('withhold')
  })

  it.each([true, false])('%s is passed on', (withhold) => {
    expect(textHeartbeat({ ping: 'a', pong: 'b', withhold })).toHaveProperty('withhold', withhold)
    expect(serverPing({ ping: 'a', withhold })).toHaveProperty('withhold', withhold)
    const profile = { ...protocolPing(), withhold }
    expect(checkHeartbeat(profile)).toEqual(profile)
  })

  it('is rejected for any other value, and if the ping is not a message', () => {
    const makes = [
      (options: object) => textHeartbeat(wrong({ ping: 'a', pong: 'b', ...options })),
      (options: object) => serverPing(wrong(options)),
      (options: object) => checkHeartbeat({ ...protocolPing(), ...options }),
    ]
    for (const make of makes) {
      for (const withhold of [0, 'no', null])
        expect(refusal(() => make({ withhold })).message).toContain('heartbeat.withhold (')
    }
    expect(refusal(() => protocolPing(wrong({ withhold: false }))).message).toContain('must not be given')
  })
})

it('noHeartbeat sends nothing and never checks', () => {
  expect(noHeartbeat()).toMatchObject({ interval: Infinity, ping: 'none' })
})

it('the profiles of the factories and minimal custom ones pass the check unchanged', () => {
  const all = [
    protocolPing(),
    protocolPing({ when: 'always', proof: 'pong' }),
    textHeartbeat({ ping: 'a', pong: 'b', proof: 'pong' }),
    serverPing(),
    serverPing({ ping: 'a', answer: 'b' }),
    // Any frame proves liveness, so no pong needs to be recognized.
    { ...heartbeatDefaults, ping: () => 'a' },
    noHeartbeat(),
  ]
  for (const heartbeat of all) expect(checkHeartbeat(heartbeat)).toEqual(heartbeat)
})

it("a long timeout is valid with when: 'idle', since no second ping is sent before it ends", () => {
  expect(protocolPing({ interval: 5_000, timeout: 10_000 })).toMatchObject({ interval: 5_000, timeout: 10_000 })
})

describe('an invalid value is rejected at once, by name', () => {
  const factories = {
    protocolPing: (options: object) => protocolPing(wrong(options)),
    textHeartbeat: (options: object) => textHeartbeat(wrong({ ping: 'a', pong: 'b', ...options })),
    serverPing: (options: object) => serverPing(wrong(options)),
    checkHeartbeat: (options: object) => checkHeartbeat({ ...protocolPing(), ...options }),
  }
  const spans = [0, 0.5, -1, NaN, Infinity, '5', null]

  it.each(Object.entries(factories))('%s: interval, timeout, unknown names', (_, make) => {
    for (const name of ['interval', 'timeout']) {
      for (const value of spans) {
        const error = refusal(() => make({ [name]: value }))
        expect(error.code).toBe('ERR_OPTION')
        expect(error.message).toContain(`heartbeat.${name} (`)
      }
    }
    expect(refusal(() => make({ intervall: 5 })).message).toContain('heartbeat.intervall (5) must not be given')
  })

  it.each(['protocolPing', 'textHeartbeat', 'checkHeartbeat'] as const)('%s: when, proof, always', (name) => {
    const make = factories[name]
    expect(refusal(() => make({ when: 'never' })).message).toContain('heartbeat.when (')
    expect(refusal(() => make({ proof: 'ping' })).message).toContain('heartbeat.proof (')
    expect(refusal(() => make({ when: 'always', interval: 20_000, timeout: 30_000 })).message).toBe(
      "heartbeat.timeout (30000) must be less than heartbeat.interval (20000) when 'always'",
    )
    expect(() => make({ when: 'always', interval: 1_000, timeout: 1_000 })).toThrow(ConnectionError)
    expect(() => make({ when: 'always', interval: 1_000, timeout: 999 })).not.toThrow()
  })

  it.each([
    ['heartbeat.ping', () => textHeartbeat(wrong({ pong: 'b' }))],
    ['heartbeat.ping', () => textHeartbeat(wrong({ ping: 5, pong: 'b' }))],
    ['heartbeat.ping', () => textHeartbeat(wrong({ ping: new SharedArrayBuffer(1), pong: 'b' }))],
    ['heartbeat.pong', () => textHeartbeat(wrong({ ping: 'a' }))],
    ['heartbeat.pong', () => textHeartbeat(wrong({ ping: 'a', pong: /b/ }))],
    ['heartbeat.ping', () => serverPing(wrong({ ping: 5 }))],
    ['heartbeat.answer', () => serverPing(wrong({ ping: 'a', answer: 5 }))],
    ['heartbeat.answer', () => serverPing({ answer: 'b' })],
    ['heartbeat', () => textHeartbeat(wrong(undefined))],
    ['heartbeat', () => protocolPing(wrong(null))],
    ['heartbeat', () => checkHeartbeat(protocolPing)],
    ['heartbeat', () => checkHeartbeat(undefined)],
    ['heartbeat.ping', () => checkHeartbeat({ ...heartbeatDefaults })],
    ['heartbeat.ping', () => checkHeartbeat({ ...heartbeatDefaults, ping: 'ping' })],
    ['heartbeat.interval', () => checkHeartbeat({ ...serverPing(), interval: 0 })],
    ['heartbeat.when', () => checkHeartbeat({ ...serverPing(), when: 'always' })],
    ['heartbeat.proof', () => checkHeartbeat({ ...serverPing(), proof: 'pong' })],
    ['heartbeat.classify', () => checkHeartbeat({ ...protocolPing(), classify: 'pong' })],
    ['heartbeat.classify', () => checkHeartbeat({ ...heartbeatDefaults, proof: 'pong', ping: () => 'a' })],
    ['heartbeat.answer', () => checkHeartbeat({ ...protocolPing(), classify: () => 'ping', answer: 'pong' })],
    ['heartbeat.answer', () => checkHeartbeat({ ...protocolPing(), answer: () => 'pong' })],
  ])('%s %#', (name, act) => {
    const error = refusal(act)
    expect(error.code).toBe('ERR_OPTION')
    expect(error.message).toContain(`${name} (`)
  })
})

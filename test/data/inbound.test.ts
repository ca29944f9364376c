import { describe, expect, test } from 'vitest'
import { Inbound } from '../../src/data/inbound.js'
import { protocolPing, serverPing, textHeartbeat, type Heartbeat } from '../../src/policies/heartbeat.js'
import type { Frame } from '../../src/transports/transport.js'

/** With so many pings outstanding. */
function inbound(heartbeat: Heartbeat = protocolPing(), decode?: (frame: Frame) => unknown, outstanding = Infinity) {
  const codec = decode && { decode }
  const told: unknown[] = []
  const heard: unknown[] = []
  const one = new Inbound<unknown>(heartbeat, codec, {
    alive: () => told.push('alive'),
    pong: () => outstanding-- > 0 && told.push('pong') > 0,
    answer: (data) => told.push({ answer: data }),
    fail: (code, what, thrown) => told.push([code, what, thrown]),
  })
  one.listeners.add((message) => heard.push(message))
  return { inbound: one, told, heard }
}

const fault = new Error('fault')
const throwing = (): never => {
  throw fault
}
const text = (options: object = {}): Heartbeat => textHeartbeat({ ping: 'ping', pong: 'pong', ...options })

describe('it counts', () => {
  test('frames, messages, and their size without a pass over the text', () => {
    const { inbound: one } = inbound()
    one.message('ä€')
    one.message(new ArrayBuffer(10))
    one.message(new Blob(['12345']))
    one.alive('ping')
    one.alive('pong')
    expect([one.frames, one.messages, one.size]).toEqual([5, 3, 17])
  })

  test('heartbeat frames of the app’s dialect as frames, not as messages', () => {
    const { inbound: one, heard } = inbound(text())
    one.message('pong')
    one.message('news')
    expect([one.frames, one.messages, heard]).toEqual([2, 1, ['news']])
  })

  test('every frame as proof of life, or pongs only', () => {
    const { inbound: any } = inbound()
    const { inbound: pongs } = inbound(protocolPing({ proof: 'pong' }))
    for (const one of [any, pongs]) {
      one.message('x')
      one.alive('ping')
      one.alive('pong')
    }
    expect([any.proofs, pongs.proofs]).toEqual([3, 1])
  })
})

describe('the proof that is awaited', () => {
  const frames = {
    message: (one: Inbound<unknown>) => one.message('x'),
    'a ping': (one: Inbound<unknown>) => one.alive('ping'),
    'a pong': (one: Inbound<unknown>) => one.alive('pong'),
  }

  test.each(Object.entries(frames))('is %s, once', (name, come) => {
    const { inbound: one, told } = inbound()
    const pong = name === 'a pong' ? ['pong'] : []
    expect(one.expecting).toBe(false)
    come(one)
    expect(told).toEqual(pong)
    one.expectProof()
    expect(one.expecting).toBe(true)
    come(one)
    expect(one.expecting).toBe(false)
    come(one)
    expect(told).toEqual([...pong, ...pong, 'alive', ...pong])
  })

  test.each(Object.entries(frames))('where only a pong proves, is not %s, unless that is one', (name, come) => {
    const { inbound: one, told } = inbound(protocolPing({ proof: 'pong' }))
    one.expectProof()
    come(one)
    expect(told).toEqual(name === 'a pong' ? ['pong', 'alive'] : [])
  })

  test('is a pong of the app’s dialect', () => {
    const { inbound: one, told } = inbound(text({ proof: 'pong' }))
    one.expectProof()
    one.message('x')
    expect(told).toEqual([])
    one.message('pong')
    expect(told).toEqual(['pong', 'alive'])
  })

  test('is owed by no other socket', () => {
    const { inbound: one, told } = inbound()
    one.expectProof()
    one.reset()
    one.message('x')
    expect(told).toEqual([])
  })
})

describe('a pong that is the answer to nothing', () => {
  test('is a message, and no pong', () => {
    const { inbound: one, told, heard } = inbound(text({ proof: 'pong' }), undefined, 1)
    one.expectProof()
    one.message('pong')
    one.expectProof()
    one.message('pong')
    expect([told, heard]).toEqual([['pong', 'alive'], ['pong']])
    expect([one.frames, one.messages, one.proofs, one.expecting]).toEqual([2, 1, 1, true])
  })

  test('of the protocol is a sign of life, and no more', () => {
    const { inbound: one, told } = inbound(protocolPing(), undefined, 0)
    one.expectProof()
    one.alive('stray')
    expect(told).toEqual(['alive'])
    const { inbound: strict, told: nothing } = inbound(protocolPing({ proof: 'pong' }), undefined, 0)
    strict.expectProof()
    strict.alive('stray')
    expect([nothing, strict.proofs]).toEqual([[], 0])
  })

  test('is what comes in the protocol where the ping is a message, and the other way round', () => {
    const { inbound: one, told } = inbound(text({ proof: 'pong' }))
    one.alive('pong')
    const { inbound: other, told: nothing, heard } = inbound({ ...protocolPing(), recognise: () => 'pong' })
    other.message('pong')
    expect([told, nothing, heard]).toEqual([[], [], ['pong']])
  })
})

describe('a server that pings', () => {
  test('is answered, and not heard by listeners', () => {
    const { inbound: one, told, heard } = inbound(serverPing({ ping: '2', answer: '3' }))
    one.message('2')
    one.message('42')
    expect([told, heard]).toEqual([[{ answer: '3' }], ['42']])
  })

  test('is not answered where there is nothing to say', () => {
    const { inbound: one, told, heard } = inbound(serverPing({ ping: '2' }))
    one.message('2')
    expect([told, heard]).toEqual([[], []])
  })

  test('whose ping cannot be answered is reported, and it was a ping all the same', () => {
    const { inbound: one, told, heard } = inbound(serverPing({ ping: '2', answer: throwing }))
    one.message('2')
    expect([told, heard]).toEqual([[['ERR_POLICY', 'heartbeat.answer', fault]], []])
    expect(one.proofs).toBe(1)
  })
})

test('what cannot be recognised is reported, counts as proof, for it may have been the pong, and is delivered', () => {
  const { inbound: one, told, heard } = inbound(text({ pong: throwing, proof: 'pong' }))
  one.expectProof()
  one.message('x')
  expect(told).toEqual([['ERR_POLICY', 'heartbeat.recognise', fault], 'alive'])
  expect([one.proofs, heard]).toEqual([1, ['x']])
})

test('what cannot be decoded is reported and reaches nobody', () => {
  const { inbound: one, told, heard } = inbound(protocolPing(), throwing)
  one.message('x')
  expect([told, heard]).toEqual([[['ERR_DECODE', 'codec.decode', fault]], []])
})

test('a listener that throws is reported as one', () => {
  const { inbound: one, told } = inbound()
  one.listeners.add(throwing)
  one.message('x')
  expect(told).toEqual([['ERR_LISTENER', "a 'message' listener", fault]])
})

test.each(['release', 'reset'] as const)('frames go to who holds them, undecoded, until %s', (end) => {
  const { inbound: one, heard } = inbound(protocolPing(), (frame) => ({ frame }))
  const taken: Frame[] = []
  one.hold({ take: (frame) => void taken.push(frame) })
  one.message('1')
  one[end]()
  one.message('2')
  expect([taken, heard]).toEqual([['1'], [{ frame: '2' }]])
})

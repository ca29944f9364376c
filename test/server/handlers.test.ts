import { describe, expect, it } from 'vitest'
import type { NumberedMessage } from '../../src/server/index.js'
import { cluster, settle, sid } from './cluster.js'
import type { FakeSocket } from './fake-socket.js'

/** Handlers that the test finishes. */
function manual<T>(): {
  call: (given: T) => Promise<void>
  calls: T[]
  finish: () => Promise<void>
  fail: () => Promise<void>
} {
  const calls: T[] = []
  let settleLast: { resolve: () => void; reject: (thrown: unknown) => void } | undefined
  return {
    calls,
    call: (given) => {
      calls.push(given)
      return new Promise((resolve, reject) => (settleLast = { resolve, reject }))
    },
    finish: () => {
      settleLast?.resolve()
      return settle()
    },
    fail: () => {
      settleLast?.reject(new Error('no'))
      return settle()
    },
  }
}

function messages(socket: FakeSocket, first: number, last: number): void {
  for (let number = first; number <= last; number++) socket.message(number)
}

describe('a handler', () => {
  it('gets messages one at a time and in order', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    const { call, calls, finish } = manual<unknown>()
    node.session.on('message', call)
    messages(socket, 1, 3)
    await settle()
    expect(calls).toEqual(['m1'])
    await finish()
    expect(calls).toEqual(['m1', 'm2'])
    await finish()
    expect(calls).toEqual(['m1', 'm2', 'm3'])
  })

  it('gets the number of its message, and a signal that aborts when the session moves or ends', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    let context: { number: number; signal: AbortSignal } | undefined
    node.session.on('message', (_, given) => {
      context = given
      return new Promise(() => {})
    })
    socket.message(1)
    expect([context?.number, context?.signal.aborted]).toEqual([1, false])
    await node.session.close()
    expect(context?.signal.aborted).toBe(true)
  })

  it('gets messages that came before it was added', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    messages(socket, 1, 2)
    const got: unknown[] = []
    node.session.on('message', (message) => got.push(message))
    expect(got).toEqual(['m1', 'm2'])
  })

  it('gets text as strings and binary as bytes', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    const got: unknown[] = []
    node.session.on('message', (message) => got.push(typeof message === 'string' ? message : [...message]))
    socket.message(1, 'text')
    socket.message(2, Uint8Array.of(1, 2, 255))
    socket.message(3, '')
    socket.message(4, new Uint8Array())
    expect(got).toEqual(['text', [1, 2, 255], '', []])
  })

  it('gets a duplicate once, and the client an acknowledgment again', async () => {
    const { node: make, clock } = cluster()
    const node = make('a')
    const socket = await node.hello({ sid: sid('s') })
    const got: unknown[] = []
    node.session.on('message', (message) => got.push(message))
    messages(socket, 1, 2)
    await clock.advance(50)
    const before = socket.frames('ack').length
    messages(socket, 1, 2)
    await clock.advance(50)
    expect([got, socket.frames('ack').length, socket.acknowledged]).toEqual([['m1', 'm2'], before + 1, 2])
  })

  it('gets nothing after a gap: the socket is closed with 4400', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    const got: unknown[] = []
    node.session.on('message', (message) => got.push(message))
    messages(socket, 1, 1)
    messages(socket, 3, 4)
    expect([got, socket.closed?.code, node.session.state]).toEqual([['m1'], 4400, 'away'])
  })

  it('can be removed; messages then wait for the next one', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    const [first, second]: unknown[][] = [[], []]
    const off = node.session.on('message', (message) => first!.push(message))
    messages(socket, 1, 1)
    off()
    messages(socket, 2, 2)
    node.session.on('message', (message) => second!.push(message))
    expect([first, second]).toEqual([['m1'], ['m2']])
  })

  it('must be the only one', async () => {
    const node = cluster().node('a')
    await node.hello({ sid: sid('s') })
    node.session.on('message', () => {})
    expect(() => node.session.on('messages', () => {})).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
    expect(() => node.session[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
  })
})

describe('an acknowledgment', () => {
  it('follows the promise of the handler, after ack.delay', async () => {
    const { node: make, clock } = cluster()
    const node = make('a')
    const socket = await node.hello({ sid: sid('s') })
    const { call, finish } = manual<unknown>()
    node.session.on('message', call)
    messages(socket, 1, 2)
    await clock.advance(1_000)
    expect(socket.acknowledged).toBeUndefined()
    await finish()
    await clock.advance(49)
    expect(socket.acknowledged).toBeUndefined()
    await clock.advance(1)
    expect(socket.acknowledged).toBe(1)
  })

  it('comes at once after ack.every messages', async () => {
    const node = cluster({ ack: { every: 3 } }).node('a')
    const socket = await node.hello({ sid: sid('s') })
    node.session.on('message', () => {})
    messages(socket, 1, 3)
    await settle()
    expect(socket.frames('ack').map(({ number }) => number)).toEqual([3])
  })

  it('is sent once for many messages', async () => {
    const { node: make, clock } = cluster()
    const node = make('a')
    const socket = await node.hello({ sid: sid('s') })
    node.session.on('message', () => {})
    messages(socket, 1, 200)
    await clock.advance(50)
    expect(socket.frames('ack').map(({ number }) => number)).toEqual([200])
  })

  it('answers a ping, too', async () => {
    const { node: make, clock } = cluster()
    const node = make('a')
    const socket = await node.hello({ sid: sid('s') })
    node.session.on('message', () => {})
    socket.message(1)
    await clock.advance(50)
    socket.receive('p0')
    expect(socket.sent.at(-1)).toBe('q1')
  })

  it('waits for the store: what is not stored is not acknowledged', async () => {
    const { node: make, clock } = cluster()
    const node = make('a')
    const socket = await node.hello({ sid: sid('s') })
    node.session.on('message', () => {})
    await node.kill()
    const second = node.socket()
    second.hello({ sid: sid('s'), gen: 2 })
    await clock.advance(100)
    expect([socket.acknowledged, second.closed?.code, node.errors.at(-1)?.code]).toEqual([undefined, 1013, 'ERR_STORE'])
  })
})

describe('a batch', () => {
  it('has the messages that have come, at most limit', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    const { call, calls, finish } = manual<readonly unknown[]>()
    const firsts: number[] = []
    node.session.on(
      'messages',
      (batch, { first }) => {
        firsts.push(first)
        return call(batch)
      },
      { limit: 2 },
    )
    messages(socket, 1, 4)
    await finish()
    await finish()
    await finish()
    expect([calls, firsts]).toEqual([
      [['m1'], ['m2', 'm3'], ['m4']],
      [1, 2, 4],
    ])
  })

  it('is acknowledged as a whole', async () => {
    const { node: make, clock } = cluster()
    const node = make('a')
    const socket = await node.hello({ sid: sid('s') })
    messages(socket, 1, 5)
    node.session.on('messages', () => {})
    await clock.advance(50)
    expect(socket.acknowledged).toBe(5)
  })
})

describe('a loop over a session', () => {
  it('handles a message until the next is asked for', async () => {
    const { node: make, clock } = cluster()
    const node = make('a')
    const socket = await node.hello({ sid: sid('s') })
    const reader = node.session[Symbol.asyncIterator]()
    messages(socket, 1, 2)
    expect((await reader.next()).value).toEqual({ data: 'm1', number: 1 })
    await clock.advance(100)
    expect(socket.acknowledged).toBeUndefined()
    expect((await reader.next()).value).toEqual({ data: 'm2', number: 2 })
    await clock.advance(100)
    expect(socket.acknowledged).toBe(1)
    await reader.return!()
    await clock.advance(100)
    expect(socket.acknowledged).toBe(2)
  })

  it('ends when the session ends', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    const got: NumberedMessage<unknown>[] = []
    const loop = (async () => {
      for await (const message of node.session) got.push(message)
    })()
    messages(socket, 1, 2)
    await settle()
    await node.session.close()
    await loop
    expect(got.map(({ number }) => number)).toEqual([1, 2])
  })

  it('leaves the rest for another loop', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    messages(socket, 1, 3)
    const got: number[] = []
    for await (const { number } of node.session) {
      got.push(number)
      break
    }
    for await (const { number } of node.session) {
      got.push(number)
      if (number === 3) break
    }
    expect(got).toEqual([1, 2, 3])
  })
})

describe('a handler that throws', () => {
  it('ends the session: the client learns what was handled, and that this message is uncertain', async () => {
    const { node: make, clock } = cluster()
    const node = make('a')
    const socket = await node.hello({ sid: sid('s') })
    node.session.on('message', (_, { number }) => {
      if (number === 2) throw new Error('no')
    })
    const ended: string[] = []
    node.session.on('ended', ({ reason }) => ended.push(reason))
    messages(socket, 1, 4)
    await clock.advance(50)
    expect(socket.refusal).toEqual({ reason: 'ended', rx: 1, exact: false, tried: 2 })
    expect([socket.closed?.code, ended, node.errors.map(({ code }) => code), node.server.size]).toEqual([
      1011,
      ['handler'],
      ['ERR_HANDLER'],
      0,
    ])
    const late = await node.hello({ sid: sid('s'), gen: 2 })
    expect(late.refusal).toMatchObject({ reason: 'ended', rx: 1, tried: 2 })
  })

  it('ends the session when its promise rejects, with the whole batch uncertain', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    messages(socket, 1, 3)
    node.session.on('messages', () => Promise.reject(new Error('no')))
    await settle()
    expect(socket.refusal).toEqual({ reason: 'ended', rx: 0, exact: false, tried: 3 })
  })

  it('is reported, and its message counts as handled, with onError skip', async () => {
    const { node: make, clock } = cluster({ onError: 'skip' })
    const node = make('a')
    const socket = await node.hello({ sid: sid('s') })
    node.session.on('message', (_, { number }) => {
      if (number === 2) throw new Error('no')
    })
    messages(socket, 1, 3)
    await clock.advance(50)
    expect([socket.acknowledged, node.session.state, node.errors.map(({ code }) => code)]).toEqual([
      3,
      'attached',
      ['ERR_HANDLER'],
    ])
  })

  it.each([
    [
      'the codec that throws',
      {
        codec: {
          encode: (m: never) => m,
          decode: (): never => {
            throw new Error('no JSON')
          },
        },
      },
    ],
  ])('includes %s', async (_, options) => {
    const node = cluster(options).node('a')
    const socket = await node.hello({ sid: sid('s') })
    node.session.on('message', () => {})
    socket.message(1)
    await settle()
    expect([socket.refusal?.['reason'], node.errors.map(({ code }) => code)]).toEqual(['ended', ['ERR_HANDLER']])
  })
})

describe('the inbox', () => {
  it('pauses the socket at its bound, and resumes it at half', async () => {
    const node = cluster({ inbox: { messages: 4 } }).node('a')
    const socket = await node.hello({ sid: sid('s') })
    const { call, finish } = manual<unknown>()
    node.session.on('message', call)
    messages(socket, 1, 4)
    expect(socket.paused).toBe(false)
    messages(socket, 5, 5)
    expect(socket.paused).toBe(true)
    await finish()
    expect(socket.paused).toBe(true)
    await finish()
    await finish()
    expect(socket.paused).toBe(false)
  })

  it('counts bytes, too', async () => {
    const node = cluster({ inbox: { bytes: 10 } }).node('a')
    const socket = await node.hello({ sid: sid('s') })
    node.session.on('message', () => new Promise(() => {}))
    socket.message(1, 'x'.repeat(100))
    expect(socket.paused).toBe(false)
    socket.message(2, 'x'.repeat(10))
    expect(socket.paused).toBe(true)
  })

  it('keeps a later socket paused until there is room', async () => {
    const node = cluster({ inbox: { messages: 1 } }).node('a')
    const socket = await node.hello({ sid: sid('s') })
    const { call, finish } = manual<unknown>()
    node.session.on('message', call)
    messages(socket, 1, 2)
    socket.drop()
    const second = await node.hello({ sid: sid('s'), gen: 2 })
    expect(second.paused).toBe(true)
    await finish()
    expect(second.paused).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import { memoryStore, type SessionStore } from '../../src/server/index.js'
import type { OpenStore } from '../../src/server/stores/store.js'
import { cluster, settle, sid } from './cluster.js'

describe('a node without a lease', () => {
  it('handles and acknowledges nothing until it has one again', async () => {
    let leased = true
    const memory = memoryStore()
    const store: SessionStore = {
      open: async (...given) => Object.assign(await memory.open(...given), { leased: () => leased }),
    }
    const { node: make, clock } = cluster({}, store)
    const a = make('a')
    const socket = await a.hello({ sid: sid('s') })
    const effects: unknown[] = []
    a.session.on('message', (message) => effects.push(message))
    leased = false
    socket.message(1)
    await clock.advance(1_000)
    expect([effects, socket.acknowledged]).toEqual([[], undefined])
    leased = true
    await clock.advance(100)
    expect([effects, socket.acknowledged]).toEqual([['m1'], 1])
  })

  it('closes the sockets of its sessions (1013), so that clients look for a node that reaches the store', async () => {
    let leased = true
    const memory = memoryStore()
    const store: SessionStore = {
      open: async (...given) => Object.assign(await memory.open(...given), { leased: () => leased }),
    }
    const { node: make, clock } = cluster({}, store)
    const a = make('a')
    const socket = await a.hello({ sid: sid('s') })
    leased = false
    await clock.advance(1_000)
    expect(socket.closed).toBeUndefined()
    await clock.advance(1_000)
    expect(socket.closed).toEqual({ code: 1013, reason: 'the store failed' })
    expect(a.session.state).toBe('away')
  })

  it('handles nothing after a lapse of its lease if another node has claimed the session meanwhile, also if it is the owner', async () => {
    let lapses = 0
    const memory = memoryStore()
    const opened: OpenStore[] = []
    const store: SessionStore = {
      open: async (...given) => {
        const open = await memory.open(...given)
        opened.push(open)
        return Object.defineProperty(open, 'lapses', { get: () => lapses })
      },
    }
    const { node: make, clock } = cluster({}, store)
    const a = make('a')
    const socket = await a.hello({ sid: sid('s') })
    const effects: unknown[] = []
    a.session.on('message', (message) => effects.push(message))
    socket.message(1)
    await clock.advance(100)
    lapses++
    socket.message(2)
    await clock.advance(100)
    expect(effects).toEqual(['m1', 'm2'])
    lapses++
    // The claim of a node that believes this one dead, and has not taken the session yet.
    await opened[0]!.claim({ id: sid('s'), gen: 2, rx: 0, epoch: '', principal: 'ann' })
    socket.message(3)
    await clock.advance(100)
    expect([effects, a.session.state]).toEqual([['m1', 'm2'], 'moved'])
  })

  it('keeps a session that a later link has claimed here while the store was asked', async () => {
    let lapses = 0
    let answer = (): void => {}
    const memory = memoryStore()
    const store: SessionStore = {
      open: async (...given) => {
        const open = await memory.open(...given)
        const take = open.take.bind(open)
        open.take = async (...rest) => {
          if (lapses === 1 && rest[1] === 1) await new Promise<void>((resolve) => (answer = resolve))
          return take(...rest)
        }
        return Object.defineProperty(open, 'lapses', { get: () => lapses })
      },
    }
    const { node: make, clock } = cluster({}, store)
    const a = make('a')
    const socket = await a.hello({ sid: sid('s') })
    const effects: unknown[] = []
    a.session.on('message', (message) => effects.push(message))
    lapses = 1
    socket.message(1)
    await settle()
    const later = await a.hello({ sid: sid('s'), gen: 2 })
    answer()
    await clock.advance(100)
    expect([effects, a.session.state, later.acknowledged]).toEqual([['m1'], 'attached', 1])
  })

  it('asks the store again whether a session is its own if the store fails meanwhile', async () => {
    let [lapses, failures] = [0, 0]
    const memory = memoryStore()
    const store: SessionStore = {
      open: async (...given) => {
        const open = await memory.open(...given)
        const take = open.take.bind(open)
        open.take = (...rest) => (failures-- > 0 ? Promise.reject(new Error('unreachable')) : take(...rest))
        return Object.defineProperty(open, 'lapses', { get: () => lapses })
      },
    }
    const { node: make, clock } = cluster({}, store)
    const a = make('a')
    const socket = await a.hello({ sid: sid('s') })
    const effects: unknown[] = []
    a.session.on('message', (message) => effects.push(message))
    ;[lapses, failures] = [1, 2]
    socket.message(1)
    await clock.advance(40)
    expect(effects).toEqual([])
    await clock.advance(200)
    expect([effects, a.errors.map(({ code }) => code)]).toEqual([['m1'], ['ERR_STORE', 'ERR_STORE']])
  })
})

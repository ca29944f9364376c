// The id of the event-loop callback that sends a message decides whether it leaves immediately or is held.
import fc from 'fast-check'
import { createHook, executionAsyncId } from 'node:async_hooks'
import { nextTick } from 'node:process'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startConformanceServer, type ConformanceServer } from './conformance-server.js'
import { watched, type Watched } from './watched.js'

let server: ConformanceServer
beforeAll(async () => {
  server = await startConformanceServer()
})
afterAll(() => server.close())

let socket: Watched
const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0)) step()
  socket.dialed.abandon()
})
const open = async (): Promise<void> => {
  socket = await watched(`${server.url}/echo`)
}

/** Runs `each` this many times, each in a callback of its own and not in a promise. */
function inCallbacks(
  times: number,
  each: (time: number) => void,
  later: (task: () => void) => unknown = setImmediate,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const run = (time: number): void => {
      if (time === times) return resolve()
      try {
        each(time)
      } catch (error) {
        return reject(error)
      }
      later(() => run(time + 1))
    }
    later(() => run(0))
  })
}

const loopHasTurned = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a message sent alone in its event-loop callback', () => {
  it('leaves immediately, and most need no callback of their own', async () => {
    await open()
    await inCallbacks(100, (time) => {
      socket.dialed.send(`${time}`)
      expect(socket.writes()).toBe(time + 1)
    })
    expect(socket.corks()).toBe(0)
    expect(socket.callbacks()).toBeGreaterThan(2)
    expect(socket.callbacks()).toBeLessThan(12)
    expect(await socket.dialed.received(100)).toHaveLength(100)
  })

  it('is held at most once if all callbacks share an id, as those of an interval do', async () => {
    await open()
    const ids = new Set<number>()
    await new Promise<void>((resolve) => {
      let time = 0
      const interval = setInterval(() => {
        ids.add(executionAsyncId())
        socket.dialed.send('tick')
        if (++time < 20) return
        clearInterval(interval)
        resolve()
      }, 1)
    })
    expect(ids.size).toBe(1)
    expect(socket.corks()).toBeLessThanOrEqual(1)
    expect(await socket.dialed.received(20)).toHaveLength(20)
  })

  it('is held at most once if it answers a message', async () => {
    await open()
    await new Promise<void>((resolve) => {
      let time = 0
      socket.dialed.onEntry = ({ type }) => {
        if (type !== 'message') return
        if (++time === 20) resolve()
        else socket.dialed.send('again')
      }
      socket.dialed.send('first')
    })
    expect(socket.corks()).toBeLessThanOrEqual(1)
  })

  it('leaves immediately from a promise, whatever its id', async () => {
    await open()
    for (let time = 1; time <= 40; time++) {
      socket.dialed.send(`${time}`)
      expect(socket.writes()).toBe(time)
      await loopHasTurned()
    }
    expect(socket.corks()).toBe(0)
  })

  it('leaves immediately from promises after a burst in another callback', async () => {
    await open()
    await inCallbacks(1, () => {
      for (let id = 0; id < 10; id++) socket.dialed.send(`${id}`)
    })
    expect(socket.corks()).toBe(1)
    for (let time = 1; time <= 40; time++) {
      socket.dialed.send(`${time}`)
      await loopHasTurned()
    }
    expect(socket.corks()).toBe(1)
  })
})

describe('messages sent in one callback', () => {
  it('leave in two writes, after lone messages and after each other', async () => {
    await open()
    await inCallbacks(5, () => socket.dialed.send('alone'))
    for (let time = 1; time <= 3; time++) {
      const before = socket.writes()
      await inCallbacks(1, () => {
        for (let id = 0; id < 50; id++) socket.dialed.send(`${id}`)
        expect(socket.writes()).toBe(before + 1)
      })
      expect(socket.writes()).toBe(before + 2)
    }
    expect(await socket.dialed.received(155)).toHaveLength(155)
  })
})

describe.skipIf('Bun' in globalThis)('if hooks give each promise its own id', () => {
  const hooks = createHook({ init() {} })
  const promises = async (times: number): Promise<Set<number>> => {
    const ids = new Set<number>()
    for (let time = 0; time < times; time++) {
      await Promise.resolve()
      ids.add(executionAsyncId())
      socket.dialed.send(`${time}`)
    }
    return ids
  }

  it('messages from all promises of one tick are held once a tick has shown that they share it', async () => {
    hooks.enable()
    undo.push(() => hooks.disable())
    await open()
    await inCallbacks(5, () => socket.dialed.send('alone'))
    const first = socket.writes()
    expect((await promises(100)).size).toBe(100)
    await loopHasTurned()
    // Those treated as lone, the one whose tick is observed, and the rest.
    expect(socket.writes() - first).toBeLessThanOrEqual(18)
    const second = socket.writes()
    await promises(100)
    await loopHasTurned()
    expect(socket.writes() - second).toBe(2)
    expect(await socket.dialed.received(205)).toHaveLength(205)
  })
})

it('messages arrive in order, whatever sends them and whenever', async () => {
  const ways: Record<string, (go: () => void) => unknown> = {
    same: (go) => go(),
    microtask: queueMicrotask,
    promise: (go) => Promise.resolve().then(go),
    tick: nextTick,
    immediate: setImmediate,
    timer: (go) => setTimeout(go, 0),
  }
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...Object.keys(ways)), { minLength: 1, maxLength: 60 }),
      fc.boolean(),
      async (steps, hasHooks) => {
        const hooks = createHook({ init() {} })
        if (hasHooks) hooks.enable()
        await open()
        await new Promise<void>((resolve) => {
          const run = (at: number): void => {
            if (at === steps.length) return resolve()
            socket.dialed.send(`${at}`)
            ways[steps[at]!]!(() => run(at + 1))
          }
          setImmediate(run, 0)
        })
        expect(await socket.dialed.received(steps.length)).toEqual(steps.map((_, at) => `${at}`))
        hooks.disable()
        socket.dialed.abandon()
        expect(socket.dialed.breaches).toEqual([])
      },
    ),
    { numRuns: 40 },
  )
})

// Links that die or stall silently, and blocked event loops.
import { describe, expect, test } from 'vitest'
import { noHeartbeat } from '../../src/core/policies/heartbeat.js'
import { proxy, spawnPeer, threadedPeer } from './support/peers.js'
import { block, connect, next, oneLinkAtATime, opened, overs, pause, serve, until } from './support/room.js'

describe.each(overs)('over $name', (over) => {
  test('a killed server is noticed immediately and redialed until it is back (N05)', async () => {
    const peer = await spawnPeer()
    // No heartbeat: the system reports it.
    const life = connect(over, peer.url, { heartbeat: noHeartbeat() })
    await opened(life)
    const lost = next(life.connection, 'close')
    peer.process.kill('SIGKILL')
    expect(await lost).toMatchObject({ code: 1006, wasClean: false, willRetry: true })
    expect(life.connection.send('meanwhile')).toBe('queued')
    await spawnPeer(peer.port)
    await until(() => expect(life.heard).toEqual(['meanwhile']))
  })

  test('a stopped server whose kernel still acknowledges data is detected (N06)', async () => {
    const peer = await spawnPeer()
    const life = connect(over, peer.url, { heartbeat: over.heartbeat(200, 600), connectTimeout: 400 })
    await opened(life)
    const lost = next(life.connection, 'close')
    peer.process.kill('SIGSTOP')
    life.connection.send('taken by nobody')
    expect(await lost).toMatchObject({
      code: 4000,
      willRetry: true,
      uncertain: { messages: 1 },
      error: { code: 'ERR_HEARTBEAT_TIMEOUT' },
    })
    // The system still accepts connections for it.
    expect(await next(life.connection, 'close')).toMatchObject({ error: { code: 'ERR_CONNECT_TIMEOUT' } })
    peer.process.kill('SIGCONT')
    await life.connection.opened({ signal: AbortSignal.timeout(10_000) })
  })

  test('a proxy that cuts idle links cuts one without a heartbeat, and not one with it (N08)', async () => {
    const server = await serve()
    const port = await proxy(server.port, { idle: 700 })
    const silent = connect(over, `ws://127.0.0.1:${port}`, { heartbeat: noHeartbeat() })
    const beating = connect(over, `ws://127.0.0.1:${port}`, { heartbeat: over.heartbeat(150, 5_000) })
    await opened(silent)
    await opened(beating)
    expect(await next(silent.connection, 'close')).toMatchObject({ code: 1006, willRetry: true })
    await pause(700)
    expect(beating.closes).toEqual([])
  })

  test('jitter below the timeout costs no link (N10)', async () => {
    const server = await serve()
    const life = connect(over, server.url, { heartbeat: over.heartbeat(60, 1_500) })
    await opened(life)
    server.delay(() => Math.random() * 200)
    await until(() => expect(life.beats.length).toBeGreaterThanOrEqual(4))
    expect(Math.max(...life.beats)).toBeGreaterThan(60)
    expect(life.closes).toEqual([])
    expect(life.watched.dials).toBe(1)
  })

  test('a pong queued behind a backlog on a slow link is not missed, because any frame counts as activity (N11)', async () => {
    const server = await serve()
    const life = connect(over, server.url, { heartbeat: over.heartbeat(100, 800) })
    await opened(life)
    server.throttle(1_000, 'out')
    // A second and a half of traffic, so a pong takes twice its timeout.
    for (let n = 0; n < 15; n++) server.send(`${n}`.padEnd(98, '.'))
    await until(() => expect(life.heard).toHaveLength(15))
    expect(life.closes).toEqual([])
    expect(life.heard.map((message) => Number.parseInt(message as string, 10))).toEqual([...Array(15).keys()])
    oneLinkAtATime(over, server)
  })

  test('fifty event loops blocked past the deadline, while the answer arrives, cost no link (T01)', async () => {
    const peer = await threadedPeer()
    const timeout = 40
    let asked = (): void => {}
    const heartbeat = over.heartbeat(40, timeout)
    const { ping } = heartbeat
    const life = connect(over, peer.url, {
      heartbeat:
        typeof ping === 'function' ? { ...heartbeat, ping: () => (queueMicrotask(() => asked()), ping()) } : heartbeat,
    })
    life.watched.onPing = () => asked()
    await opened(life)
    for (let run = 0; run < 50; run++) {
      const before = peer.answers()
      const blocked = new Promise<void>((resolve) => {
        const hold = (): void => {
          block(timeout + 5, () => peer.answers() > before)
          resolve()
        }
        asked = () => {
          asked = () => {}
          // In the timer that pinged, or in another phase of the loop.
          if (run % 2 === 0) hold()
          else setImmediate(hold)
        }
      })
      await blocked
    }
    const beats = life.beats.length
    await until(() => expect(life.beats.length).toBeGreaterThan(beats))
    expect(life.closes).toEqual([])
    expect(life.watched.dials).toBe(1)
  })

  test('late timers of the app do not run between the answer and its listener (T01)', async () => {
    const peer = await threadedPeer()
    const heartbeat = over.heartbeat(40, 40)
    const { ping } = heartbeat
    let asked = (): void => {}
    const life = connect(over, peer.url, {
      heartbeat:
        typeof ping === 'function' ? { ...heartbeat, ping: () => (queueMicrotask(() => asked()), ping()) } : heartbeat,
    })
    life.watched.onPing = () => asked()
    await opened(life)
    for (let run = 0; run < 20; run++) {
      const before = peer.answers()
      await new Promise<void>((resolve) => {
        asked = () => {
          asked = () => {}
          // Past the deadline; then, in the same turn of the loop and after the deadline's timer, once more.
          setTimeout(() => block(60, () => peer.answers() > before), 1)
          setTimeout(() => {
            block(8)
            resolve()
          }, 41)
        }
      })
    }
    expect(life.closes).toEqual([])
  })

  test('delays longer than a timer can hold are real delays, not busy loops (T07)', async () => {
    const server = await serve()
    const life = connect(over, server.url, {
      backoff: () => 2 ** 31 + 5,
      stableAfter: 2 ** 32,
      heartbeat: noHeartbeat(),
    })
    await opened(life)
    server.reset()
    await next(life.connection, 'backoff')
    expect(life.delays).toEqual([{ delay: 2 ** 31 + 5, hinted: false }])
    await pause(200)
    expect(life.connection.state).toBe('backoff')
    expect(life.watched.dials).toBe(1)
  })
})

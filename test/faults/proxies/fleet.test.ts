// Many clients of one server that is killed, and of several that are replaced one after another.
import { expect, test } from 'vitest'
import { seeded } from '../../storm/random.js'
import { Server } from '../../storm/server.js'
import { bucketWidth } from '../../storm/simulation.js'
import { backoffDefaults, fullJitter, type BackoffEvent } from '../../../src/index.js'
import { afterwards, connect, overWs, until, type Life } from '../support/room.js'
import { allOpen, crowd, Service } from './crowd.js'
import { behindEach, freePort, Proxy } from './proxy.js'

/** Each client has its own random numbers, always the same. */
const dice = (index: number): (() => number) => seeded(index + 1)

/** Every backoff delay of every client, in the order reported. */
function waitsOf(lives: readonly Life[]): readonly BackoffEvent[][] {
  return lives.map(({ connection }) => {
    const waits: BackoffEvent[] = []
    connection.on('backoff', (wait) => waits.push(wait))
    return waits
  })
}

/**
 * Asserts that no 100 ms contain more of these attempts than a uniform spread over `range` ms allows.
 *
 * When each client lost its link does not matter: adding it to a uniform delay can only spread it further. Five
 * standard deviations are exceeded once in a million times.
 */
function spreadOver(range: number, due: readonly number[]): void {
  const counts = new Map<number, number>()
  for (const time of due) {
    const bucket = Math.floor(time / bucketWidth)
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
  }
  const part = bucketWidth / range
  const bound = due.length * part + 5 * Math.sqrt(due.length * part * (1 - part))
  expect(Math.max(0, ...counts.values()), `of ${due.length} over ${range} ms`).toBeLessThanOrEqual(Math.max(5, bound))
}

test('after a server crash, its clients redial spread over time, with one socket each (S01, N05)', async () => {
  const size = 300
  // The default, with a lower cap to end the test sooner.
  const options = { ...backoffDefaults.fullJitter, cap: 2_000 }
  const port = await freePort()
  let server = await Server.start(port)
  afterwards(() => server.kill())
  const lives = Array.from({ length: size }, (_, index) =>
    connect(overWs, `ws://127.0.0.1:${port}/${index}`, { backoff: fullJitter(options), random: dice(index) }),
  )
  const waits = waitsOf(lives)
  for (const { connection } of lives) connection.open()
  await allOpen(lives)
  expect((await server.report()).most).toBe(1)
  await server.kill()
  // Until some have failed twice, so there are delays of more than one kind.
  await until(() => expect(waits.filter(({ length }) => length > 1).length).toBeGreaterThan(size / 4))
  server = await Server.start(port)
  afterwards(() => server.kill())
  await allOpen(lives)

  const { most, arrivals } = await server.report()
  expect(most).toBe(1)
  expect(arrivals).toHaveLength(size)
  expect(lives.map(({ watched }) => watched.most)).toEqual(Array(size).fill(1))
  expect(lives.map(({ watched }) => watched.dials)).toEqual(waits.map(({ length }) => length + 1))
  for (let attempt = 1; attempt <= Math.max(...waits.map(({ length }) => length)); attempt++) {
    const range = Math.min(options.cap, options.base * 2 ** (attempt - 1))
    const these = waits.flatMap((each) => each[attempt - 1] ?? [])
    for (const { delay } of these) {
      expect(delay).toBeGreaterThanOrEqual(options.floor)
      expect(delay).toBeLessThan(options.floor + range)
    }
    spreadOver(
      range,
      these.map(({ retryAt }) => retryAt),
    )
  }
})

behindEach((kind) => {
  test('a rolling replacement of servers keeps all clients, spread over the other servers (S02, C02)', async () => {
    const size = 60
    const { base } = backoffDefaults.fullJitter
    const service = await Service.start(3)
    const { url } = await Proxy.start(kind, { backends: service.ports })
    const lives = crowd(size, url, (index) => ({ backoff: fullJitter(), random: dice(index) }))
    const waits = waitsOf(lives)
    // The app has its answer, so each drain is a first loss.
    for (const { connection } of lives) connection.on('open', () => connection.markHealthy())
    for (const { connection } of lives) connection.open()
    await allOpen(lives)

    for (const [index, server] of service.servers.entries()) {
      const { links } = server
      const arrived = service.arrivals.length
      const told = waits.map(({ length }) => length)
      expect(links.length).toBeGreaterThanOrEqual(size / 3)
      await server.stopListening()
      for (const link of links) link.close(index === 1 ? 1012 : 1001, 'replaced')
      await until(() => expect(server.links).toEqual([]))
      await allOpen(lives)
      await until(() => expect(service.present).toBe(size))
      const arrivals = service.arrivals.slice(arrived)
      expect(arrivals).toHaveLength(links.length)
      expect(arrivals.map((each) => each.server)).not.toContain(index)
      const drained = waits.flatMap((each, client) => each.slice(told[client]))
      expect(drained).toHaveLength(links.length)
      for (const { close } of drained) expect(close.code).toBe(index === 1 ? 1012 : 1001)
      spreadOver(
        base,
        drained.map(({ retryAt }) => retryAt),
      )
      await server.listenAgain()
    }

    expect(service.most).toBe(1)
    for (const { closes, watched } of lives) {
      expect(closes.length).toBeGreaterThanOrEqual(1)
      for (const close of closes) expect(close).toMatchObject({ wasClean: true, willRetry: true, attempt: 1 })
      expect(watched.dials).toBe(1 + closes.length)
    }
  })
})

// A proxy that restarts while many clients send through it.
import { expect, test } from 'vitest'
import { until } from '../support/room.js'
import { allOpen, crowd, Service, Talk } from './crowd.js'
import { behindEach, Proxy, type Kind } from './proxy.js'
import type { Life } from '../support/room.js'
import type { Route } from './configurations.js'

const size = 20

interface Scene {
  readonly service: Service
  readonly proxy: Proxy
  readonly route: Route
  readonly lives: readonly Life[]
  readonly talks: readonly Talk[]
}

/** All clients are open and sending. */
async function scene(kind: Kind, extra: Partial<Route> = {}): Promise<Scene> {
  const service = await Service.start()
  const route = { ...extra, backends: service.ports }
  const proxy = await Proxy.start(kind, route)
  const lives = crowd(size, proxy.url, () => ({}))
  for (const { connection } of lives) connection.open()
  await allOpen(lives)
  const talks = lives.map((life, index) => new Talk(life, `/${index}`))
  await goesOn({ talks })
  return { service, proxy, route, lives, talks }
}

/** All clients have had answers since. */
async function goesOn({ talks }: Pick<Scene, 'talks'>): Promise<void> {
  const before = talks.map(({ said }) => said)
  await until(() => talks.forEach(({ said }, index) => expect(said).toBeGreaterThan(before[index]! + 5)))
}

/**
 * Each client was cut once and is back, through this configuration of the proxy, and its messages are accounted for.
 */
async function allCameBack({ service, proxy, lives, talks }: Scene): Promise<void> {
  await until(() => expect(lives.filter(({ closes }) => closes.length > 0)).toHaveLength(size))
  await allOpen(lives)
  await goesOn({ talks })
  for (const talk of talks) talk.stop()
  await until(() => expect(talks.filter(({ answered }) => answered)).toHaveLength(size))
  for (const talk of talks) talk.account(service)
  // Dialing a closed port adds losses; but no client had two links at any time.
  for (const { closes } of lives) {
    expect(closes[0]).toMatchObject({ code: 1006, willRetry: true })
    expect(closes.slice(1).filter(({ error }) => error?.code !== 'ERR_SOCKET')).toEqual([])
  }
  expect(service.most).toBe(1)
  expect(service.present).toBe(size)
  const generations = new Map(service.arrivals.map(({ client, generation }) => [client, generation]))
  expect([...generations.values()]).toEqual(Array(size).fill(proxy.generation))
  expect(service.arrivals).toHaveLength(2 * size)
}

behindEach((kind) => {
  test('links carried by the old process survive a reload, and move to the new one when it ends (N05, D07)', async () => {
    const present = await scene(kind)
    const end = await present.proxy.reload(present.route)
    const [newcomer] = crowd(1, `${present.proxy.url}/newcomer`, () => ({}))
    newcomer!.connection.open()
    await newcomer!.connection.opened()
    expect(present.service.arrivals.at(-1)).toMatchObject({ generation: 2 })
    await newcomer!.connection.close()
    present.service.arrivals.pop()
    await goesOn(present)
    expect(present.lives.flatMap(({ closes }) => closes)).toEqual([])
    await end()
    await allCameBack(present)
  })

  test('a stop and a start cost each client one link, and no queued message (N05, D04, D07)', async () => {
    const present = await scene(kind)
    await present.proxy.stop()
    // All attempts fail.
    await until(() => expect(present.lives.filter(({ closes }) => closes.length > 2)).toHaveLength(size))
    await present.proxy.startAgain(present.route)
    await allCameBack(present)
    for (const { queued } of present.talks) expect(queued.length).toBeGreaterThanOrEqual(9)
  })
})

behindEach((kind) => {
  test('links are cut by worker_shutdown_timeout after a reload, and reconnect to the new worker (N05, D07)', async () => {
    const present = await scene(kind, { shutdown: 300 })
    await present.proxy.reload(present.route)
    await allCameBack(present)
  })
}, 'nginx')

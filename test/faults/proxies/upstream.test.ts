// A running proxy whose server is away, slow or overloaded.
import { expect, test } from 'vitest'
import { faults } from '../../../src/tools/testing/index.js'
import { spawnPeer } from '../support/peers.js'
import { connect, next, opened, overs, overWs, until } from '../support/room.js'
import { Service } from './crowd.js'
import { behindEach, Proxy } from './proxy.js'

behindEach((kind) => {
  const away = kind.name === 'nginx' ? 502 : 503

  test.each(overs)(`a killed server is ${away} over $name, retried until it is back (N05, H04)`, async (over) => {
    const peer = await spawnPeer()
    const { url } = await Proxy.start(kind, { backends: [peer.port] })
    const life = connect(over, url)
    await opened(life)
    peer.process.kill('SIGKILL')
    await until(() => expect(life.closes.length).toBeGreaterThanOrEqual(4))
    expect(life.connection.send('while it was away')).toBe('queued')
    await spawnPeer(peer.port)
    await life.connection.opened({ signal: AbortSignal.timeout(10_000) })
    await until(() => expect(life.heard).toEqual(['while it was away']))
    const [loss, ...refusals] = life.closes
    expect(loss).toMatchObject({ code: 1006, status: undefined, willRetry: true })
    const status = over === overWs ? away : undefined
    for (const each of refusals) expect(each).toMatchObject({ code: 1006, status, willRetry: true })
    expect(life.watched.dials).toBe(1 + life.closes.length)
  })

  test('an unresponsive server is 504, retried until it responds (H01, H04)', async () => {
    const service = await Service.start()
    service.servers[0]!.use({ fault: faults.hang(), times: 2 })
    const { url } = await Proxy.start(kind, { backends: service.ports, answer: 700 })
    const life = connect(overWs, url)
    await opened(life)
    expect(life.closes.map(({ status }) => status)).toEqual([504, 504])
    expect(service.most).toBe(1)
  })

  test('503 with Retry-After from the proxy itself delays the next attempt accordingly (H05)', async () => {
    const service = await Service.start()
    const route = { backends: service.ports }
    const proxy = await Proxy.start(kind, { ...route, unavailable: 1 })
    const life = connect(overWs, proxy.url)
    life.connection.open()
    expect(await next(life.connection, 'backoff')).toMatchObject({ delay: 1_050, hinted: true })
    await proxy.reload(route)
    await life.connection.opened({ signal: AbortSignal.timeout(10_000) })
    for (const close of life.closes) expect(close).toMatchObject({ status: 503, willRetry: true, delay: 1_050 })
  })

  test('a client refused by a rate limit (429) waits as long as Retry-After says, then connects (H05)', async () => {
    const service = await Service.start()
    const { url } = await Proxy.start(kind, { backends: service.ports, limited: true })
    const lives = [connect(overWs, `${url}/first`), connect(overWs, `${url}/second`)]
    await Promise.all(lives.map(opened))
    const refusals = lives.flatMap(({ closes }) => closes)
    expect(refusals.length).toBeGreaterThanOrEqual(1)
    for (const close of refusals) expect(close).toMatchObject({ status: 429, willRetry: true, delay: 1_050 })
    for (const { delays } of lives) for (const each of delays) expect(each.hinted).toBe(true)
  })
})

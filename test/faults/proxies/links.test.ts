// Single links through a real proxy.
import { expect, test } from 'vitest'
import { noHeartbeat } from '../../../src/index.js'
import { afterwards, connect, ended, opened, overs, until } from '../support/room.js'
import { Service } from './crowd.js'
import { behindEach, Proxy } from './proxy.js'

behindEach((kind) => {
  test('idle links are cut and redialed, and those with a heartbeat are not idle (N08)', async () => {
    const service = await Service.start()
    const { url } = await Proxy.start(kind, { backends: service.ports, idle: 1_200 })
    const silent = overs.map((over) => connect(over, url, { heartbeat: noHeartbeat() }))
    const beating = overs.map((over) => connect(over, url, { heartbeat: over.heartbeat(300, 5_000) }))
    await Promise.all([...silent, ...beating].map(opened))
    // Three times the proxy's idle timeout.
    for (const life of silent) await until(() => expect(life.closes.length).toBeGreaterThanOrEqual(3))
    for (const { closes } of silent) {
      for (const close of closes) expect(close).toMatchObject({ code: 1006, wasClean: false, willRetry: true })
    }
    await Promise.all(silent.map(({ connection }) => connection.opened()))
    for (const life of beating) {
      expect(life.closes).toEqual([])
      expect(life.watched.dials).toBe(1)
      life.connection.send('still there')
      await until(() => expect(life.heard).toContain('still there'))
    }
  })

  test('a handshake without its Upgrade header ends the connection if the status is visible (N18)', async () => {
    const service = await Service.start()
    const route = { backends: service.ports }
    const proxy = await Proxy.start(kind, { ...route, upgrades: false })
    const [seeing, ...blind] = overs.map((over) => connect(over, proxy.url, { connectTimeout: 1_000 }))
    seeing!.connection.open()
    for (const { connection } of blind) connection.open()
    await ended(seeing!)
    expect(seeing!.closes).toMatchObject([{ status: 426, willRetry: false, error: { code: 'ERR_HANDSHAKE' } }])
    expect(seeing!.connection.status).toMatchObject({ state: 'ended', why: 'refused' })
    for (const life of blind) {
      await until(() => expect(life.closes.length).toBeGreaterThanOrEqual(2))
      expect(life.closes[0]).toMatchObject({ code: 1006, status: undefined, willRetry: true })
    }
    // The configuration is fixed, and the refused app opens the connection again.
    await proxy.reload(route)
    await Promise.all(blind.map(({ connection }) => connection.opened()))
    seeing!.connection.open()
    await seeing!.connection.opened()
    expect(service.present).toBe(1)
  })

  test('a frozen proxy is detected, and what it held is not delivered when it resumes (N06, N07)', async () => {
    const service = await Service.start()
    const proxy = await Proxy.start(kind, { backends: service.ports })
    const lives = overs.map((over, index) =>
      connect(over, `${proxy.url}/${index}`, { heartbeat: over.heartbeat(300, 1_500), connectTimeout: 800 }),
    )
    await Promise.all(lives.map(opened))
    await proxy.freeze()
    const old = [...service.sockets.values()].flatMap((sockets) => [...sockets])
    for (const socket of old) socket.send('from the grave')
    // Repeated, because a pong in flight counts as the answer to the first.
    const sending = setInterval(() => {
      for (const { connection } of lives) if (connection.state === 'open') connection.send('into the grave')
    }, 100)
    afterwards(() => clearInterval(sending))
    for (const { connection } of lives) connection.on('close', () => clearInterval(sending), { once: true })
    for (const life of lives) {
      await until(() => expect(life.closes.length).toBeGreaterThanOrEqual(2))
      const [death, attempt] = life.closes
      expect(death).toMatchObject({ code: 4000, error: { code: 'ERR_HEARTBEAT_TIMEOUT' }, willRetry: true })
      expect(death!.uncertain.messages).toBeGreaterThanOrEqual(1)
      // The kernel accepts in its place, and no answer comes.
      expect(attempt).toMatchObject({ error: { code: 'ERR_CONNECT_TIMEOUT' }, willRetry: true })
    }
    proxy.thaw()
    for (const { connection, heard } of lives) {
      await connection.opened({ signal: AbortSignal.timeout(10_000) })
      connection.send('alive')
      await until(() => expect(heard).toContain('alive'))
      expect(heard.filter((message) => message !== 'ping')).toEqual(['alive'])
    }
    await until(() => expect(old.map(({ readyState }) => readyState)).toEqual(old.map(() => 3)))
    for (const { heard } of lives) expect(heard).not.toContain('from the grave')
  })
})

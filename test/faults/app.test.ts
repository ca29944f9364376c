// What the app itself can do to a connection.
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { faults } from '../../src/tools/testing/index.js'
import { runNode } from './support/peers.js'
import { afterwards, connect, next, oneLinkAtATime, opened, overs, pause, serve, until } from './support/room.js'

describe.each(overs)('over $name', (over) => {
  test('close, send, open and reconnect inside any listener take effect and leave one socket (A01)', async () => {
    const server = await serve()
    const life = connect(over, server.url, { ownDials: 10 })
    const { connection } = life
    let rounds = 0
    connection.on('open', () => void connection.send(`hello ${(rounds += 1)}`))
    connection.on('message', () => {
      if (rounds === 1) connection.reconnect()
      if (rounds === 2) server.reset()
      if (rounds === 3) {
        void connection.close()
        connection.open()
      }
      if (rounds === 4) void connection.close(4000, 'enough')
    })
    connection.on('backoff', () => connection.reconnect())
    connection.on('close', () => {
      if (connection.state !== 'ended') connection.send('from close')
    })
    connection.open()
    await connection.ended({ signal: AbortSignal.timeout(10_000) })
    expect(rounds).toBe(4)
    await pause(150)
    expect(connection.state).toBe('ended')
    await until(() => expect(server.counts.open).toBe(0))
    expect(life.watched.dials).toBe(4)
  })

  test('a listener that throws or rejects is reported; the link and the other listeners are unaffected (A02)', async () => {
    const server = await serve()
    const life = connect(over, server.url, { expectedErrors: ['ERR_LISTENER'] })
    const { connection } = life
    const others: string[] = []
    for (const type of ['open', 'message', 'close', 'backoff', 'state'] as const) {
      connection.on(type, () => {
        throw new Error(`bug in ${type}`)
      })
      connection.on(type, () => Promise.reject(new Error(`bug in async ${type}`)))
      connection.on(type, () => others.push(type))
    }
    await opened(life)
    connection.send('echo')
    await until(() => expect(others).toContain('message'))
    expect(life.closes).toEqual([])
    server.reset()
    await next(connection, 'backoff')
    await connection.opened()
    await until(() => expect(new Set(others)).toEqual(new Set(['open', 'message', 'close', 'backoff', 'state'])))
    await until(() => expect(life.errors.length).toBe(2 * others.length))
  })

  test('an error without a listener does not end the process (A03)', async () => {
    const server = await serve()
    for (const fault of [faults.refuse(), faults.http(503), faults.badAccept(), faults.acceptThenReset()])
      server.use({ fault, times: 1 })
    const { connection } = connect(over, server.url, { connectTimeout: 500 })
    const bare = connect(over, server.url)
    // `room` fails the test on any error that reaches the process.
    connection.open()
    await connection.opened({ signal: AbortSignal.timeout(10_000) })
    bare.connection.open()
    void bare.connection.close()
    server.reset()
    await next(connection, 'close')
    await connection.opened()
  })

  test('two hundred closed links leave no socket, timer or listener behind (A05)', async () => {
    const server = await serve({ logFrames: false })
    const life = connect(over, server.url, { ownDials: 200 })
    await opened(life)
    const left = (): number =>
      process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout|Immediate/.test(kind)).length +
      process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
    const before = left()
    for (let n = 0; n < 200; n++) {
      life.connection.reconnect()
      await life.connection.opened()
    }
    await until(() => expect(server.counts.open).toBe(1))
    // With some tolerance for the runtime's and the test's own objects.
    await until(() => expect(left()).toBeLessThan(before + 20))
    expect(life.watched.alive).toBe(1)
  })

  test('mount, unmount and mount in one tick creates one socket; a second open has no effect (A06)', async () => {
    const server = await serve()
    const life = connect(over, server.url)
    const { connection } = life
    connection.open()
    void connection.close()
    connection.open()
    connection.open()
    await connection.opened()
    connection.open()
    await pause(100)
    expect(server.counts.requested).toBe(1)
    expect(life.watched.dials).toBe(1)
    expect(connection.close()).toBeInstanceOf(Promise)
    await Promise.all([connection.close(), connection.close(4001), connection.ended()])
    expect(life.states).toEqual(['connecting', 'closing', 'connecting', 'open', 'closing', 'ended'])
    oneLinkAtATime(over, server)
  })
})

describe('in a process of its own', () => {
  const dist = pathToFileURL(join(import.meta.dirname, '../../dist/src/index.js')).href
  const ws = pathToFileURL(join(import.meta.dirname, '../../dist/src/transports/ws.js')).href
  const code = `
    import { createConnection, fixedBackoff } from '${dist}'
    import { wsTransport } from '${ws}'
    const [url, unref] = process.argv.slice(1)
    const connection = createConnection(url, { transport: wsTransport(), backoff: fixedBackoff(60_000), unref: unref === 'true' })
    connection.on('backoff', () => console.log('waiting'))
  `

  test.each([true, false])(
    'a delay with unref: %s lets the process end only where it should (A04)',
    async (unref) => {
      const server = await serve()
      server.use(faults.refuse())
      const child = runNode(code, server.url, `${unref}`)
      let over = false
      const exit = once(child, 'exit').then(([status]) => {
        over = true
        return status as number | null
      })
      await once(child.stdout!, 'data')
      if (unref) {
        expect(await exit).toBe(0)
      } else {
        await pause(500)
        expect(over).toBe(false)
        afterwards(() => child.kill('SIGKILL'))
      }
    },
    20_000,
  )
})

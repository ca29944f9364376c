// Two copies of the package in one process: two versions of it, or two bundles that each contain one. Their classes
// differ.
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from './packed.js'

interface Copy {
  readonly index: typeof import('../../src/index.js')
  readonly ws: typeof import('../../src/transports/ws.js')
  readonly websocket: typeof import('../../src/websocket/index.js')
  readonly testing: typeof import('../../src/tools/testing/index.js')
}

let folder: string
let ours: Copy
let theirs: Copy

async function copy(name: string): Promise<Copy> {
  const to = join(folder, name)
  await cp(join(root, 'dist'), to, { recursive: true })
  const load = (path: string): Promise<unknown> => import(/* @vite-ignore */ pathToFileURL(join(to, 'src', path)).href)
  const [index, ws, websocket, testing] = await Promise.all(
    ['index.js', 'transports/ws.js', 'websocket/index.js', 'tools/testing/index.js'].map(load),
  )
  return { index, ws, websocket, testing } as Copy
}

beforeAll(async () => {
  if (!existsSync(join(root, 'dist/src/index.js'))) throw new Error('there is no dist: npm run build')
  // Inside the repository, so they find xstate and ws.
  await mkdir(join(root, 'test-results'), { recursive: true })
  folder = await mkdtemp(join(root, 'test-results', 'copies-'))
  ours = await copy('ours')
  theirs = await copy('theirs')
}, 60_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a transport of another copy', () => {
  test('that is not open reports it: the message waits for the next link, and none is dropped', async () => {
    const clock = new ours.testing.TestClock()
    const transport = new theirs.testing.FakeTransport()
    const connection = ours.index.createConnection('ws://server.test/', { clock, transport })
    const dropped: unknown[] = []
    connection.on('dropped', (event) => void dropped.push(event))
    for (let message = 0; message < 100; message++) connection.send(`early ${message}`)
    await ours.testing.settle()
    transport.last.accept()
    await ours.testing.settle()
    expect(transport.last.sent).toHaveLength(100)
    // Its socket has closed, but its close event is pending.
    transport.last.open = false
    expect(connection.send('one')).toBe('queued')
    expect(connection.sendMany(['two', 'three'])).toEqual({ sent: 0, queued: 2, dropped: 0 })
    transport.last.end({ code: 1006 })
    await clock.advance(30_000)
    transport.last.accept()
    await ours.testing.settle()
    expect([transport.last.sent, dropped]).toEqual([['one', 'two', 'three'], []])
    void connection.close()
  })

  test.each(['webSocketTransport', 'wsTransport'] as const)(
    'opens, reports a refusal with its own code and status, and loses no queued message: %s',
    { timeout: 30_000 },
    async (kind) => {
      await using server = await ours.testing.createFaultServer()
      const { WebSocket } = await import('ws')
      const transport =
        kind === 'wsTransport' ? theirs.ws.wsTransport() : theirs.index.webSocketTransport({ WebSocket })
      server.use({ fault: ours.testing.faults.http(503), times: 1 })
      const connection = ours.index.createConnection(server.url, { transport, backoff: () => 10 })
      const closes: unknown[] = []
      const dropped: unknown[] = []
      connection.on('close', ({ error }) => void closes.push(error))
      connection.on('dropped', (event) => void dropped.push(event))
      for (let message = 0; message < 159; message++) connection.send(String(message))
      await connection.opened()
      expect(closes).toEqual([
        expect.objectContaining({ code: kind === 'wsTransport' ? 'ERR_HANDSHAKE' : 'ERR_SOCKET' }),
      ])
      await connection.drained()
      server.reset()
      for (let message = 0; message < 100; message++) connection.send(String(message))
      await connection.opened()
      await connection.close()
      expect(dropped).toEqual([])
    },
  )

  test('that lacks a required capability ends the connection with its own error', async () => {
    const { WebSocket } = await import('ws')
    const connection = ours.index.createConnection(() => ({ url: 'ws://127.0.0.1:1/', headers: { a: 'b' } }), {
      transport: theirs.index.webSocketTransport({ WebSocket }),
    })
    await connection.ended()
    expect(connection.status.loss?.error).toMatchObject({ code: 'ERR_TRANSPORT' })
  })
})

describe('a ConnectionError of another copy', () => {
  const thrownBy = (work: () => unknown): unknown => {
    try {
      work()
    } catch (thrown) {
      return thrown
    }
    return undefined
  }

  test('is an instance of ConnectionError, and of no subclass', () => {
    const error = thrownBy(() => theirs.index.createConnection('nonsense:'))
    expect(Object.getPrototypeOf(error)).not.toBe(ours.index.ConnectionError.prototype)
    expect(error instanceof ours.index.ConnectionError).toBe(true)
    class Own extends ours.index.ConnectionError {}
    expect([error instanceof Own, new Own('ERR_DATA', 'mine') instanceof Own]).toEqual([false, true])
    expect(new Own('ERR_DATA', 'mine') instanceof ours.index.ConnectionError).toBe(true)
  })

  test.each([undefined, null, 1, 'ERR_DATA', {}, new Error('x'), Object.assign(new Error('x'), { code: 'ERR_DATA' })])(
    'differs from any other value: %s',
    (value) => {
      expect(value instanceof ours.index.ConnectionError).toBe(false)
    },
  )

  test("is a SyntaxError if a connection beneath another copy's drop-in class rejects the URL", () => {
    const error = thrownBy(() => new theirs.websocket.ReconnectingWebSocket('nonsense:'))
    expect((error as Error).name).toBe('SyntaxError')
  })

  test('that rejects its stream is waited out if it reports a full queue', async () => {
    const clock = new ours.testing.TestClock()
    const transport = new theirs.testing.FakeTransport()
    const connection = ours.index.createConnection('ws://server.test/', { clock, transport, queue: { messages: 1 } })
    const writer = connection.writable.getWriter()
    const written = Promise.all(['a', 'b', 'c'].map((message) => writer.write(message)))
    await ours.testing.settle()
    transport.last.accept()
    await clock.advance(1_000)
    await written
    expect(transport.last.sent).toEqual(['a', 'b', 'c'])
    void connection.close()
  })
})

import { afterEach, describe, expect, test } from 'vitest'
import {
  createConnection,
  fixedBackoff,
  textHeartbeat,
  type Connection,
  type ConnectionOptions,
  type Transport,
} from '../../../src/index.js'

export interface ConnectionSuite {
  /** A server that applies the path's fault to the first of every two requests. */
  readonly faults: () => string
  readonly transport: () => Transport
  /** Whether a Blob can be sent. @default true */
  readonly blobs?: boolean
  /** Whether the server's 1012 arrives. @default true */
  readonly hearsRestart?: boolean
}

/** What a connection does on real sockets, in any runtime. */
export function describeConnection(
  name: string,
  { faults, transport, blobs = true, hearsRestart = true }: ConnectionSuite,
): void {
  describe(name, () => {
    const made: Connection[] = []
    afterEach(async () => {
      await Promise.all(made.splice(0).map((each) => each.close()))
    })

    function connect(path: string, options: ConnectionOptions = {}): Connection {
      const url = `${faults()}${path}`
      const connection = createConnection(url, { transport: transport(), backoff: fixedBackoff(50), ...options })
      made.push(connection)
      return connection
    }

    const heartbeat = textHeartbeat({ interval: 300, timeout: 300, ping: 'ping', pong: 'ping' })

    test('messages make a round trip in order, text and binary', async () => {
      const echo = connect('/echo')
      const reader = echo.messages()
      expect(echo.send('queued')).toBe('queued')
      await echo.opened()
      echo.send(new Uint8Array([1, 2, 3]))
      expect(echo.sendMany(['4', '5'])).toEqual({ sent: 2, queued: 0, dropped: 0 })
      expect(echo.send('last ä€😀')).toBe('sent')
      const heard: unknown[] = []
      for (let message = 0; message < 5; message++) heard.push((await reader.next()).value)
      const [, binary, ...rest] = heard
      expect([...new Uint8Array(binary as ArrayBuffer)]).toEqual([1, 2, 3])
      expect([heard[0], ...rest]).toEqual(['queued', '4', '5', 'last ä€😀'])
      expect(await echo.close(3000, 'bye')).toEqual({ code: 3000, reason: 'bye', wasClean: true })
    })

    test('resizable memory is sent as it is at the call, while connecting and when open', async () => {
      const echo = connect('/echo')
      const reader = echo.messages()
      const send = (): void => {
        const Resizable = ArrayBuffer as unknown as new (
          length: number,
          options: { maxByteLength: number },
        ) => ArrayBuffer & {
          resize(length: number): void
        }
        const buffer = new Resizable(8, { maxByteLength: 16 })
        const bytes = new Uint8Array(buffer)
        bytes.set([1, 2, 3, 4, 5, 6, 7, 8])
        echo.send(buffer)
        // Its length follows the buffer's.
        echo.send(bytes)
        echo.send(new Uint8Array(buffer, 2, 3))
        echo.send(new DataView(buffer, 6))
        bytes.fill(0)
        const outside = [new Uint8Array(buffer, 4, 4), new DataView(buffer, 4, 4), new Uint8Array(buffer, 4)]
        buffer.resize(2)
        for (const view of outside) {
          expect(() => echo.send(view)).toThrow(expect.objectContaining({ code: 'ERR_DATA' }))
        }
      }
      send()
      await echo.opened()
      send()
      const heard: number[][] = []
      for (let message = 0; message < 8; message++) {
        heard.push([...new Uint8Array((await reader.next()).value as ArrayBuffer)])
      }
      const sent = [
        [1, 2, 3, 4, 5, 6, 7, 8],
        [1, 2, 3, 4, 5, 6, 7, 8],
        [3, 4, 5],
        [7, 8],
      ]
      expect(heard).toEqual([...sent, ...sent])
    })

    test('shared memory is rejected, while connecting and when open', async () => {
      // Pages have it only if they are cross-origin isolated.
      const Shared = (
        globalThis as unknown as { SharedArrayBuffer?: new (length: number, options?: object) => ArrayBuffer }
      ).SharedArrayBuffer
      if (Shared === undefined) return
      const echo = connect('/echo')
      const refuse = (): void => {
        for (const buffer of [new Shared(4), new Shared(4, { maxByteLength: 8 })]) {
          for (const data of [buffer, new Uint8Array(buffer), new DataView(buffer)]) {
            expect(() => echo.send(data)).toThrow(expect.objectContaining({ code: 'ERR_DATA' }))
          }
        }
      }
      refuse()
      await echo.opened()
      refuse()
      expect(echo.counters).toMatchObject({ sent: 0, queued: 0 })
    })

    test('Blobs and text keep their order, or a Blob is rejected where it cannot be sent', async () => {
      const echo = connect('/echo')
      await echo.opened()
      if (!blobs) {
        expect(() => echo.send(new Blob(['2']))).toThrow(expect.objectContaining({ code: 'ERR_DATA' }))
        return
      }
      const reader = echo.messages()
      echo.send('1')
      echo.send(new Blob(['2']))
      echo.send('3')
      const heard: unknown[] = []
      for (let message = 0; message < 3; message++) heard.push((await reader.next()).value)
      const text = heard.map((each) =>
        typeof each === 'string' ? each : new TextDecoder().decode(each as ArrayBuffer),
      )
      expect(text).toEqual(['1', '2', '3'])
    })

    test('ten thousand messages sent in a burst arrive in order, without loss or duplicates', async () => {
      const echo = connect('/echo', { queue: { messages: 20_000, bytes: 1 << 24 } })
      const reader = echo.messages({ limit: 20_000 })
      for (let id = 0; id < 10_000; id++) echo.send(`${id}`)
      await echo.opened()
      for (let id = 0; id < 10_000; id++) expect((await reader.next()).value).toBe(`${id}`)
    })

    test('a half-open link is abandoned and replaced without waiting for its close event (N01)', async () => {
      const feed = connect('/half-open', { heartbeat })
      const closes: unknown[] = []
      feed.on('close', (close) => closes.push(close))
      await feed.opened()
      await expect.poll(() => closes.length, { timeout: 5_000 }).toBe(1)
      expect(closes).toMatchObject([{ code: 4000, error: { code: 'ERR_HEARTBEAT_TIMEOUT' } }])
      await feed.opened()
      const answer = feed.messages().next()
      feed.send('alive')
      expect((await answer).value).toBe('alive')
    })

    test('an unanswered handshake is abandoned, and the next one opens (H01)', async () => {
      const feed = connect('/hang', { connectTimeout: 500, autoOpen: false })
      const states: string[] = []
      feed.on('state', ({ state }) => states.at(-1) !== state && states.push(state))
      feed.open()
      await feed.opened()
      expect(states).toEqual(['connecting', 'backoff', 'connecting', 'open'])
    })

    test('a refused handshake is one failed attempt, whatever the runtime reports (N15)', async () => {
      const feed = connect('/refused')
      const closes: unknown[] = []
      feed.on('close', (close) => closes.push(close))
      await feed.opened()
      expect(closes).toMatchObject([{ code: 1006, wasClean: false, willRetry: true }])
    })

    test('a cut link is one loss, and messages sent meanwhile arrive afterwards (N05)', async () => {
      const feed = connect('/cut')
      const reader = feed.messages()
      const closes: unknown[] = []
      feed.on('close', (close) => closes.push(close))
      await feed.opened()
      feed.send('the server cuts the link at this')
      await expect.poll(() => closes.length, { timeout: 5_000 }).toBe(1)
      feed.send('after')
      expect((await reader.next()).value).toBe('after')
      expect(closes).toMatchObject([{ willRetry: true, uncertain: { messages: 1 } }])
    })

    test('the connection redials after a close with 1012, not after 1003 (C02)', async () => {
      const restarted = connect('/restart')
      await restarted.opened()
      await expect.poll(() => restarted.status.loss?.close.code, { timeout: 5_000 }).toBe(hearsRestart ? 1012 : 1006)
      await restarted.opened()
      const refused = connect('/unsupported')
      const { code } = await refused.ended()
      expect([code, refused.status.why]).toEqual([1003, 'refused'])
    })

    test('reconnect() and close() in any order leave at most one socket', async () => {
      const feed = connect('/echo')
      feed.reconnect()
      await feed.opened()
      feed.reconnect()
      feed.reconnect()
      void feed.close()
      feed.open()
      await feed.opened()
      const answer = feed.messages().next()
      feed.send('one')
      expect((await answer).value).toBe('one')
    })

    test('streams carry piped data, and return it', async () => {
      const echo = connect('/echo')
      const source = new ReadableStream<string>({
        start(controller) {
          for (const each of ['a', 'b', 'c']) controller.enqueue(each)
          controller.close()
        },
      })
      const reader = (echo.readable as ReadableStream<string>).getReader()
      await source.pipeTo(echo.writable)
      const read = [await reader.read(), await reader.read(), await reader.read()]
      expect(read.map(({ value }) => value)).toEqual(['a', 'b', 'c'])
    })

    test('prepare runs before the queue is flushed', async () => {
      const heard: unknown[] = []
      const feed = connect('/echo', {
        prepare: async (link) => {
          link.send('hello')
          heard.push(await link.read())
        },
      })
      const reader = feed.messages()
      feed.send('queued')
      expect((await reader.next()).value).toBe('queued')
      expect(heard).toEqual(['hello'])
    })
  })
}

// In a page and its workers, exceptions from an app's functions reach `window.onerror` and nothing else.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createConnection } from '../../src/index.js'
import { FakeTransport, settle } from '../../src/tools/testing/browser.js'
import { ReconnectingWebSocket } from '../../src/websocket/index.js'
import { bites, live, seams, type BiteName } from '../callbacks/seams.js'

const reported: unknown[] = []
const unhandled: unknown[] = []

const heard = (event: ErrorEvent): void => {
  // Marks it as expected for the runner.
  event.preventDefault()
  event.stopImmediatePropagation()
  reported.push(event.error)
}
const rejected = (event: PromiseRejectionEvent): void => {
  event.preventDefault()
  event.stopImmediatePropagation()
  unhandled.push(event.reason)
}

beforeEach(() => {
  reported.length = unhandled.length = 0
  addEventListener('error', heard, true)
  addEventListener('unhandledrejection', rejected, true)
})

afterEach(() => {
  removeEventListener('error', heard, true)
  removeEventListener('unhandledrejection', rejected, true)
})

/** A page reports unhandled rejections in a separate task. */
const task = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

describe('an error without a listener', () => {
  test.each(Object.keys(bites) as BiteName[])('is reported to the page, and leaves no rejection: %s', async (bite) => {
    // Thousands of them, and the runner would print each. The tests below use the page's own console.
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
    for (const seam of seams) {
      reported.length = 0
      const { reached } = await live(seam, bites[bite])
      expect([seam, reached > 0]).toEqual([seam, true])
    }
    await task()
    vi.unstubAllGlobals()
    expect(unhandled).toEqual([])
  })

  test('is the original error if a handler or listener of the drop-in class throws or rejects', async () => {
    const error = new Error('mine')
    const { reached } = await live('socket onmessage', () => {
      throw error
    })
    expect(reported).toEqual(Array.from({ length: reached }, () => error))
    reported.length = 0
    const again = await live('socket message listener', () => Promise.reject(error))
    await task()
    expect(reported).toEqual(Array.from({ length: again.reached }, () => error))
    expect(unhandled).toEqual([])
  })

  test('is a ConnectionError with its cause if a listener throws', async () => {
    await live('on message', bites.throws)
    expect(reported.length).toBeGreaterThan(0)
    expect(reported[0]).toMatchObject({ code: 'ERR_LISTENER', cause: new Error('bitten') })
  })
})

describe('values of another realm', () => {
  interface Realm {
    readonly URL: typeof URL
    readonly AbortController: typeof AbortController
    readonly Promise: typeof Promise
    readonly Blob: typeof Blob
    readonly Uint8Array: typeof Uint8Array
    readonly ArrayBuffer: typeof ArrayBuffer
    readonly Error: typeof Error
  }

  function realm(): Realm {
    const frame = document.createElement('iframe')
    document.body.append(frame)
    return frame.contentWindow as unknown as Realm
  }

  test('are accepted like those of this realm: URL, AbortSignal, Promise, Blob, buffers', async () => {
    const other = realm()
    expect(new other.URL('ws://server.test/') instanceof URL).toBe(false)
    const transport = new FakeTransport({ onSocket: (socket) => socket.accept() })
    const signals = Array.from({ length: 3 }, () => new other.AbortController())
    const [ends, waits, listens] = signals as [AbortController, AbortController, AbortController]
    const connection = createConnection(
      () => other.Promise.resolve({ url: new other.URL('ws://server.test/x'), protocols: ['a'] }),
      { transport, signal: ends.signal },
    )
    await connection.opened({ signal: waits.signal })
    expect([connection.url, transport.last.target.protocols]).toEqual(['ws://server.test/x', ['a']])
    for (const data of [new other.Uint8Array([1]), new other.ArrayBuffer(2), new other.Blob(['x'])]) {
      expect(connection.send(data)).toBe('sent')
    }
    const seen: unknown[] = []
    connection.on('message', (message) => seen.push(message), { signal: listens.signal })
    transport.last.message('one')
    listens.abort()
    transport.last.message('two')
    expect(seen).toEqual(['one'])
    const drained = connection.ended({ signal: waits.signal })
    waits.abort(new other.Error('given up'))
    await expect(drained).rejects.toMatchObject({ message: 'given up' })
    ends.abort()
    expect(connection.state).toBe('closing')
    transport.last.end({ code: 1000 })
    void createConnection(new other.URL('ws://server.test/'), { transport, autoOpen: false }).close()
  })

  test('that reject are reported once, and leave no unhandled rejection', async () => {
    const other = realm()
    const transport = new FakeTransport({ onSocket: (socket) => socket.accept() })
    const connection = createConnection('ws://server.test/', { transport })
    const errors: unknown[] = []
    connection.on('error', ({ code }) => errors.push(code))
    connection.on('message', () => other.Promise.reject(new other.Error('bitten')))
    const socket = new ReconnectingWebSocket('ws://server.test/', [], { transport })
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a handler
    socket.onmessage = () => other.Promise.reject(new other.Error('bitten'))
    await settle()
    for (const each of transport.sockets) each.message('x')
    await task()
    expect([errors, reported.length, unhandled]).toEqual([['ERR_LISTENER'], 1, []])
    void connection.close()
    socket.close()
  })
})

test('in a worker an error without a listener reaches the page as a worker error, and the worker keeps running', async () => {
  const worker = new Worker(new URL('./callbacks-worker.ts', import.meta.url), { type: 'module' })
  const messages: unknown[] = []
  const errors: string[] = []
  worker.addEventListener('error', (event) => {
    event.preventDefault()
    errors.push(event.message)
  })
  await new Promise<void>((resolve, reject) => {
    worker.addEventListener('message', ({ data }) => {
      messages.push(data)
      if (data === 'done') resolve()
    })
    setTimeout(() => reject(new Error(`no answer from the worker: ${JSON.stringify([messages, errors])}`)), 15_000)
  })
  expect(errors.length).toBeGreaterThan(0)
  expect(errors[0]).toContain("a 'message' listener")
  worker.terminate()
})

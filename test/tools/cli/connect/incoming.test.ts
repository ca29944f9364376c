import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { Incoming, type IncomingOptions } from '../../../../src/tools/cli/connect/incoming.js'
import { StdoutWriter } from '../../../../src/tools/cli/connect/stdout-writer.js'
import { settle } from '../../../../src/tools/testing/browser.js'
import { setup } from '../../../support/setup.js'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function rig(options: Partial<IncomingOptions> = {}, highWaterMark = 1 << 20) {
  const life = setup()
  const out = new PassThrough({ highWaterMark })
  const gone = new AbortController()
  const writer = new StdoutWriter(out, (write) => write(), gone.signal)
  const all: IncomingOptions = { json: false, binary: 'hex', binaryFiles: undefined, escapes: false, ...options }
  const incoming = new Incoming(life.connection, writer, all)
  const writing = incoming.write(Infinity)
  /** Reads what is there. */
  const read = async (): Promise<string> => {
    await settle()
    await turn()
    return String((out.read() as Buffer | null) ?? '')
  }
  return { ...life, out, writer, incoming, writing, read, gone }
}

const types = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { type, state, text: said } = JSON.parse(line) as Record<string, unknown>
      return said ?? state ?? type
    })

describe('messages on stdout', () => {
  test('are lines; binary is hex, base64 or raw', async () => {
    for (const [binary, expected] of [
      ['hex', 'a\n00ff\n'],
      ['base64', 'a\nAP8=\n'],
      ['raw', Buffer.from([0x61, 0x0a, 0x00, 0xff]).toString()],
    ] as const) {
      const { accept, read } = rig({ binary })
      const socket = await accept()
      socket.message('a')
      socket.message(new Uint8Array([0, 255]).buffer)
      expect(await read()).toBe(expected)
    }
  })

  test('are escaped for a terminal and unchanged elsewhere', async () => {
    const nasty = '\u001b]52;c;eA==\u0007\u009b2J\u202ea\tb\r\nc'
    for (const [escapes, expected] of [
      [true, '\\x1b]52;c;eA==\\x07\\x9b2J\\u202ea\tb\\x0d\nc\n'],
      [false, `${nasty}\n`],
    ] as const) {
      const { accept, read } = rig({ escapes })
      ;(await accept()).message(nasty)
      expect(await read()).toBe(expected)
    }
  })

  test('that arrive in one tick leave in one write', async () => {
    const { accept, out, read } = rig()
    let writes = 0
    const write = out.write.bind(out)
    out.write = ((...args: Parameters<typeof write>) => (writes++, write(...args))) as typeof out.write
    const socket = await accept()
    for (let index = 0; index < 100; index++) socket.message(String(index))
    expect((await read()).split('\n')).toHaveLength(101)
    expect(writes).toBe(1)
  })

  test('pause the socket while stdout is full, and resume it afterward', async () => {
    const { accept, out, incoming, read } = rig({}, 1)
    const socket = await accept()
    const text = 'x'.repeat(70_000)
    for (let index = 0; index < 40; index++) socket.message(text)
    await settle()
    await turn()
    expect([socket.count('pause'), socket.count('resume')]).toEqual([1, 0])
    expect(incoming.written).toBe(1)
    expect(incoming.quiet).toBe(0)
    let size = 0
    for (let count = 0; count < 60; count++) size += (await read()).length
    expect(socket.count('resume')).toBe(1)
    expect(size).toBe(40 * 70_001)
    out.destroy()
  })

  test('are discarded once stdout is closed', async () => {
    const { accept, writing, gone } = rig({}, 1)
    ;(await accept()).message('x'.repeat(70_000))
    await settle()
    gone.abort()
    await writing
  })
})

describe('events on stdout', () => {
  test('keep their order among the messages', async () => {
    const { accept, transport, read, connection, clock, incoming, writing } = rig({ json: true })
    const socket = await accept()
    socket.message('a')
    socket.message('b')
    transport.last.end({ code: 1006 })
    await clock.advance(1_000)
    ;(await accept()).message('c')
    void connection.close()
    transport.last.end({ code: 1000 })
    await writing
    incoming.finish()
    expect(types(await read())).toEqual([
      'connecting',
      'connecting',
      'open',
      'open',
      'a',
      'b',
      'close',
      'backoff',
      'backoff',
      'connecting',
      'connecting',
      'connecting',
      'open',
      'open',
      'c',
      'closing',
      'close',
      'ended',
    ])
  })

  test('are kept up to a limit while stdout is full, and then counted', async () => {
    const { accept, connection, read, out } = rig({ json: true }, 1)
    const socket = await accept()
    socket.message('x'.repeat(70_000))
    for (let count = 0; count < 6_000; count++) {
      connection.reconnect()
      await settle()
    }
    let text = ''
    for (let count = 0; count < 200; count++) text += await read()
    out.destroy()
    const lines = text.trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(10_000)
    expect(lines.length).toBeLessThan(10_020)
    const { type, count } = JSON.parse(lines.at(-1)!) as { type: string; count: number }
    expect(type).toBe('skipped')
    expect(count).toBeGreaterThan(1_000)
  })

  test('are escaped for a terminal and stay the same JSON', async () => {
    const { accept, read } = rig({ json: true })
    ;(await accept()).message('\u001b\u009b\u202e')
    const line = (await read()).trimEnd().split('\n').at(-1)!
    expect(line).toMatch(/^[\x20-\x7e]+$/)
    expect(JSON.parse(line)).toMatchObject({ type: 'message', text: '\u001b\u009b\u202e' })
  })
})

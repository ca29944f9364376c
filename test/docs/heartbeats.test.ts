import { mkdtempSync, readFileSync, rmSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transformSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Data, Frame, Heartbeat } from '../../src/index.js'
import { root } from './pages.js'

// The dialects of docs/heartbeats.md, each run as it stands there, against the frames that its server is said to send.

const page = readFileSync(join(root, 'docs/heartbeats.md'), 'utf8')

/** Of each `createConnection` in the code under a heading, the heartbeat. */
async function heartbeatsUnder(heading: string, folder: string): Promise<Heartbeat[]> {
  const [, code] = new RegExp(`^### ${heading}[^\n]*\n[^]*?^\`\`\`ts\n(.*?)^\`\`\``, 'ms').exec(page) ?? []
  if (code === undefined) throw new Error(`the page has no code under ${heading}`)
  const kept = `const kept = []
    const createConnection = (url, { heartbeat }) => void kept.push(heartbeat)
    export { kept }\n`
  const file = join(folder, `${heading.replaceAll(/\W/g, '-')}.mjs`)
  writeFileSync(file, kept + transformSync(code.replace(/createConnection, /, ''), { loader: 'ts' }).code)
  return ((await import(pathToFileURL(file).href)) as { kept: Heartbeat[] }).kept
}

const bytes = (...values: number[]): ArrayBuffer => Uint8Array.from(values).buffer
const ascii = (text: string): ArrayBuffer => bytes(...Buffer.from(text))
const shown = (data: Data | undefined): unknown => (ArrayBuffer.isView(data) ? [...(data as Uint8Array)] : data)

interface Dialect {
  readonly name: string
  /** Which of the connections under the heading. */
  readonly at?: number
  /** What we send, if we ask. */
  readonly asks?: unknown
  readonly pong?: Frame
  readonly ping?: Frame
  /** What goes back when the server asks. */
  readonly answers?: unknown
  /** Of the server's ordinary traffic. */
  readonly message: Frame
}

const dialects: Dialect[] = [
  {
    name: 'graphql-ws',
    asks: '{"type":"ping"}',
    pong: '{"type":"pong"}',
    ping: '{"type":"ping"}',
    answers: '{"type":"pong"}',
    message: '{"id":"1","type":"next","payload":{"data":{"type":"ping"}}}',
  },
  { name: 'socket.io', ping: '2', answers: '3', message: '42["hello"]' },
  {
    name: 'SignalR',
    ping: '{"type":6}\u001e',
    answers: '{"type":6}\u001e',
    message: '{"type":1,"target":"say","arguments":["hi"]}\u001e',
  },
  {
    name: 'Phoenix',
    asks: '[null,"1","phoenix","heartbeat",{}]',
    pong: '[null,"1","phoenix","phx_reply",{"response":{},"status":"ok"}]',
    message: '["3","4","room:lobby","phx_reply",{"response":{},"status":"ok"}]',
  },
  { name: 'Centrifugo', ping: '{}', answers: '{}', message: '{"push":{"channel":"news","pub":{"data":{}}}}' },
  {
    name: 'Pusher',
    asks: '{"event":"pusher:ping","data":{}}',
    pong: '{"event":"pusher:pong","data":{}}',
    message: '{"event":"trade","channel":"prices","data":"{}"}',
  },
  {
    name: 'Action Cable',
    ping: '{"type":"ping","message":1764167536}',
    message: '{"identifier":"{}","message":{"type":"ping"}}',
  },
  {
    name: 'Home Assistant',
    asks: '{"id":1,"type":"ping"}',
    pong: '{"id":1,"type":"pong"}',
    message: '{"id":2,"type":"event","event":{}}',
  },
  { name: 'MQTT', at: 0, asks: [0xc0, 0], pong: bytes(0xd0, 0), message: bytes(0x30, 2, 0, 0) },
  {
    name: 'MQTT',
    at: 1,
    asks: [...Buffer.from('PING\r\n')],
    pong: ascii('PONG\r\n'),
    message: ascii('MSG a 1 1\r\nx\r\n'),
  },
]

describe('a dialect of the page', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'statewire-dialects-'))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules/statewire'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each(dialects)('tells the heartbeat of $name from its messages, and speaks it', async (dialect) => {
    const heartbeat = (await heartbeatsUnder(dialect.name, folder))[dialect.at ?? 0]!
    const { ping, recognise, answer } = heartbeat
    expect(typeof ping === 'function' ? shown(ping()) : ping).toEqual(dialect.asks ?? 'none')
    expect(dialect.pong && recognise?.(dialect.pong)).toBe(dialect.pong && 'pong')
    expect(dialect.ping && recognise?.(dialect.ping)).toBe(dialect.ping && 'ping')
    expect(dialect.ping && answer?.(dialect.ping)).toBe(dialect.answers)
    expect(recognise?.(dialect.message)).toBeUndefined()
  })

  it('is on the page and in this list, or in neither', () => {
    const [, chapter = ''] = /^## Dialects\n(.*?)^## /ms.exec(page) ?? []
    const headings = [...chapter.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading!)
    const told = headings.filter((heading) => dialects.some(({ name }) => heading.startsWith(name)))
    expect(headings.filter((heading) => !told.includes(heading))).toEqual([
      'Servers that ping in the protocol',
      'Servers that only listen',
    ])
    expect(new Set(dialects.map(({ name }) => name)).size).toBe(told.length)
  })
})

// The published code, compiled to ES5 by an app's own compiler: classes become functions, and private names WeakMaps.
import { readdirSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { WebSocketServer } from 'ws'
import { root, script, testWith, tools } from './support/child.js'

let server: WebSocketServer
let url: string
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'statewire-es5-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) =>
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary && data.toString() === 'drop me') socket.terminate()
      else socket.send(data, { binary: isBinary })
    }),
  )
  await new Promise((resolve) => server.once('listening', resolve))
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(async () => {
  for (const socket of server.clients) socket.terminate()
  server.close()
  await rm(folder, { recursive: true, force: true })
})

type Compile = (code: string, filename: string) => Promise<{ code: string }>

const require = createRequire(join(tools, '../package.json'))

const compilers: Record<string, { packages: string[]; make: () => Compile }> = {
  SWC: {
    packages: ['@swc/core'],
    make() {
      const swc = require('@swc/core') as { transform: (code: string, options: object) => Promise<{ code: string }> }
      const options = {
        swcrc: false,
        jsc: { target: 'es5', parser: { syntax: 'ecmascript' } },
        module: { type: 'es6' },
      }
      return (code, filename) => swc.transform(code, { ...options, filename })
    },
  },
  Babel: {
    packages: ['@babel/core', '@babel/preset-env'],
    make() {
      const babel = require('@babel/core') as {
        transformAsync: (code: string, options: object) => Promise<{ code: string }>
      }
      const presets = [[require.resolve('@babel/preset-env'), { targets: { ie: '11' }, modules: false }]]
      const options = { babelrc: false, configFile: false, compact: false, presets }
      return (code, filename) => babel.transformAsync(code, { ...options, filename })
    },
  },
  'Babel with its loose assumptions': {
    packages: ['@babel/core', '@babel/preset-env'],
    make() {
      const babel = require('@babel/core') as {
        transformAsync: (code: string, options: object) => Promise<{ code: string }>
      }
      const presets = [[require.resolve('@babel/preset-env'), { targets: { ie: '11' }, modules: false }]]
      const assumptions = { privateFieldsAsProperties: true, setPublicClassFields: true, constantSuper: true }
      const options = { babelrc: false, configFile: false, compact: false, presets, assumptions }
      return (code, filename) => babel.transformAsync(code, { ...options, filename })
    },
  },
}

/** The library's modules, without its commands, in a folder of their own. */
async function compiled(name: string, compile: Compile): Promise<string> {
  const to = join(folder, name.replaceAll(/\W/g, ''))
  for (const from of ['machines', 'src']) {
    for (const file of readdirSync(join(root, 'dist', from), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.js') || /^tools\/(?:cli|inspect\/viewer)\//.test(file)) continue
      const { code } = await compile(await readFile(join(root, 'dist', from, file), 'utf8'), file)
      expect(code).not.toMatch(/^(?:export )?class |=> \{$/m)
      await mkdir(dirname(join(to, from, file)), { recursive: true })
      await writeFile(join(to, from, file), code)
    }
  }
  const { imports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { imports: object }
  await writeFile(join(to, 'package.json'), JSON.stringify({ type: 'module', imports }).replaceAll('./dist/', './'))
  return pathToFileURL(to).href
}

const life = (at: string): string => `
  import { ConnectionError, createConnection, textHeartbeat } from '${at}/src/index.js'
  import { ReconnectingWebSocket } from '${at}/src/websocket/index.js'
  import { wsTransport } from '${at}/src/transports/ws.js'
  import { FakeTransport, TestClock } from '${at}/src/tools/testing/browser.js'
  const url = process.argv[1]
  const seen = []

  const feed = createConnection(url, {
    transport: wsTransport(),
    heartbeat: textHeartbeat({ ping: 'ping', pong: 'pong' }),
    prepare: async (link) => { link.send('hello'); seen.push(await link.read()) },
  })
  feed.send('queued')
  await feed.opened()
  const reader = feed.messages()
  feed.send(Uint8Array.of(1, 2))
  seen.push((await reader.next()).value, new Uint8Array((await reader.next()).value).join())
  feed.send('drop me')
  seen.push(await new Promise((resolve) => feed.on('close', ({ code }) => resolve(code), { once: true })))
  await feed.opened()
  for await (const message of (feed.send('again'), feed)) { seen.push(message); break }
  const source = feed.readable.getReader()
  await feed.writable.getWriter().write('streamed')
  seen.push((await source.read()).value)
  seen.push((await feed.close(4001, 'enough')).code)
  try { feed.send('late') } catch (error) { seen.push(error instanceof ConnectionError, error.code) }

  const Bound = ReconnectingWebSocket.with({ transport: wsTransport(), maxRetries: 0 })
  class Sub extends Bound { mine = 1 }
  for (const Class of [ReconnectingWebSocket, Bound, Sub]) {
    const socket = new Class(url, [], { transport: wsTransport() })
    const opened = await new Promise((resolve) => (socket.onopen = resolve))
    const message = new Promise((resolve) => (socket.onmessage = resolve))
    socket.send('data')
    const { data, origin, constructor, target } = await message
    const closed = new Promise((resolve) => (socket.onclose = resolve))
    socket.close(4002, 'enough')
    const { code, willReconnect } = await closed
    seen.push([
      opened instanceof Event, opened.constructor === Event, data, origin + '/' === url, constructor === MessageEvent,
      target === socket, code, willReconnect, socket instanceof EventTarget, socket instanceof Class, socket.OPEN, Class.OPEN,
    ].join())
  }
  new FakeTransport()
  new TestClock()
  console.log(JSON.stringify(seen))
  process.exit()
`

describe.each(Object.entries(compilers))('compiled to ES5 by %s', (name, { packages, make }) => {
  testWith(packages, 'a connection and a drop-in open, carry messages and close over ws', 180_000, async () => {
    const at = await compiled(name, make())
    const socket = 'true,true,data,true,true,true,4002,false,true,true,1,1'
    expect(JSON.parse(await script(life(at), url))).toEqual([
      ...['hello', 'queued', '1,2', 1006, 'hello', 'again', 'streamed', 4001, true, 'ERR_ENDED'],
      ...[socket, socket, socket],
    ])
  })
})

// React Native: its Babel preset applied to the published code, its own JavaScript over `ws`, and none of the globals
// it lacks.
import { chmod, copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { WebSocketServer } from 'ws'
import { bundleForReactNative, type Profile } from './react-native/bundle.js'
import { natives, type Native } from './react-native/natives.js'
import { run, testWith, tools } from './support/child.js'

const minutes = 180_000
const packages = ['react-native', '@react-native/babel-preset', '@babel/core']
const app = join(import.meta.dirname, 'react-native/app.js')

let server: WebSocketServer
let url: string
beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) =>
    socket.on('message', (data, isBinary) => {
      if (!isBinary && (data as Buffer).toString() === 'drop me') socket.terminate()
      else socket.send(data as Buffer, { binary: isBinary })
    }),
  )
  await new Promise((resolve) => server.once('listening', resolve))
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/feed`
})
afterAll(() => {
  for (const socket of server.clients) socket.terminate()
  server.close()
})

/** Runs a bundle with only the language's globals, timers and its own. */
async function live(bundle: string, more: object = {}): Promise<string[]> {
  const lines: string[] = []
  await new Promise<void>((resolve) => {
    const native: Native = { url, say: (line: string) => lines.push(line), done: () => resolve(), ...more }
    Object.assign(native, natives(native))
    const context = createContext({ native, setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask })
    Object.assign(context, { console, performance: { now: () => performance.now() } })
    runInContext(bundle, context)
  })
  return lines
}

const bundles = new Map<Profile, Promise<string>>()

function bundled(profile: Profile): Promise<string> {
  let bundle = bundles.get(profile)
  if (bundle === undefined) bundles.set(profile, (bundle = bundleForReactNative(app, profile)))
  return bundle
}

const core = [
  'open ws://here/feed 1',
  'echoes grüße \u{1F600} | 1,2,3 | 4,5 | 98,108,111,98',
  'lost with 1006',
  'after that again',
  'aborted true',
  expect.stringMatching(/^readable ConnectionError ERR_MISSING_PEER: .*ReadableStream.*polyfill/),
  expect.stringMatching(/^writable ConnectionError ERR_MISSING_PEER: .*WritableStream.*polyfill/),
  'closed {"code":4001,"reason":"grüße"}',
]
const dropIn = [
  'drop-in open chat 1 true',
  'drop-in data x from ws://here',
  'drop-in refuses InvalidAccessError : close code (1) must be 1000, or 3000 to 4999 / SyntaxError : close reason (124 bytes) must be at most 123 bytes of UTF-8',
  'drop-in heard open  true | message x true | message blob of 3 true | close 1000 ü\uFFFD true',
  'drop-in bound true,true',
  expect.stringMatching(/^drop-in refuses SyntaxError : url \(of 8 characters\)/),
  expect.stringMatching(/^drop-in refuses SyntaxError : a subprotocol must be a token/),
]
const kit = [
  'kit wss://example.com/feed?a=1 connection function true',
  'refuses ConnectionError ERR_URL: url (of 8 characters) must be an absolute ws: or wss: URL: check its syntax',
  'refuses ConnectionError ERR_URL: url (scheme ftp:) must have the scheme ws: or wss:',
  'refuses ConnectionError ERR_URL: url (with a fragment) must not contain one: remove the # and everything after it',
  'iterates a, b, c and ends',
]

describe.each(['hermes-stable', 'default'] satisfies Profile[])('React Native, compiled with profile %s', (profile) => {
  testWith(packages, 'runs a connection and a drop-in through a whole life', minutes, async () => {
    expect(await live(await bundled(profile))).toEqual([...core, ...dropIn, ...kit])
  })

  testWith(packages, 'needs no URL getters, which older versions lack', minutes, async () => {
    expect(await live(await bundled(profile), { without: ['getters'] })).toEqual([...core, ...dropIn, ...kit])
  })

  testWith(
    packages,
    'needs neither Event nor EventTarget for a connection; the drop-in names what it needs',
    minutes,
    async () => {
      const lines = await live(await bundled(profile), { without: ['events'] })
      const needs =
        /^ConnectionError ERR_MISSING_PEER: ReconnectingWebSocket needs a global Event,.*event-target-polyfill/
      expect(lines).toEqual([...core, expect.stringMatching(needs), ...kit])
    },
  )

  testWith([...packages, 'event-target-polyfill'], 'runs a drop-in with a polyfill for them', minutes, async () => {
    const lines = await live(await bundled(profile), { without: ['events'], polyfilled: true })
    expect(lines).toEqual([...core, ...dropIn, ...kit])
  })
})

// The only engine of this family in the registry is an old one; the newest compiler in it parses.
describe('Hermes', () => {
  testWith([...packages, 'hermes-engine-cli'], 'runs the whole bundle', minutes, async () => {
    const bundle = await bundleForReactNative(join(import.meta.dirname, 'react-native/hermes-app.js'), 'default')
    const folder = await mkdtemp(join(tmpdir(), 'statewire-hermes-'))
    try {
      const file = join(folder, 'app.js')
      await writeFile(file, bundle)
      // Packages installed without scripts need not be executable.
      const hermes = join(folder, 'hermes')
      await copyFile(join(tools, 'hermes-engine-cli/linux64-bin/hermes'), hermes)
      await chmod(hermes, 0o755)
      const { stdout } = await run(hermes, ['-w', '-Xes6-promise', '-Xmicrotask-queue', file], { timeout: 60_000 })
      expect(stdout.trim().split('\n')).toEqual([...core, ...dropIn, ...kit])
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  testWith([...packages, 'hermes-compiler'], "compiles the preset's output", minutes, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'statewire-hermes-'))
    try {
      const file = join(folder, 'app.js')
      await writeFile(file, await bundled('hermes-stable'))
      const hermesc = join(folder, 'hermesc')
      await copyFile(join(tools, 'hermes-compiler/hermesc/linux64-bin/hermesc'), hermesc)
      await chmod(hermesc, 0o755)
      await run(hermesc, ['-w', '-emit-binary', '-out', join(folder, 'app.hbc'), file])
      expect((await stat(join(folder, 'app.hbc'))).size).toBeGreaterThan(100_000)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

// The configurations of docs/testing.md, run as printed there, by the test runners they are for.
import { readFileSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { packedProject, type Project } from '../package/packed.js'
import { root, run, testWith, tools } from './support/child.js'

const page = readFileSync(join(root, 'docs/testing.md'), 'utf8')

/** The page's code block with this name. */
function block(name: string): string {
  const [, code] = new RegExp(`^\`\`\`\\w+ ${name.replaceAll('.', '\\.')}\\n(.*?)^\`\`\``, 'ms').exec(page) ?? []
  if (code === undefined) throw new Error(`docs/testing.md has no block called ${name}`)
  return code
}

let project: Project
beforeAll(async () => {
  project = await packedProject()
  await writeFile(join(project.folder, 'package.json'), '{ "private": true }')
  for (const name of ['xstate', 'ws', 'vitest']) await project.link(name)
  const forJest = ['jest', 'babel-jest', 'jest-environment-jsdom', '@happy-dom/jest-environment', '@babel/preset-env']
  for (const name of forJest) {
    const at = join(project.folder, 'node_modules', name)
    await mkdir(dirname(at), { recursive: true })
    await symlink(join(tools, name), at)
  }
  for (const name of ['babel.config.cjs', 'jest.config.cjs']) {
    await writeFile(join(project.folder, name), block(name))
  }
}, 60_000)
afterAll(() => project.remove())

/** What the entries do if the environment has no encoder, and event classes of its own. */
const entries = `
  import { createConnection } from 'statewire'
  import { ReconnectingWebSocket } from 'statewire/websocket'
  import { FakeTransport, settle, TestClock } from 'statewire/testing'
  import * as machine from 'statewire/xstate'
  import * as inspect from 'statewire/inspect'

  test('every entry works', async () => {
    expect([typeof machine.connectionMachine, typeof inspect.linkViewer]).toEqual(['object', 'function'])
    const seams = { transport: new FakeTransport(), clock: new TestClock() }
    const feed = createConnection('wss://example.com/feed', seams)
    feed.send('grüße')
    await settle()
    seams.transport.last.accept()
    expect(feed.counters.sent).toBe(1)
    void feed.close(4000, 'grüße')

    const socket = new ReconnectingWebSocket('wss://example.com/feed', [], { ...seams, signal: new AbortController().signal })
    const heard = []
    for (const type of ['open', 'message', 'close']) {
      socket.addEventListener(type, (event) => {
        heard.push(type)
        expect(event).toBeInstanceOf(Event)
        expect(event.target).toBe(socket)
      })
    }
    await settle()
    seams.transport.last.accept()
    seams.transport.last.message('hello')
    socket.close(4000, 'grüße')
    await seams.clock.advance(10_000)
    expect(heard).toEqual(['open', 'message', 'close'])
    expect(socket).toBeInstanceOf(EventTarget)
  })
`

const outside = (environment: string): string => `/** @jest-environment ${environment} */\n`

/** Runs these files, and returns Jest's report. */
async function jest(node: string, env: Record<string, string>, files: Record<string, string>): Promise<string> {
  for (const [file, text] of Object.entries(files)) await writeFile(join(project.folder, file), text)
  const args = [join(tools, 'jest/bin/jest.js'), '--no-cache', '--runTestsByPath', ...Object.keys(files)]
  const options = { cwd: project.folder, env: { ...process.env, CI: 'true', ...env }, timeout: minutes - 10_000 }
  const { stderr } = await run(node, args, options).catch((failed: unknown) => failed as { stderr: string })
  return stderr
}

const minutes = 240_000
const packages = ['jest', 'jest-environment-jsdom', '@happy-dom/jest-environment']

describe('Jest that compiles statewire', () => {
  testWith(
    packages,
    'runs the example on the page, and every entry but statewire/ws in jsdom, happy-dom and node',
    minutes,
    async () => {
      const report = await jest(
        process.execPath,
        {},
        {
          'feed.test.js': block('feed.test.js'),
          'jsdom.test.js': entries,
          'happy-dom.test.js': outside('@happy-dom/jest-environment') + entries,
          'node.test.js': outside('node') + entries,
        },
      )
      expect(report).toMatch(/^Tests: +4 passed, 4 total$/m)
    },
  )
})

describe('Jest that loads ES modules', () => {
  testWith(
    [...packages, 'node24'],
    'needs no transformIgnorePatterns, and runs the example on the page and every entry',
    minutes,
    async () => {
      expect(page).toContain('NODE_OPTIONS=--experimental-vm-modules npx jest')
      await writeFile(join(project.folder, 'jest.config.cjs'), `module.exports = { testEnvironment: 'jsdom' }`)
      const ws = `import { wsTransport } from 'statewire/ws'\nwsTransport()\n`
      const report = await jest(
        join(tools, 'node24/bin/node'),
        { NODE_OPTIONS: '--experimental-vm-modules' },
        {
          'feed.test.js': block('feed.test.js'),
          'jsdom.test.js': entries,
          'happy-dom.test.js': outside('@happy-dom/jest-environment') + entries,
          'node.test.js': outside('node') + ws + entries,
        },
      )
      expect(report).toMatch(/^Tests: +4 passed, 4 total$/m)
    },
  )
})

describe('Vitest', () => {
  testWith([], 'runs the example on the page without any configuration', minutes, async () => {
    await writeFile(join(project.folder, 'feed.test.ts'), block('feed.vitest.test.ts'))
    const bin = join(root, 'node_modules/vitest/vitest.mjs')
    const ours = { VITEST: undefined, VITEST_POOL_ID: undefined, VITEST_WORKER_ID: undefined, FORCE_COLOR: undefined }
    const env = { ...process.env, ...ours, NO_COLOR: '1' }
    const { stdout } = await run(process.execPath, [bin, 'run', '--root', project.folder, 'feed.test.ts'], { env })
    expect(stdout).toMatch(/Tests +1 passed/)
  })
})

// The banner of docs/offline.md, run as printed there.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import { transform } from 'esbuild'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createConnection, textHeartbeat, type Connection, type ConnectionOptions } from '../../src/index.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { FakeEnvironment } from '../support/setup.js'
import { root } from './pages.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Runs the first program of the page in a world where nothing happens by itself. */
async function run(): Promise<{
  banner: { textContent: string; hidden: boolean }
  transport: FakeTransport
  environment: FakeEnvironment
  connection: Connection
  pass: (ms: number) => Promise<void>
}> {
  const page = readFileSync(join(root, 'docs/offline.md'), 'utf8')
  const [, code = ''] = /```ts\n(.*?)^```/ms.exec(page) ?? []
  const { code: script } = await transform(code, { loader: 'ts', target: 'es2022', format: 'cjs' })
  const banner = { textContent: '', hidden: false }
  const seams = {
    clock: new TestClock({ epoch: Date.now() }),
    transport: new FakeTransport(),
    environment: new FakeEnvironment(),
    backoff: () => 5_000,
    random: () => 0.5,
  }
  const made: Connection[] = []
  const statewire = {
    textHeartbeat,
    createConnection: (url: string, options: ConnectionOptions) => {
      const connection = createConnection(url, { ...options, ...seams })
      made.push(connection)
      return connection
    },
  }
  const program = compileFunction(script, ['require', 'banner', 'module']) as (...given: unknown[]) => void
  program(() => statewire, banner, {})
  await settle()
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 500) {
      await seams.clock.advance(500)
      vi.advanceTimersByTime(500)
    }
  }
  return { banner, ...seams, connection: made[0]!, pass }
}

it('the text counts down the seconds until the next attempt', async () => {
  const { banner, transport, pass } = await run()
  expect([banner.textContent, banner.hidden]).toEqual(['Connecting', false])
  transport.last.refuse()
  const seen = [banner.textContent]
  for (let second = 0; second < 5; second++) {
    await pass(1_000)
    seen.push(banner.textContent)
  }
  const next = (seconds: number): string => `Connection lost. Next try in ${seconds} s`
  expect(seen).toEqual([next(5), next(4), next(3), next(2), next(1), 'Connecting'])
  await settle()
  transport.last.accept()
  await settle()
  expect(banner.hidden).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})

it('the text says that the system is offline, that the server refused, or that the app has closed', async () => {
  const { banner, transport, environment, connection, pass } = await run()
  transport.last.refuse()
  environment.emit('offline')
  expect([banner.textContent, banner.hidden]).toEqual(['Offline', false])
  environment.emit('online')
  await pass(1_000)
  await settle()
  transport.last.refuse({ status: 426 })
  expect(banner.textContent).toBe('The server refused the connection')
  expect(connection.status.loss?.status).toBe(426)
  connection.open()
  void connection.close()
  await pass(5_000)
  expect([banner.textContent, banner.hidden]).toEqual(['Disconnected', false])
  expect(vi.getTimerCount()).toBe(0)
})

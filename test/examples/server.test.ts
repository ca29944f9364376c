// What a server that renders the examples must be able to rely on.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { FaultServer } from '../../src/tools/testing/index.js'
import { serveEcho } from '../faults/browsers/browser.js'
import { copyExamples, missingTools, type Copy } from './support/examples.js'
import { buildForServer, load, renderers } from './support/rendering.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const cannot = missingTools()

describe.skipIf(cannot !== undefined)('server rendering', () => {
  let copy: Copy
  let server: FaultServer
  beforeAll(async () => {
    copy = await copyExamples()
    server = await serveEcho()
  })
  afterAll(async () => {
    await server?.close()
    await copy?.remove()
  })

  const timers = (holds: readonly string[]): string[] => holds.filter((each) => /Timeout|TCP|Immediate/.test(each))

  test.each(['statewire', 'statewire/ws', 'statewire/websocket'])(
    '%s can be imported without opening a connection or starting a timer: the process ends',
    async (entry) => {
      expect(timers((await load(copy.folder, entry)).holds)).toEqual([])
    },
  )

  test.each(Object.keys(renderers))(
    'the example %s opens no connection and starts no timer: the process ends',
    async (example) => {
      const { html, holds } = await load(copy.folder, await buildForServer(copy.folder, example, server.url))
      expect(html).toMatch(/<output[^>]*>(?:<!--.*?-->)*idle: not opened yet/)
      expect(html).toMatch(/<button[^>]* disabled/)
      expect(timers(holds)).toEqual([])
      expect(server.counts.accepted).toBe(0)
    },
  )

  test('a connection that dials during rendering is detected', async () => {
    const app = join(copy.folder, 'react/App.tsx')
    const dials = (await readFile(app, 'utf8')).replace('autoOpen: false, ', '')
    await writeFile(app, dials)
    const { holds } = await load(copy.folder, await buildForServer(copy.folder, 'react', server.url), 'process.exit()')
    // The deadline of its attempt.
    expect(timers(holds)).toContain('Timeout')
  })
})

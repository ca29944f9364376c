// Each example as end users get it: built, and opened in Chromium, on a link that breaks.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { FaultServer } from '../../src/tools/testing/index.js'
import { missing, serveEcho } from '../faults/browsers/browser.js'
import { launch } from '../faults/browsers/chromium.js'
import { chromiumPath } from '../support/chromium.js'
import { folder, inBrowsers, missingTools, vite } from './support/examples.js'
import { serveFolder } from './support/serve-folder.js'
import { Shown } from './support/shown.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

const cannot = missingTools() ?? missing('Chromium', chromiumPath)

describe.skipIf(cannot !== undefined)('in Chromium', () => {
  let browser: Browser
  let built: string
  let site: Awaited<ReturnType<typeof serveFolder>>

  beforeAll(async () => {
    browser = await launch()
    built = await mkdtemp(join(tmpdir(), 'statewire-built-'))
    site = await serveFolder(built)
  })
  afterAll(async () => {
    await browser?.close()
    await site?.[Symbol.asyncDispose]()
    if (built !== undefined) await rm(built, { recursive: true, force: true })
  })

  describe.each(inBrowsers)('the example %s', (example) => {
    let server: FaultServer
    let shown: Shown

    beforeAll(async () => {
      server = await serveEcho()
      const out = join(built, example)
      // Relative addresses: they share one site.
      await vite(folder, ['build', example, '--outDir', out, '--base', './', '--logLevel', 'warn'], server.url)
    })
    afterAll(() => server?.close())

    beforeEach(async () => {
      shown = await Shown.open(browser, `${site.url}${example}/`)
      await shown.says(/^open/)
    })
    afterEach(async () => {
      await shown.close()
      await server.listenAgain()
      server.heal()
    })

    test('shows a silently dead link and recovers; text typed meanwhile arrives', async () => {
      const before = server.counts.upgraded
      await shown.send('before')
      await shown.lists('before')
      server.partition()
      await shown.says(/^backoff: the link is dead: no answer to a ping; try \d+ at \d/)
      await shown.says(/^connecting/)
      await shown.send('typed meanwhile')
      expect(await shown.messages()).toEqual(['before'])
      server.heal()
      await shown.says(/^open/)
      await shown.lists('typed meanwhile')
      expect(await shown.messages()).toEqual(['typed meanwhile', 'before'])
      expect(server.counts.upgraded).toBe(before + 1)
      expect(shown.uncaught).toEqual([])
    })

    test('shows a reset link and recovers; text typed meanwhile arrives', async () => {
      await server.stopListening()
      server.reset()
      await shown.says(/^backoff: the link was lost \(1006\); try \d+ at \d/)
      await shown.send('typed meanwhile')
      expect(await shown.messages()).toEqual([])
      await server.listenAgain()
      await shown.says(/^open/)
      await shown.lists('typed meanwhile')
      expect(await shown.messages()).toEqual(['typed meanwhile'])
      expect(shown.uncaught).toEqual([])
    })

    test('lists the last five messages, newest first', async () => {
      for (const text of ['one', 'two', 'three', 'four', 'five', 'six']) {
        await shown.send(text)
        await shown.lists(text)
      }
      expect(await shown.messages()).toEqual(['six', 'five', 'four', 'three', 'two'])
    })
  })
})

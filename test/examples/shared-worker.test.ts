// Specific to the SharedWorker example: tabs share its connection.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test, vi } from 'vitest'
import { missing, serveEcho } from '../faults/browsers/browser.js'
import { launch } from '../faults/browsers/chromium.js'
import { chromiumPath } from '../support/chromium.js'
import { folder, missingTools, vite } from './support/examples.js'
import { serveFolder } from './support/serve-folder.js'

vi.setConfig({ testTimeout: 60_000 })

const cannot = missingTools() ?? missing('Chromium', chromiumPath)

test.skipIf(cannot !== undefined)(
  'tabs share one link, which survives the first tab and ends with the last',
  async () => {
    const built = await mkdtemp(join(tmpdir(), 'statewire-built-'))
    await using server = await serveEcho()
    await vite(folder, ['build', 'shared-worker', '--outDir', built, '--base', './', '--logLevel', 'warn'], server.url)
    await using site = await serveFolder(built)
    const browser = await launch()
    try {
      const context = await browser.newContext()
      const open = async (): Promise<Page> => {
        const page = await context.newPage()
        await page.goto(site.url)
        await page.getByText(/^open/).waitFor()
        return page
      }
      const first = await open()
      const second = await open()
      await first.getByLabel('Message').fill('for all')
      await first.getByRole('button').click()
      for (const page of [first, second]) await page.getByRole('listitem').filter({ hasText: 'for all' }).waitFor()
      await first.close()
      await second.getByLabel('Message').fill('still here')
      await second.getByRole('button').click()
      await second.getByRole('listitem').filter({ hasText: 'still here' }).waitFor()
      expect(server.counts).toMatchObject({ upgraded: 1, open: 1 })
      await second.close()
      await server.until('client.gone')
    } finally {
      await browser.close()
      await rm(built, { recursive: true, force: true })
    }
  },
)

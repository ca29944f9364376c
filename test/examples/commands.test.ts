// The commands in examples/README.md, as a user types them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { missing } from '../faults/browsers/browser.js'
import { launch } from '../faults/browsers/chromium.js'
import { chromiumPath } from '../support/chromium.js'
import { inBrowsers, missingTools, root, Running } from './support/examples.js'
import { Shown } from './support/shown.js'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const cannot = missingTools() ?? missing('Chromium', chromiumPath)

const npmRun = (name: string, ...args: string[]): Running =>
  new Running('npm', ['run', name, '--prefix', 'examples', ...args], { cwd: root, env: { PORT: '0' } })

describe.skipIf(cannot !== undefined)('npm run', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())

  test.each(inBrowsers)(
    '%s starts the page and an echo server that exchange messages, and says how to break the link',
    async (name) => {
      await using running = npmRun(name, '--', '--port', '0', '--host', '127.0.0.1')
      await running.says(/echo server at ws:\S+; to break the link, press/)
      const [, url = ''] = await running.says(/Local:\s+(http:\S+)/)
      const shown = await Shown.open(browser, url)
      await shown.says(/^open/)
      await shown.send('hello')
      await shown.lists('hello')
      await shown.close()
      expect(shown.uncaught).toEqual([])
    },
  )

  test('node starts the service and an echo server; its keys break and restore the link', async () => {
    await using running = npmRun('node')
    await running.says(/echo server at ws:\S+; to break the link, press/)
    await running.says(/^open/m)
    running.process.stdin!.write('b\n')
    await running.says(/^backoff: the link is dead/m)
    running.process.stdin!.write('k\n')
    await running.says(/^backoff[^]*^open/m)
    running.process.stdin!.write('x\n')
    await running.says(/^backoff: the link was lost/m)
  })

  test('extension builds it for an echo server, and names the folder to load', async () => {
    await using running = npmRun('extension')
    const [, built = ''] = await running.says(/load this folder in chrome:\/\/extensions, in developer mode: (\S+)/)
    const [, server = ''] = await running.says(/echo server at (ws:\S+); to break the link, press/)
    expect(readdirSync(built).sort()).toEqual(['background.js', 'manifest.json'])
    expect(readFileSync(join(built, 'background.js'), 'utf8')).toContain(server)
  })

  test('types finds no error in any example', async () => {
    await using running = npmRun('types')
    expect(await running.ended(), running.output).toBe(0)
  })
})

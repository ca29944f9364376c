// A server-rendered page that contains the status, and is hydrated by the framework.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { FaultServer } from '../../src/tools/testing/index.js'
import { missing, serveEcho } from '../faults/browsers/browser.js'
import { launch } from '../faults/browsers/chromium.js'
import { chromiumPath } from '../support/chromium.js'
import { copyExamples, develop, missingTools, type Copy, type Example } from './support/examples.js'
import { buildForServer, load } from './support/rendering.js'
import { Shown } from './support/shown.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const cannot = missingTools() ?? missing('Chromium', chromiumPath)

/** How an entry that mounts becomes one that hydrates. */
const entries: readonly [Example, file: string, takeOver: (entry: string) => string][] = [
  [
    'react',
    'main.tsx',
    (entry) => entry.replaceAll('createRoot', 'hydrateRoot').replace("('#app')!).render(", "('#app')!, "),
  ],
  ['vue', 'main.ts', (entry) => entry.replaceAll('createApp', 'createSSRApp')],
  ['svelte', 'main.ts', (entry) => entry.replaceAll('mount', 'hydrate')],
]

describe.skipIf(cannot !== undefined)('in Chromium, a server-rendered page', () => {
  let browser: Browser
  let copy: Copy
  let server: FaultServer
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    copy = await copyExamples()
    server = await serveEcho()
  })
  afterEach(async () => {
    await server.close()
    await copy.remove()
  })

  /** The framework's warnings about the HTML it finds, and the number of sockets it took. */
  async function takeOver(
    example: Example,
    file: string,
    change: (entry: string) => string,
    html: (html: string) => string,
  ): Promise<string[]> {
    const rendered = await load(copy.folder, await buildForServer(copy.folder, example, server.url))
    expect(server.counts.accepted).toBe(0)
    const at = join(copy.folder, example)
    const page = await readFile(join(at, 'index.html'), 'utf8')
    await writeFile(
      join(at, 'index.html'),
      page.replace('<div id="app"></div>', () => `<div id="app">${html(rendered.html)}</div>`),
    )
    await writeFile(join(at, file), change(await readFile(join(at, file), 'utf8')))
    const { dev, url } = await develop(copy.folder, example, server.url)
    await using _ = dev
    const shown = await Shown.open(browser, url)
    // Before any script has run.
    await shown.says(/^idle/)
    await shown.says(/^open/)
    await shown.send('hello')
    await shown.lists('hello')
    expect(server.counts.accepted).toBe(1)
    await shown.close()
    return [...shown.logged, ...shown.uncaught].filter((line) => /hydrat|mismatch/i.test(line))
  }

  test.each(entries)('is hydrated by %s without a warning, and by one socket', async (example, file, change) => {
    expect(await takeOver(example, file, change, (html) => html)).toEqual([])
  })

  test.each(entries)('that lacks what %s renders causes a warning', async (example, file, change) => {
    const without = (html: string): string => html.replace(/<ul>.*<\/ul>/s, '')
    expect(await takeOver(example, file, change, without)).not.toEqual([])
  })
})

// What a framework does to components during development: it mounts twice, replaces and unmounts.
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { once } from 'node:events'
import type { Browser } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { FaultServer } from '../../src/tools/testing/index.js'
import { missing, serveEcho } from '../faults/browsers/browser.js'
import { launch } from '../faults/browsers/chromium.js'
import { chromiumPath } from '../support/chromium.js'
import { copyExamples, develop, missingTools, type Copy, type Example, type Running } from './support/examples.js'
import { Shown } from './support/shown.js'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 })

const cannot = missingTools() ?? missing('Chromium', chromiumPath)

describe.skipIf(cannot !== undefined)('in Chromium, with the dev server', () => {
  let browser: Browser
  let copy: Copy
  let server: FaultServer
  let dev: Running | undefined
  let shown: Shown | undefined

  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    copy = await copyExamples()
    server = await serveEcho()
  })
  afterEach(async () => {
    await shown?.close()
    await dev?.[Symbol.asyncDispose]()
    shown = undefined
    dev = undefined
    await server.close()
    await copy.remove()
  })

  /** An edit as a developer makes it. It must change something. */
  async function edit(file: string, from: string | RegExp, to: string): Promise<void> {
    const path = join(copy.folder, file)
    const before = await readFile(path, 'utf8')
    const after = before.replace(from, to)
    expect(after, `${from} is not in ${file}`).not.toBe(before)
    // In one step: a file read while being written would count as a separate edit.
    await writeFile(`${path}.new`, after)
    await rename(`${path}.new`, path)
  }

  async function open(example: Example): Promise<Shown> {
    const started = await develop(copy.folder, example, server.url)
    dev = started.dev
    shown = await Shown.open(browser, started.url)
    await shown.says(/^open/)
    // Otherwise it would miss components replaced earlier.
    await vi.waitFor(() => expect(shown!.logged).toContain('[vite] connected.'), 10_000)
    return shown
  }

  /** The expected number, once replaced components have had time to go. */
  const sockets = (count: number): Promise<void> => vi.waitFor(() => expect(server.counts.open).toBe(count), 10_000)

  describe('React in StrictMode', () => {
    test('creates one socket, though it mounts twice', async () => {
      const page = await open('react')
      await page.send('hello')
      await page.lists('hello')
      expect(await page.messages()).toEqual(['hello'])
      expect(server.counts.accepted).toBe(1)
      expect(await page.said()).not.toContainEqual(expect.stringMatching(/^clos/))
    })

    test('creates more with a connection that dials during rendering, so the count detects them', async () => {
      await edit('react/App.tsx', 'autoOpen: false, ', '')
      await open('react')
      await vi.waitFor(() => expect(server.counts.accepted).toBeGreaterThan(1), 10_000)
    })
  })

  // The edit, and how many sockets it takes to continue: one if the owner of the connection stays, another if it is
  // recreated.
  const edits: readonly [what: string, Example, file: string, from: string | RegExp, to: string, upgraded: number][] = [
    ['the component that shows it, in React', 'react', 'react/Feed.tsx', 'Send<', 'Post<', 1],
    ['the component that owns it, in React', 'react', 'react/App.tsx', /<Feed.*/, '<><b>edited</b>$&</>', 1],
    // Different hooks: React remounts.
    [
      'what the component that owns it remembers, in React',
      'react',
      'react/App.tsx',
      /return (<Feed.*)/,
      "const [edited] = useState('edited')\n  return <><b>{edited}</b>$1</>",
      2,
    ],
    ['the template, in Vue', 'vue', 'vue/App.vue', 'Send<', 'Post<', 1],
    ['the script, in Vue', 'vue', 'vue/App.vue', "ref('')", "ref('edited')", 2],
    ['the component, in Svelte', 'svelte', 'svelte/App.svelte', 'Send<', 'Post<', 2],
    ['the component, in Solid', 'solid', 'solid/App.tsx', 'Send<', 'Post<', 2],
    ['the template, in Angular', 'angular', 'angular/feed.ts', 'Send<', 'Post<', 1],
  ]

  test.each(edits)('one socket remains after %s is replaced', async (_, example, file, from, to, upgraded) => {
    const page = await open(example)
    await page.page.evaluate(() => void Object.assign(globalThis, { marker: 'the same page' }))
    await edit(file, from, to)
    await page.page.waitForFunction(() =>
      /Post|edited/.test(document.body.innerHTML + document.querySelector('input')?.value),
    )
    expect(await page.page.evaluate(() => (globalThis as unknown as { marker?: string }).marker)).toBe('the same page')
    await page.send('after')
    await page.lists('after')
    expect(await page.messages()).toEqual(['after'])
    await sockets(1)
    expect(server.counts.upgraded).toBe(upgraded)
    expect(page.uncaught).toEqual([])
  })

  /** The same entry, with a way to unmount the component. */
  const leaving: readonly [Example, file: string, from: string | RegExp, to: string][] = [
    ['vanilla', 'main.ts', 'mount(document', 'globalThis.leave = mount(document'],
    ['worker', 'main.ts', 'mount(document', 'globalThis.leave = mount(document'],
    [
      'rxjs',
      'main.ts',
      /show\(document(.*)$/m,
      'const shown = show(document$1\nglobalThis.leave = () => shown.unsubscribe()',
    ],
    [
      'react',
      'main.tsx',
      /createRoot\(document(.*)\.render/,
      'const root = createRoot(document$1\nglobalThis.leave = () => root.unmount()\nroot.render',
    ],
    [
      'vue',
      'main.ts',
      /createApp\(App\).*/,
      "const app = createApp(App)\napp.mount('#app')\nglobalThis.leave = () => app.unmount()",
    ],
    [
      'svelte',
      'main.ts',
      /mount\(App(.*)/,
      "const app = mount(App$1\nimport { unmount } from 'svelte'\nglobalThis.leave = () => unmount(app)",
    ],
    ['solid', 'main.tsx', 'render(()', 'globalThis.leave = render(()'],
    ['angular', 'main.ts', /await (.*)/, 'const app = await $1\nglobalThis.leave = () => app.destroy()'],
  ]

  test.each(leaving)(
    'the connection closes cleanly when the component unmounts: %s',
    async (example, file, from, to) => {
      await edit(`${example}/${file}`, from, to)
      const page = await open(example)
      expect(page.page.workers()).toHaveLength(example === 'worker' ? 1 : 0)
      const gone = once(server.links[0]!.socket!, 'close')
      await page.page.evaluate(() => void (globalThis as unknown as { leave(): void }).leave())
      // A closing handshake without a code; 1006 would be a link that was cut.
      expect((await gone)[0]).toBe(1005)
      await sockets(0)
      await vi.waitFor(() => expect(page.page.workers()).toEqual([]), 10_000)
      expect(server.counts.accepted).toBe(1)
      expect(page.uncaught).toEqual([])
    },
  )
})

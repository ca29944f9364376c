import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { serve, type Served } from '../../scripts/docs/serve.js'
import { chromiumArgs, chromiumPath } from '../support/chromium.js'
import { pagesIn, root } from './pages.js'
import { run } from '../support/processes.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 900_000 })

/** Not at the root of its host, as on most hosts, so a link without the base path leads nowhere. */
const base = '/statewire/'

function lacking(): string | undefined {
  const reason = !existsSync(join(root, 'docs/node_modules/vitepress'))
    ? 'docs/node_modules is not installed (npm ci --prefix docs --ignore-scripts)'
    : existsSync(chromiumPath)
      ? undefined
      : `no Chromium at ${chromiumPath}`
  if (reason !== undefined && process.env['CI']) throw new Error(`the tests of the documentation site: ${reason}`)
  if (reason !== undefined) console.warn(`SKIPPED: the documentation site: ${reason}`)
  return reason
}

describe.skipIf(lacking() !== undefined)('the documentation site', () => {
  let folder: string
  let site: Served
  let browser: Browser
  /** By their paths in the site: `guides/x.html`. */
  let pages: Map<string, string>

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'statewire-site-'))
    // Dead links fail it, and so does a repository link without a page on the site.
    const build = [join(root, 'node_modules/tsx/dist/cli.mjs'), 'scripts/docs.ts', '--into', folder]
    await run(process.execPath, build, { cwd: root, env: { ...process.env, DOCS_BASE: base } })
    pages = new Map(
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        // The viewer is no page of the site: it stands in one.
        .filter((file) => file.endsWith('.html') && file !== 'viewer.html')
        .map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
    )
    site = await serve(folder, base)
    browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumArgs })
  })
  afterAll(async () => {
    await browser?.close()
    await site?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  /** A page, and its problems: errors, warnings, and third-party requests. */
  async function visit(
    path: string,
    colorScheme: 'light' | 'dark' = 'light',
    viewport = { width: 390, height: 844 },
  ): Promise<{ page: Page; wrong: string[] }> {
    const context = await browser.newContext({ colorScheme, viewport })
    const page = await context.newPage()
    const wrong: string[] = []
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) wrong.push(`console: ${message.text()}`)
    })
    page.on('pageerror', (error) => wrong.push(`thrown: ${error.message}`))
    page.on('requestfailed', (request) => wrong.push(`failed: ${request.url()}`))
    page.on('request', (request) => {
      if (!request.url().startsWith(site.url) && !/^(?:data|blob):/.test(request.url()))
        wrong.push(`elsewhere: ${request.url()}`)
    })
    await page.goto(site.url + path, { waitUntil: 'networkidle' })
    return { page, wrong }
  }

  it("has every page of docs/, each in either the users' or the contributors' sidebar", () => {
    const written = pagesIn('docs').map((file) => relative('docs', file))
    expect(written.length).toBeGreaterThan(40)
    const expected = written.map((file) =>
      file.replace('decisions/README', 'decisions/index').replace(/\.md$/, '.html'),
    )
    expect([...pages.keys()].filter((file) => file !== '404.html').toSorted()).toEqual(expected.toSorted())
    const listed = (from: string): string[] => {
      const [sidebar = ''] = /<aside class="VPSidebar".*?<\/aside>/s.exec(pages.get(from)!) ?? []
      return expected.filter((file) => sidebar.includes(`href="${base}${file.replace(/(^|\/)index\.html$/, '$1')}"`))
    }
    const [users, contributors] = [listed('start.html'), listed('ARCHITECTURE.html')]
    expect([...users, ...contributors].toSorted()).toEqual(expected.toSorted())
    const apart = /^(?:decisions\/|project\/contributing|ARCHITECTURE|mutation)/
    expect(contributors).toEqual(expected.filter((file) => apart.test(file)))
  })

  it.each([
    ['a desktop', { width: 1280, height: 800 }],
    ['a phone', { width: 390, height: 844 }],
  ])('shows the install command, ten lines of code and the picture without scrolling, on %s', async (_, viewport) => {
    for (const scheme of ['light', 'dark'] as const) {
      const { page, wrong } = await visit('', scheme, viewport)
      const hero = page.locator('.hero')
      const picture = hero.locator(`img.in-${scheme}`)
      await picture.evaluate((image: HTMLImageElement) => image.decode())
      const code = hero.locator('pre', { hasText: 'createConnection' })
      expect((await code.innerText()).trimEnd().split('\n')).toHaveLength(10)
      for (const part of [hero.locator('pre', { hasText: 'npm install statewire' }), code, picture]) {
        const { y, height } = (await part.boundingBox())!
        expect(y + height).toBeLessThanOrEqual(viewport.height)
      }
      expect(await hero.locator('img:visible').count()).toBe(1)
      expect(wrong).toEqual([])
      await page.context().close()
    }
  })

  it('links to no missing heading', () => {
    const anchors = (html: string): Set<string> => new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!))
    const dead: string[] = []
    let checked = 0
    for (const [file, html] of pages) {
      for (const [, href = ''] of html.matchAll(/ href="([^"]*#[^"]*)"/g)) {
        const { pathname, hash, origin } = new URL(href.replaceAll('&amp;', '&'), `http://site.test${base}${file}`)
        if (origin !== 'http://site.test') continue
        const inside = pathname.slice(base.length)
        const target = pages.get(inside === '' || inside.endsWith('/') ? `${inside}index.html` : inside)
        checked += 1
        if (target === undefined || !anchors(target).has(decodeURIComponent(hash.slice(1))))
          dead.push(`${file}: ${href}`)
      }
    }
    expect(checked).toBeGreaterThan(1_000)
    expect(dead.filter((link) => !link.endsWith('#VPContent'))).toEqual([])
  })

  it('makes no third-party request', () => {
    const outside: string[] = []
    for (const [file, html] of pages) {
      const fetched = html.matchAll(/<(?:script|link|img|iframe|source)[^>]* (?:src|href)="((?:https?:)?\/\/[^"]+)"/g)
      for (const [, url] of fetched) outside.push(`${file}: ${url}`)
    }
    const styles = readdirSync(join(folder, 'assets')).filter((file) => file.endsWith('.css'))
    expect(styles.length).toBeGreaterThan(0)
    for (const file of styles) {
      const text = readFileSync(join(folder, 'assets', file), 'utf8')
      for (const [found] of text.matchAll(/(?:@import|url\()\s*["']?(?:https?:)?\/\/[^)"']+/g))
        outside.push(`${file}: ${found}`)
    }
    expect(outside).toEqual([])
  })

  it.each([
    '',
    'start.html',
    'json.html',
    'frameworks.html',
    'react.html',
    'chart.html',
    'core.html',
    'fates.html',
    'delivery.html',
    'failures.html',
    'performance.html',
    'protocol.html',
    'server.html',
    'live.html',
    'reference/',
    'reference/statewire.html',
    'reference/chart.html',
    'decisions/',
  ])('renders %j without an error or horizontal scrolling, light and dark', async (path) => {
    for (const scheme of ['light', 'dark'] as const) {
      const { page, wrong } = await visit(path, scheme)
      expect(wrong).toEqual([])
      expect(await page.locator('h1').first().isVisible()).toBe(true)
      const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
      expect(wide).toBe(window)
      await page.context().close()
    }
  })

  it('has a self-hosted search that finds results', async () => {
    const { page, wrong } = await visit('start.html')
    await page.locator('#local-search button').click()
    await page.locator('#localsearch-input').fill('half-open')
    await page.locator('.VPLocalSearchBox .result').first().waitFor()
    expect(await page.locator('.VPLocalSearchBox .result').count()).toBeGreaterThan(2)
    expect(wrong).toEqual([])
    await page.context().close()
  })

  it('lets you break a connection and watch it recover, in the viewer as well', async () => {
    const { page, wrong } = await visit('live.html')
    const state = (name: string): Promise<void> => page.locator(`[data-live][data-state="${name}"]`).waitFor()
    const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
    await state('open')
    await press('Black hole')
    await state('backoff')
    expect(await page.locator('[data-live]').textContent()).toContain('ERR_HEARTBEAT_TIMEOUT')
    await press('Heal')
    await state('open')
    await press('Reset')
    await state('backoff')
    await state('open')
    await press('Offline')
    await state('backoff')
    await press('Heal')
    await state('open')
    await press('close()')
    await state('ended')
    // The viewer beside it shows all of that.
    const viewer = page.frameLocator('iframe.live-viewer')
    await viewer.locator('.headline[data-phase="ended"]').waitFor()
    expect(await viewer.locator('.headline').textContent()).toContain('this page')
    expect(wrong).toEqual([])
    await page.context().close()
  })

  it('is built from code that passes the compiler and the linter', async () => {
    const tsc = join(root, 'docs/node_modules/typescript/bin/tsc')
    await expect(
      run(process.execPath, [tsc, '-p', join(root, 'docs/.vitepress/tsconfig.json')]),
    ).resolves.toMatchObject({ stdout: '' })
    const oxlint = join(root, 'node_modules/oxlint/bin/oxlint')
    await run(process.execPath, [oxlint, '--type-aware', '--deny-warnings', 'docs/.vitepress'], { cwd: root })
  })
})

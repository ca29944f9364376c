// The viewer in Chromium, framed by the app of app.ts.
import { build } from 'esbuild'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContextOptions, type FrameLocator, type Page } from 'playwright'
import { chromiumArgs, chromiumPath } from '../../../support/chromium.js'

const root = join(import.meta.dirname, '../../../..')
export const viewerFile = join(root, 'dist/viewer/viewer.html')

/** Builds the page like `npm run build`, so that no test uses an outdated page. */
export function buildViewer(): void {
  execFileSync(process.execPath, [join(root, 'node_modules/tsx/dist/cli.mjs'), 'scripts/build-pages.ts'], {
    cwd: root,
  })
}

const pageWith = (script: string): string =>
  `<!doctype html><title>app</title><style>body{margin:0}iframe{border:0;width:100vw;height:100vh;display:block}</style>` +
  `<iframe id="viewer"></iframe><script>${script}</script>`

export interface Site extends AsyncDisposable {
  readonly url: string
  readonly browser: Browser
  /** Every request that reached the server, by path. */
  readonly requests: string[]
  open(options?: BrowserContextOptions, path?: string): Promise<Visit>
}

export interface Visit {
  readonly page: Page
  readonly viewer: FrameLocator
  /** The browser's errors and warnings, including violations of the viewer's policy. */
  readonly complaints: string[]
}

export async function startSite(): Promise<Site> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'app.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
  })
  const script = outputFiles.map(({ text }) => text.replaceAll('</script', '<\\/script')).join('')
  const requests: string[] = []
  const server = createServer(({ url = '' }, response) => {
    requests.push(url)
    response.setHeader('content-type', 'text/html; charset=utf-8')
    if (url === '/') response.end(pageWith(script))
    else if (url === '/viewer.html') response.end(readFileSync(viewerFile))
    else response.writeHead(204).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumArgs })
  return {
    url,
    browser,
    requests,
    async open(options = {}, path = '/') {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
      })
      await page.goto(url + path)
      return { page, complaints, viewer: page.frameLocator('#viewer') }
    },
    async [Symbol.asyncDispose]() {
      await browser.close()
      server.close()
    },
  }
}

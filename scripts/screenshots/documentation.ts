import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright'
import { chromiumArgs, chromiumPath } from '../../test/support/chromium.js'
import { docs, root } from '../docs/generated.js'
import { serve } from '../docs/serve.js'
import { settle, views } from './views.js'

const pages = { home: '', start: 'start.html', chart: 'chart.html', live: 'live.html', heartbeats: 'heartbeats.html' }

/** The built site. */
export async function shootDocumentation(folder: string, said: (text: string) => void): Promise<void> {
  if (!existsSync(new URL('node_modules/vitepress', docs))) {
    return said('SKIPPED: the site needs its own packages: npm ci --prefix docs --ignore-scripts')
  }
  const built = mkdtempSync(join(tmpdir(), 'statewire-site-'))
  const tsx = fileURLToPath(new URL('node_modules/tsx/dist/cli.mjs', root))
  execFileSync(process.execPath, [tsx, 'scripts/docs.ts', '--into', built], { cwd: root, stdio: 'ignore' })
  const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumArgs })
  try {
    await using site = await serve(built, '/')
    for (const [page, path] of Object.entries(pages)) {
      for (const { name, options } of views) {
        const shown = await browser.newPage(options)
        await shown.goto(site.url + path, { waitUntil: 'networkidle' })
        await shown.waitForTimeout(settle)
        await shown.screenshot({ path: `${folder}docs-${page}-${name}.png`, fullPage: page === 'live' })
        await shown.close()
        said(`docs-${page}-${name}.png`)
      }
    }
  } finally {
    await browser.close()
    rmSync(built, { recursive: true, force: true })
  }
}

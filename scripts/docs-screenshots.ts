import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright'
import { chromiumArgs, chromiumPath } from '../test/support/chromium.js'
import { docs } from './docs/places.js'
import { serve } from './docs/serve.js'

// `npm run docs:screenshots -- FOLDER [PAGE…]`: how the built site looks, light and dark, on a desk and in a hand. For people; no test compares them.

const [folder, ...named] = process.argv.slice(2)
const built = new URL('.vitepress/dist/', docs).pathname
if (folder === undefined || !existsSync(built)) {
  console.error('npm run docs, then: npm run docs:screenshots -- FOLDER [PAGE…]')
  process.exit(2)
}
const pages = named.length > 0 ? named : ['', 'start', 'chart', 'heartbeats', 'live', 'reference/statewire']
const sizes = { desk: { width: 1440, height: 900 }, hand: { width: 390, height: 844 } }

mkdirSync(folder, { recursive: true })
await using site = await serve(built, '/')
const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumArgs })
for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of Object.entries(sizes)) {
    const context = await browser.newContext({ colorScheme, viewport, reducedMotion: 'reduce' })
    const page = await context.newPage()
    for (const path of pages) {
      await page.goto(`${site.url}${path === '' || path.endsWith('/') ? path : `${path}.html`}`, { waitUntil: 'load' })
      await page.waitForSelector('.VPContent')
      const name = `${path.replaceAll('/', '-') || 'home'}-${size}-${colorScheme}.png`
      await page.screenshot({ path: join(resolve(folder), name) })
    }
    await context.close()
  }
}
await browser.close()

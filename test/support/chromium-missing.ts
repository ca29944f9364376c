import { existsSync } from 'node:fs'
import { chromiumPath } from './chromium.js'

/** Lists what is skipped without Chromium; if `CI` is set, it fails instead. */
export default function setup(): void {
  if (existsSync(chromiumPath)) return
  if (process.env['CI']) throw new Error(`the browser tests need Chromium, and ${chromiumPath} does not exist`)
  console.warn(`SKIPPED: every test under test/browser: no Chromium at ${chromiumPath} (set CHROMIUM to its path)`)
}

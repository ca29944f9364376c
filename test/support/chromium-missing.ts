import { existsSync } from 'node:fs'
import { chromiumPath } from './chromium.js'

/** Names what is skipped without Chromium; with `CI` set, it is a failure. */
export default function setup(): void {
  if (existsSync(chromiumPath)) return
  if (process.env['CI']) throw new Error(`the browser tests need Chromium, and ${chromiumPath} does not exist`)
  console.warn(`SKIPPED: every test under test/browser: no Chromium at ${chromiumPath} (set CHROMIUM to its path)`)
}

import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeGenerated } from './docs/generated.js'
import { docs, root } from './docs/places.js'

// `npm run docs` builds the documentation site into docs/.vitepress/dist; `npm run docs -- --serve` shows it while it is written.

if (!existsSync(new URL('node_modules/vitepress', docs))) {
  console.error('the site needs its own packages: npm ci --prefix docs --ignore-scripts')
  process.exit(2)
}
const bin = (path: string): string => new URL(`node_modules/${path}`, docs).pathname
const quiet = { cwd: docs, stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'] }

execFileSync(process.execPath, [bin('typedoc/bin/typedoc'), '--options', 'typedoc.json', '--logLevel', 'Warn'], quiet)
writeGenerated()
const serve = process.argv.includes('--serve')
spawn(process.execPath, [bin('vitepress/bin/vitepress.js'), serve ? 'dev' : 'build', '.'], {
  cwd: docs,
  stdio: 'inherit',
  // No font, no telemetry, no version check: what the build needs is here.
  env: { ...process.env, NO_UPDATE_NOTIFIER: '1' },
}).on('exit', (code) => {
  process.exitCode = code ?? 1
  if (code === 0 && !serve)
    console.log(`the site is in ${new URL('.vitepress/dist/', docs).pathname.slice(root.pathname.length)}`)
})

import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { docs, writeGenerated } from './docs/generated.js'

// `npm run docs` builds the documentation site into docs/.vitepress/dist, or into `--into FOLDER`; `npm run docs --
// --serve` serves it with live reload. DOCS_BASE is its base path if it is not at the root, such as /statewire/.

const { serve = false, into } = parseArgs({ options: { serve: { type: 'boolean' }, into: { type: 'string' } } }).values
const folder = into === undefined ? new URL('.vitepress/dist/', docs).pathname : resolve(into)

if (!existsSync(new URL('node_modules/vitepress', docs))) {
  console.error('the packages of the site are missing; run npm ci --prefix docs --ignore-scripts')
  process.exit(2)
}
const bin = (path: string): string => new URL(`node_modules/${path}`, docs).pathname
const quiet = { cwd: docs, stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'] }

execFileSync(process.execPath, [bin('typedoc/bin/typedoc'), '--options', 'typedoc.json', '--logLevel', 'Warn'], quiet)
writeGenerated()
spawn(
  process.execPath,
  [bin('vitepress/bin/vitepress.js'), ...(serve ? ['dev', '.'] : ['build', '.', '--outDir', folder])],
  {
    cwd: docs,
    stdio: 'inherit',
  },
).on('exit', (code) => {
  process.exitCode = code ?? 1
  if (code === 0 && !serve) console.log(`the site is in ${folder}`)
})

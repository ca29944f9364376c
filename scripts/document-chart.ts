import { readFileSync, writeFileSync } from 'node:fs'
import { renderChartDocument } from './chart-document.js'

// `npm run chart` writes machines/connection.md; with --check it only says whether that is needed.

const file = new URL('../machines/connection.md', import.meta.url)
const fresh = renderChartDocument()

function current(): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

if (current() === fresh) {
  console.log('machines/connection.md is up to date')
} else if (process.argv.includes('--check')) {
  console.error('machines/connection.md is stale: run `npm run chart` and commit what it writes')
  process.exitCode = 1
} else {
  writeFileSync(file, fresh)
  console.log('machines/connection.md is written')
}

import { readFileSync, writeFileSync } from 'node:fs'
import { renderChartDocument } from './chart-document.js'
import { fillStory } from './chart-story.js'

// `npm run chart` writes machines/connection.md, and the states into docs/chart.md; with --check it only says whether that is needed.

const root = new URL('../', import.meta.url)

function current(path: string): string {
  try {
    return readFileSync(new URL(path, root), 'utf8')
  } catch {
    return ''
  }
}

const documents = {
  'machines/connection.md': () => renderChartDocument(),
  'docs/chart.md': () => fillStory(current('docs/chart.md')),
}

for (const [path, render] of Object.entries(documents)) {
  const fresh = render()
  if (current(path) === fresh) {
    console.log(`${path} is up to date`)
  } else if (process.argv.includes('--check')) {
    console.error(`${path} is stale: run \`npm run chart\` and commit what it writes`)
    process.exitCode = 1
  } else {
    writeFileSync(new URL(path, root), fresh)
    console.log(`${path} is written`)
  }
}

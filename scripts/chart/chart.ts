import { readFileSync, writeFileSync } from 'node:fs'
import * as logic from '../../machines/connection.logic.js'
import { connectionMachine } from '../../machines/connection.machine.js'
import { compileChart } from './compiler/compile.js'
import { definitionSource, tableSource } from './compiler/sources.js'
import { renderChartDocument } from './document.js'
import { renderPicture } from '../../machines/picture/picture.js'
import { fillStory } from './story.js'

// `npm run chart` writes the table and the definition of the chart, machines/connection.md and .svg, and the states into docs/chart.md;
// with --check it only says whether that is needed.

const fileOf = (name: string): URL => new URL(`../../${name}`, import.meta.url)

function current(name: string): string {
  try {
    return readFileSync(fileOf(name), 'utf8')
  } catch {
    return ''
  }
}

const documents: Readonly<Record<string, string>> = {
  'machines/connection.table.ts': await tableSource(compileChart(connectionMachine, logic)),
  'machines/connection.definition.ts': await definitionSource(connectionMachine),
  'machines/connection.md': renderChartDocument(),
  'machines/connection.svg': renderPicture({ style: true }),
  'docs/chart.md': fillStory(current('docs/chart.md')),
}

for (const [name, fresh] of Object.entries(documents)) {
  if (current(name) === fresh) {
    console.log(`${name} is up to date`)
  } else if (process.argv.includes('--check')) {
    console.error(`${name} is stale: run \`npm run chart\` and commit what it writes`)
    process.exitCode = 1
  } else {
    writeFileSync(fileOf(name), fresh)
    console.log(`${name} is written`)
  }
}

import { copyFileSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { shootDocumentation } from './screenshots/documentation.js'
import { shootLab } from './screenshots/lab.js'
import { shootViewer } from './screenshots/viewer.js'

// `npm run screenshots [viewer lab docs]` takes pictures of the pages, light and dark, on a desktop and a phone, for you to look at. They go
// to screenshots/, which is not committed. With --readme, it also renews the README's pictures.

const parts = { viewer: shootViewer, lab: shootLab, docs: shootDocumentation }
const folder = fileURLToPath(new URL('../screenshots/', import.meta.url))
const pictures = fileURLToPath(new URL('../docs/pictures/', import.meta.url))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { readme: { type: 'boolean', default: false } },
})
const unknown = positionals.filter((name) => !Object.hasOwn(parts, name))
if (unknown.length > 0) throw new RangeError(`${unknown.join(', ')}: there are ${Object.keys(parts).join(', ')}`)

mkdirSync(folder, { recursive: true })
for (const [name, shoot] of Object.entries(parts)) {
  const wanted = positionals.length === 0 || positionals.includes(name) || (values.readme && name === 'lab')
  if (wanted) await shoot(folder, (text) => console.log(text))
}
if (values.readme) {
  mkdirSync(pictures, { recursive: true })
  for (const scheme of ['light', 'dark']) {
    copyFileSync(`${folder}lab-backoff-desktop-${scheme}.png`, `${pictures}lab-${scheme}.png`)
  }
}

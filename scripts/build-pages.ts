import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { bundle, noticesFor, pages, root, type Page } from './page-bundle.js'

// Builds the package's pages, each as one self-contained file whose policy allows nothing else.

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

async function render({ source, name, script: entry, allows, parts = {} }: Page): Promise<string> {
  const bundles = await Promise.all([bundle(source + entry), bundle(`${source}${name}.css`)])
  const [script, style] = bundles.map(({ text }) => text) as [string, string]
  const packages = new Set(bundles.flatMap((each) => each.packages))
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    // The favicon.
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    ...allows,
  ].join('; ')
  const all = {
    "default-src 'none'": policy,
    [`<link rel="stylesheet" href="${name}.css" />`]: `<style>${style}</style>`,
    [`<script src="${entry}"></script>`]: `<script>${script}</script>`,
    '</body>': `${noticesFor([...packages])}\n</body>`,
    ...parts,
  }
  let page = readFileSync(`${root}${source}${name}.html`, 'utf8')
  for (const [part, built] of Object.entries(all)) {
    if (!page.includes(part)) throw new Error(`${name}.html has no ${part}`)
    page = page.replace(part, () => built)
  }
  return page
}

for (const page of pages) {
  const text = await render(page)
  mkdirSync(dirname(root + page.out), { recursive: true })
  writeFileSync(root + page.out, text)
}

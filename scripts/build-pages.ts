import { build } from 'esbuild'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { renderPicture } from './chart-picture.js'

// The pages of the package, each in one file: what is theirs is in it, and their policy lets in nothing else.

const root = fileURLToPath(new URL('..', import.meta.url))

interface Page {
  /** The folder of its source: `name.html`, `name.css`, and the script. */
  readonly source: string
  readonly name: string
  readonly script: string
  readonly out: string
  /** What its policy allows besides its own script and style. */
  readonly allows: readonly string[]
  /** Further parts: what takes the place of what. */
  readonly parts?: Readonly<Record<string, string>>
}

const pages: readonly Page[] = [
  {
    source: 'src/inspect/viewer/',
    name: 'viewer',
    script: 'page.ts',
    out: 'dist/viewer/viewer.html',
    allows: [],
    parts: {
      '<template id="chart"></template>': `<template id="chart">${renderPicture({ style: false }).trim()}</template>`,
    },
  },
  {
    source: 'src/cli/lab/page/',
    name: 'lab',
    script: 'lab.ts',
    out: 'dist/lab/lab.html',
    // Whom it may dial is for whoever serves it to say, and to narrow.
    allows: ['connect-src http://127.0.0.1:* http://localhost:* ws://127.0.0.1:*', "frame-src 'self'"],
  },
]

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [root + entry],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'es2022',
    conditions: ['browser', 'module'],
    legalComments: 'none',
    charset: 'utf8',
  })
  // An end of the script inside the script would end it.
  return outputFiles.map(({ text }) => text.trim().replaceAll('</', '<\\/')).join('')
}

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

async function render({ source, name, script: entry, allows, parts = {} }: Page): Promise<string> {
  const [script, style] = await Promise.all([bundle(source + entry), bundle(`${source}${name}.css`)])
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    // The icon in the tab.
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    ...allows,
  ].join('; ')
  const all = {
    "default-src 'none'": policy,
    [`<link rel="stylesheet" href="${name}.css" />`]: `<style>${style}</style>`,
    [`<script src="${entry}"></script>`]: `<script>${script}</script>`,
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

import { build } from 'esbuild'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { renderPicture } from './chart-picture.js'

// The viewer as one page that needs nothing from anywhere: dist/viewer/viewer.html.

const root = fileURLToPath(new URL('..', import.meta.url))
const source = `${root}src/inspect/viewer/`

async function bundle(entry: string, minify: boolean): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [source + entry],
    bundle: true,
    write: false,
    minify,
    format: 'iife',
    target: 'es2022',
    legalComments: 'none',
    // An end of the script inside the script would end it.
    charset: 'utf8',
  })
  return outputFiles.map(({ text }) => text.trim().replaceAll('</', '<\\/')).join('')
}

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const script = await bundle('page.ts', true)
const style = await bundle('viewer.css', true)
const policy = [
  "default-src 'none'",
  `script-src ${hash(script)}`,
  `style-src ${hash(style)}`,
  // The icon in the tab.
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** What takes the place of what in the source of the page. */
const parts: readonly (readonly [source: string, built: string])[] = [
  ["default-src 'none'", policy],
  ['<link rel="stylesheet" href="viewer.css" />', `<style>${style}</style>`],
  ['<template id="chart"></template>', `<template id="chart">${renderPicture({ style: false }).trim()}</template>`],
  ['<script src="page.ts"></script>', `<script>${script}</script>`],
]
let page = readFileSync(`${source}viewer.html`, 'utf8')
for (const [part, built] of parts) {
  if (!page.includes(part)) throw new Error(`viewer.html has no ${part}`)
  page = page.replace(part, () => built)
}

mkdirSync(`${root}dist/viewer`, { recursive: true })
writeFileSync(`${root}dist/viewer/viewer.html`, page)
console.log(`dist/viewer/viewer.html: ${(page.length / 1_024).toFixed(1)} kB`)

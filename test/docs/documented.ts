import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transformSync } from 'esbuild'
import type { ConnectionOptions } from '../../src/index.js'
import { root } from './pages.js'

const page = readFileSync(join(root, 'docs/heartbeats.md'), 'utf8')

export type Documented = ConnectionOptions

let folder: string | undefined
let count = 0

/** The options of each `createConnection` in the code under a heading of docs/heartbeats.md. Each call runs the code again. */
export async function documented(heading: string): Promise<Documented[]> {
  const [, code] = new RegExp(`^### ${heading}[^\n]*\n[^]*?^\`\`\`ts\n(.*?)^\`\`\``, 'ms').exec(page) ?? []
  if (code === undefined) throw new Error(`the page has no code under ${heading}`)
  if (folder === undefined) {
    folder = mkdtempSync(join(tmpdir(), 'statewire-dialects-'))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules/statewire'))
  }
  const kept = `const kept = []
    const createConnection = (url, options) => void kept.push(options)
    export { kept }\n`
  const file = join(folder, `${heading.replaceAll(/\W/g, '-')}-${++count}.mjs`)
  writeFileSync(file, kept + transformSync(code.replace(/createConnection, /, ''), { loader: 'ts' }).code)
  return ((await import(pathToFileURL(file).href)) as { kept: Documented[] }).kept
}

export function removeDocumented(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  folder = undefined
}

/** The headings of the dialects. */
export function headings(): string[] {
  const [, chapter = ''] = /^## Dialects\n(.*?)^## /ms.exec(page) ?? []
  return [...chapter.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading!)
}

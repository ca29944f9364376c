import { build, type Metafile } from 'esbuild'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { renderPicture } from '../machines/picture/picture.js'

// What the pages of the package are made of.

export const root = fileURLToPath(new URL('..', import.meta.url))

export interface Page {
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

export const pages: readonly Page[] = [
  {
    source: 'src/tools/inspect/viewer/',
    name: 'viewer',
    script: 'page.ts',
    out: 'dist/viewer/viewer.html',
    allows: [],
    parts: {
      '<template id="chart"></template>': `<template id="chart">${renderPicture({ style: false }).trim()}</template>`,
    },
  },
  {
    source: 'src/tools/cli/lab/page/',
    name: 'lab',
    script: 'lab.ts',
    out: 'dist/lab/lab.html',
    // Whom it may dial is for whoever serves it to say, and to narrow.
    allows: ['connect-src http://127.0.0.1:* http://localhost:* ws://127.0.0.1:*', "frame-src 'self'"],
  },
]

export interface Bundle {
  readonly text: string
  /** The packages whose code is in it, by name. */
  readonly packages: readonly string[]
}

/** Makes one script or style sheet of an entry and what it imports. */
export async function bundle(entry: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    conditions: ['browser', 'module'],
    // The whole license of each package is in the page.
    legalComments: 'none',
    charset: 'utf8',
  })
  // An end of the script inside the script would end it.
  const text = outputFiles.map((file) => file.text.trim().replaceAll('</', '<\\/')).join('')
  return { text, packages: packagesIn(metafile) }
}

/** The packages of which something is in the output, not only looked at. */
export function packagesIn({ outputs }: Metafile): string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs))
  const names = inputs.flatMap(([path, { bytesInOutput }]) => {
    const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? []
    return name === undefined || bytesInOutput === 0 ? [] : [name]
  })
  return [...new Set(names)].toSorted()
}

/** What a license file is called. */
const licenseNames = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license', 'license.md', 'COPYING']

/** Name, version and license of a package in a folder. Throws where there is no license: then it may not be in a page. */
export function noticeOf(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string
    version: string
  }
  const file = licenseNames.map((each) => join(folder, each)).find((each) => existsSync(each))
  if (file === undefined) throw new Error(`${name} has no license file, so it must not be part of a page`)
  return `${name} ${version}\n\n${readFileSync(file, 'utf8').trim()}\n`
}

/** The licenses of ours and of the packages, as a comment. */
export function noticesFor(packages: readonly string[]): string {
  const notices = [root, ...packages.map((name) => join(root, 'node_modules', name))].map(noticeOf)
  // Two hyphens may end a comment.
  return `<!--\nThis page contains:\n\n${notices.join('\n').replaceAll('--', '- -')}-->`
}

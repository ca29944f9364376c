import { build, type Metafile } from 'esbuild'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { renderPicture } from '../machines/picture/picture.js'

// The pages of the package, and their bundles and licenses.

export const root = fileURLToPath(new URL('..', import.meta.url))

export interface Page {
  /** The source folder, with `name.html`, `name.css` and the script. */
  readonly source: string
  readonly name: string
  readonly script: string
  readonly out: string
  /** Policy directives in addition to its own script and style. */
  readonly allows: readonly string[]
  /** Further replacements in the page, by text. */
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
    // The server of the page narrows these further.
    allows: ['connect-src http://127.0.0.1:* http://localhost:* ws://127.0.0.1:*', "frame-src 'self'"],
  },
]

export interface Bundle {
  readonly text: string
  /** The names of the packages whose code it contains. */
  readonly packages: readonly string[]
}

/** Bundles an entry and its imports into one script or style sheet. */
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
    // The page includes the full license of each package.
    legalComments: 'none',
    charset: 'utf8',
  })
  // A closing tag inside the script would end it.
  const text = outputFiles.map((file) => file.text.trim().replaceAll('</', '<\\/')).join('')
  return { text, packages: packagesIn(metafile) }
}

/** Returns the packages with code in the output. */
export function packagesIn({ outputs }: Metafile): string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs))
  const names = inputs.flatMap(([path, { bytesInOutput }]) => {
    const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? []
    return name === undefined || bytesInOutput === 0 ? [] : [name]
  })
  return [...new Set(names)].toSorted()
}

/** The names of license files. */
const licenseNames = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license', 'license.md', 'COPYING']

/**
 * Returns name, version and license of a package. Throws if it has no license, because then it must not be part of a
 * page.
 */
export function noticeOf(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string
    version: string
  }
  const file = licenseNames.map((each) => join(folder, each)).find((each) => existsSync(each))
  if (file === undefined) throw new Error(`${name} has no license file, so it must not be part of a page`)
  return `${name} ${version}\n\n${readFileSync(file, 'utf8').trim()}\n`
}

/** The licenses of this package and the bundled ones, as a comment. */
export function noticesFor(packages: readonly string[]): string {
  const notices = [root, ...packages.map((name) => join(root, 'node_modules', name))].map(noticeOf)
  // Two hyphens can end an HTML comment.
  return `<!--\nThis page contains:\n\n${notices.join('\n').replaceAll('--', '- -')}-->`
}

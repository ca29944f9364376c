import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { bundle, noticeOf, packagesIn, pages, root } from '../../scripts/page-bundle.js'

const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8')
const withoutSpace = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

describe.each(pages.map((page) => ({ ...page })))('$out', ({ source, name, script, out }) => {
  it("contains the project's license and that of each bundled package", { timeout: 60_000 }, async () => {
    expect(existsSync(join(root, out)), 'there is no dist: npm run build').toBe(true)
    const bundles = await Promise.all([bundle(source + script), bundle(`${source}${name}.css`)])
    const packages = bundles.flatMap((each) => each.packages)
    const page = withoutSpace(read(out))
    expect(page).toContain(withoutSpace(read('LICENSE')))
    for (const each of packages) {
      const { version } = JSON.parse(read('node_modules', each, 'package.json')) as { version: string }
      expect(page).toContain(`${each} ${version} ${withoutSpace(read('node_modules', each, 'LICENSE'))}`)
    }
  })
})

describe('a package bundled into a page', () => {
  it('is detected from the output, wherever it is installed', () => {
    const input = (bytesInOutput: number) => ({ bytesInOutput })
    const metafile = {
      inputs: {},
      outputs: {
        'out.js': {
          inputs: {
            'src/a.ts': input(10),
            'node_modules/xstate/dist/a.js': input(10),
            'node_modules/xstate/dist/b.js': input(0),
            'node_modules/looked-at/index.js': input(0),
            'node_modules/@scope/name/index.js': input(1),
            '../other/node_modules/a/node_modules/inner/index.js': input(1),
          },
        },
      },
    } as unknown as Metafile
    expect(packagesIn(metafile)).toEqual(['@scope/name', 'inner', 'xstate'])
  })

  it('fails the build if it has no license', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'statewire-license-'))
    try {
      await writeFile(join(folder, 'package.json'), '{ "name": "without", "version": "1.0.0" }')
      expect(() => noticeOf(folder)).toThrow('without has no license file, so it must not be part of a page')
      await writeFile(join(folder, 'LICENSE.md'), 'Do as you like.\n')
      expect(noticeOf(folder)).toBe('without 1.0.0\n\nDo as you like.\n')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

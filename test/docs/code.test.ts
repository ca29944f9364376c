import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { made, pagesIn, root } from './pages.js'
import { run } from '../support/processes.js'

interface Block {
  /** The file, and the number of its first line. */
  readonly at: string
  readonly code: string
  /** The language of the fence. */
  readonly language: 'ts' | 'js'
}

/**
 * The code of a page, each block a module. `ts` is type-checked. `js` is only parsed: it imports packages that are not
 * installed here, such as those to migrate from. Declarations written here would only repeat assumptions about them.
 */
function blocksOf(page: string, text: string): Block[] {
  return [...text.matchAll(/^([ \t]*)```(ts|typescript|js)\b[^\n]*\n(.*?)^\1```[ \t]*$/gms)].map(
    ({ index, 2: fence, 3: code = '' }) => ({
      at: `${page}:${text.slice(0, index).split('\n').length + 1}`,
      code,
      language: fence === 'js' ? 'js' : 'ts',
    }),
  )
}

const pages = ['README.md', ...pagesIn('docs', made)].filter((page) => existsSync(join(root, page)))
const blocks = pages.flatMap((page) => blocksOf(page, readFileSync(join(root, page), 'utf8')))
const nameOf = ({ at, language }: Block): string => `${at.replaceAll(/[^\w.]+/g, '-')}.${language}`

const wrong: Block = {
  at: 'planted:1',
  code: `import { createConnection } from 'statewire'\ncreateConnection(1)\n`,
  language: 'ts',
}
const unparsable: Block = { at: 'planted:2', code: `import a from 'not-installed'\na(\n`, language: 'js' }

describe('the code in the documentation', () => {
  let folder: string
  let complaints: string

  beforeAll(async () => {
    expect(existsSync(join(root, 'dist/src/index.d.ts')), 'there is no dist: npm run build').toBe(true)
    folder = await mkdtemp(join(tmpdir(), 'statewire-docs-'))
    // As a reader sees it: the package under its name, beside other packages.
    await mkdir(join(folder, 'node_modules'))
    for (const each of readdirSync(join(root, 'node_modules')).filter((name) => !name.startsWith('.'))) {
      await symlink(join(root, 'node_modules', each), join(folder, 'node_modules', each))
    }
    await symlink(root, join(folder, 'node_modules/statewire'))
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    const compilerOptions = {
      target: 'es2022',
      module: 'nodenext',
      moduleDetection: 'force',
      lib: ['es2023', 'dom', 'dom.iterable', 'esnext.disposable'],
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      noEmit: true,
      allowJs: true,
    }
    for (const block of [...blocks, wrong, unparsable]) await writeFile(join(folder, nameOf(block)), block.code)
    const tsc = join(root, 'node_modules/.bin/tsc')
    complaints = ''
    // Separately: a block that can't be parsed would stop the compiler before it checks types.
    for (const language of ['ts', 'js']) {
      const config = join(folder, `tsconfig.${language}.json`)
      await writeFile(config, JSON.stringify({ compilerOptions, include: [`*.${language}`] }))
      const { stdout } = await run(tsc, ['-p', config, '--pretty', 'false'], { cwd: folder }).catch(
        (failed: unknown) => failed as { stdout: string },
      )
      complaints += stdout
    }
  }, 60_000)

  afterAll(() => rm(folder, { recursive: true, force: true }))

  const about = (block: Block): string[] =>
    complaints.split('\n').filter((line) => line.startsWith(`${nameOf(block)}(`))

  it('exists at least in the README', () => {
    expect(existsSync(join(root, 'README.md'))).toBe(true)
    expect(blocks.filter(({ at }) => at.startsWith('README.md'))).not.toEqual([])
  })

  it.each(blocks)('compiles: $at', (block) => {
    expect(about(block)).toEqual([])
  })

  it('is reported if it does not compile', () => {
    expect(about(wrong)).toEqual([expect.stringMatching(/\(2,18\): error TS2345/)])
    expect(about(unparsable)).toEqual([expect.stringMatching(/\(3,1\): error TS1005/)])
  })

  const [oldest, where] = ['20', join(root, 'test/runtimes/node_modules/node20/bin/node')]
  const node20 = process.versions.node.startsWith(`${oldest}.`) ? process.execPath : where
  const parses = existsSync(node20) || process.env['CI'] ? it : it.skip

  parses(
    `is parsed by Node ${oldest}${existsSync(node20) ? '' : ' [SKIPPED: npm ci --prefix test/runtimes]'}`,
    async () => {
      const planted: Block = { at: 'planted:3', code: 'await using a = await open()\n', language: 'ts' }
      const modules = await Promise.all(
        // Without types: what a reader runs.
        [...blocks, planted].map(async ({ at, code, language }) => [
          at,
          (await transform(code, { loader: language, target: 'esnext', format: 'esm' })).code,
        ]),
      )
      const file = join(folder, 'modules.json')
      await writeFile(file, JSON.stringify(modules))
      const parse = `
      import { readFileSync } from 'node:fs'
      import { SourceTextModule } from 'node:vm'
      for (const [at, code] of JSON.parse(readFileSync(process.argv[1], 'utf8'))) {
        try { new SourceTextModule(code) } catch { console.log(at) }
      }`
      const { stdout } = await run(node20, ['--experimental-vm-modules', '--input-type=module', '--eval', parse, file])
      expect(stdout.trim().split('\n')).toEqual(['planted:3'])
    },
  )

  it('is found in every form, and other text is not treated as code', () => {
    const text = [
      '```ts',
      'a',
      '```',
      '',
      '- item',
      '  ```typescript title="b"',
      '  b',
      '  ```',
      '',
      '```sh',
      'c',
      '```',
      '```tsx',
      'd',
      '```',
      '```js',
      'e',
      '```',
    ].join('\n')
    expect(blocksOf('page', text)).toEqual([
      { at: 'page:2', code: 'a\n', language: 'ts' },
      { at: 'page:7', code: '  b\n', language: 'ts' },
      { at: 'page:17', code: 'e\n', language: 'js' },
    ])
  })
})

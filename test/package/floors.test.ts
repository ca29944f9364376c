import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { versions } from '../runtimes/versions.js'
import { root } from './packed.js'

test('the lowest xstate that package.json allows is the version the tests use', () => {
  expect(versions.xstate).toBe(versions.lowestXstate)
})

// The version of ws-lowest is checked where the suite runs over it.
test('the ws version the tests use is at least the lowest that package.json allows', () => {
  const number = (version: string): number =>
    Number(
      version
        .split('.')
        .map((part) => part.padStart(4, '0'))
        .join(''),
    )
  expect(number(versions.ws)).toBeGreaterThanOrEqual(number(versions.lowestWs))
})

describe('the oldest browsers listed in docs/runtimes.md', () => {
  const floor = { chrome: '91', firefox: '90', safari: '15' }
  const entries = [
    'src/index',
    'src/core/index',
    'src/websocket/index',
    'src/resume/index',
    'src/tools/inspect/index',
    'src/tools/testing/browser',
    'src/xstate/index',
  ]

  test('have a row there', async () => {
    const page = await readFile(join(root, 'docs/runtimes.md'), 'utf8')
    expect(page).toContain(`Chrome ${floor.chrome}, Firefox ${floor.firefox} and Safari ${floor.safari}`)
  })

  test.each(entries)('need no compiler for %s, XState included', async (entry) => {
    const bundled = async (target: string[]): Promise<string> => {
      const entryPoints = [join(root, 'dist', `${entry}.js`)]
      const { outputFiles } = await build({ entryPoints, bundle: true, format: 'esm', write: false, target })
      return outputFiles[0]!.text
    }
    const target = Object.entries(floor).map(([browser, version]) => `${browser}${version}`)
    // Syntax the oldest browsers could not parse would be compiled away.
    expect((await bundled(target)) === (await bundled(['esnext']))).toBe(true)
  })

  /** Newer than the oldest browsers. */
  const young =
    /\bstructuredClone\(|\.throwIfAborted\(|\bObject\.(?:hasOwn|groupBy)\(|\bAbortSignal\.(?:any|timeout|abort)\(|\.(?:at|findLast|findLastIndex|toSorted|toReversed|toSpliced|toWellFormed)\(|\bPromise\.withResolvers|\bArray\.fromAsync|\bstatic \{/

  test('support every method the published code calls in a page', async () => {
    const files = (await readdir(join(root, 'dist/src'), { recursive: true })).filter(
      (path) =>
        path.endsWith('.js') &&
        !/^(?:server|tools\/(?:cli|inspect\/relay|testing\/fault-server))\/|transports\/ws/.test(path),
    )
    expect(files.length).toBeGreaterThan(50)
    for (const path of files) {
      const code = (await readFile(join(root, 'dist/src', path), 'utf8')).replaceAll(
        /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm,
        '',
      )
      expect([path, young.exec(code)?.[0]]).toEqual([path, undefined])
    }
  })
})

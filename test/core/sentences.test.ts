// Which messages an error has under the conditions of bundlers and runtimes. Runs the built package: npm run build
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import * as source from '../../src/core/policies/close-codes.js'
import { sentences } from '../docs/sentences.js'

const require = createRequire(import.meta.url)
const dist = join(import.meta.dirname, '../../dist/src')

/** Every source of messages from the catalog. */
const app = `
  export * from '${dist}/core/bytes.js'
  export * from '${dist}/core/checks.js'
  export * from '${dist}/core/target/provider.js'
  export * from '${dist}/core/policies/backoff.js'
  export * from '${dist}/core/policies/close-codes.js'
  export * from '${dist}/core/policies/heartbeat.js'
  export * from '${dist}/transports/browser.js'`

async function bundle(contents: string, conditions: string[]): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: dist },
    bundle: true,
    write: false,
    format: 'esm',
    charset: 'utf8',
    // It adds no condition.
    platform: 'neutral',
    conditions,
    logLevel: 'silent',
  })
  return outputFiles[0]!.text
}

const inFull = 'close code (5) must be 1000, or 3000 to 4999'
const inShort = 'close-code (5): https://github.com/statewire/statewire/blob/main/docs/errors.md#ERR_CLOSE_ARGUMENT'

type Source = typeof import('../../src/core/policies/close-codes.js')

function messageOf({ checkCloseArguments }: Source): string {
  try {
    checkCloseArguments(5, undefined)
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}

/** The message of an error that a bundle throws. */
async function bundledMessage(conditions: string[]): Promise<string> {
  const text = await bundle(`export * from '${dist}/core/policies/close-codes.js'`, conditions)
  return messageOf((await import(`data:text/javascript,${encodeURIComponent(text)}`)) as Source)
}

describe('an error message', () => {
  it('is a sentence in this Node, built or not', () => {
    expect(messageOf(source)).toBe(inFull)
    expect(messageOf(require('../../dist/src/core/policies/close-codes.js') as Source)).toBe(inFull)
  })

  it.each<[string, string[]]>([
    ["Vite's server", ['module', 'browser', 'development', 'import']],
    ['webpack in development mode', ['webpack', 'development', 'browser', 'module', 'import']],
    ['esbuild with --conditions=development', ['development', 'browser', 'module', 'import']],
    ['Vite, for a server, in production', ['module', 'node', 'production', 'import']],
    ['webpack for Node in production', ['webpack', 'production', 'node', 'module', 'import']],
    ['Rollup without the browser condition', ['default', 'module', 'production', 'import']],
    ['Wrangler', ['workerd', 'worker', 'browser', 'production', 'import']],
    ['Metro', ['react-native', 'import']],
    ["Jest's preset of React Native", ['react-native', 'require']],
    ['Deno', ['deno', 'node', 'import']],
    ['Bun', ['bun', 'node', 'import']],
  ])('is a sentence if bundled or run by %s', async (_, conditions) => {
    expect(await bundledMessage(conditions)).toBe(inFull)
  })

  it.each<[string, string[]]>([
    ['esbuild', ['browser', 'module', 'import']],
    ['Vite', ['module', 'browser', 'production', 'import']],
    ['webpack in production mode', ['webpack', 'production', 'browser', 'module', 'import']],
    ['Rollup with the browser condition', ['default', 'module', 'production', 'browser', 'import']],
    ["Jest's jsdom", ['browser', 'require']],
  ])('is a key and the values if bundled for a browser by %s', async (_, conditions) => {
    expect(await bundledMessage(conditions)).toBe(inShort)
  })
})

describe("a browser's production bundle", () => {
  it('contains no part of any sentence, while a development bundle contains all', async () => {
    expect(sentences.length).toBeGreaterThan(90)
    // Quotes are escaped in one and not in the other.
    const plain = (text: string): string => text.replaceAll(/\\?['"`]/g, '')
    const [production, development] = await Promise.all(
      ['production', 'development'].map(async (mode) => plain(await bundle(app, ['browser', mode]))),
    )
    const inside = (text = ''): string[] =>
      sentences.flatMap(({ pieces }) => pieces).filter((piece) => text.includes(plain(piece)))
    expect(inside(production)).toEqual([])
    const plainOnes = sentences.filter(({ varies }) => !varies).flatMap(({ pieces }) => pieces)
    expect(inside(development)).toEqual(expect.arrayContaining(plainOnes))
  })
})

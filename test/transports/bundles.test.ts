import { build } from 'esbuild'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/**
 * The built package's standard transport, as a bundler resolves it under these conditions of the package's `imports`.
 */
async function bundled(platform: 'browser' | 'node' | 'neutral'): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { webSocketTransport } from './dist/src/index.js'`,
      resolveDir: join(import.meta.dirname, '../..'),
    },
    bundle: true,
    format: 'esm',
    platform,
    external: ['xstate'],
    write: false,
  })
  return outputFiles[0]!.text
}

it.each([
  ['browser', false],
  ['node', true],
  ['neutral', true],
] as const)("a bundle for %s contains the module that tracks undici's sockets: %s", async (platform, has) => {
  expect((await bundled(platform)).includes('undici.globalDispatcher')).toBe(has)
})

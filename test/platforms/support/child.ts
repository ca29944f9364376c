import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { it, type TestFunction } from 'vitest'
import { run } from '../../support/processes.js'

export { run }

export const root = join(import.meta.dirname, '../../..')

/** The folder of packages that only these tests need: npm ci --prefix test/runtimes --ignore-scripts */
export const tools = join(root, 'test/runtimes/node_modules')

/** A built module of the package, as an import specifier. */
export const built = (path: string): string => pathToFileURL(join(root, 'dist', path)).href

/** Runs a module in a separate Node process and returns its output. `require` finds packages in `test/runtimes/`. */
export async function script(text: string, ...args: string[]): Promise<string> {
  const preamble = `
    import { createRequire } from 'node:module'
    const require = createRequire(${JSON.stringify(join(tools, '../package.json'))})
  `
  const flags = ['--experimental-websocket', '--no-warnings', '--input-type=module', '--eval', preamble + text]
  const { stdout } = await run(process.execPath, [...flags, ...args], { cwd: root, timeout: 50_000 })
  return stdout.trim()
}

/** A test that needs packages of `test/runtimes/`: skipped by name if they are not installed, and a failure in CI. */
export function testWith(packages: readonly string[], title: string, timeout: number, test: TestFunction): void {
  const missing = packages.filter((name) => !existsSync(join(tools, name, 'package.json')))
  if (missing.length === 0 || process.env['CI']) it(title, { timeout }, test)
  else it.skip(`${title} [SKIPPED: npm ci --prefix test/runtimes, for ${missing.join(', ')}]`, test)
}

import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { run } from '../support/processes.js'

export { run }

export const root = join(import.meta.dirname, '../..')

/**
 * The runtimes, compilers and the one bundler that only these tests need: npm ci --prefix test/runtimes
 * --ignore-scripts
 */
export const tools = join(root, 'test/runtimes/node_modules')
export const haveTools = existsSync(join(tools, 'typescript59'))

/** A project elsewhere, with the package as published and no other. */
export interface Project {
  readonly folder: string
  readonly installed: string
  /** Adds a package from this repository or from another folder. */
  link(name: string, from?: string): Promise<void>
  remove(): Promise<void>
}

export async function packedProject(): Promise<Project> {
  if (!existsSync(join(root, 'dist/src/index.js'))) throw new Error('there is no dist: npm run build')
  const folder = await mkdtemp(join(tmpdir(), 'statewire-consumer-'))
  const installed = join(folder, 'node_modules/statewire')
  await mkdir(installed, { recursive: true })
  // Without scripts: the caller builds before running the tests.
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: root,
  })
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }]
  await run('tar', ['xzf', join(folder, filename), '-C', installed, '--strip-components', '1'])
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }')
  return {
    folder,
    installed,
    async link(name, from = join(root, 'node_modules')) {
      const at = join(folder, 'node_modules', name)
      await mkdir(dirname(at), { recursive: true })
      await symlink(join(from, name), at)
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

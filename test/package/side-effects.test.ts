// Importing an entry has no effect, and a bundler can tell.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle, peers } from './bundling/bundlers.js'
import { bundlers, modes, type Texts } from './bundling/orders.js'
import { Packaged } from './bundling/packaged.js'
import { runInTrap } from './bundling/realm.js'
import { packedProject, type Project } from './packed.js'

let project: Project
let packaged: Packaged
beforeAll(async () => {
  project = await packedProject()
  packaged = new Packaged(project)
}, 60_000)
afterAll(() => project.remove())

const forEach = (text: (name: string) => string): Texts =>
  Object.fromEntries(packaged.entries.map(({ name }) => [name, text(name)]))

describe('an app that imports an entry and uses nothing from it', { timeout: 120_000 }, () => {
  const choice = { mode: 'production', platform: 'browser', external: peers } as const

  it.each(bundlers)('is an empty bundle, for every entry: %s', async (bundler) => {
    expect(packaged.entries.length).toBeGreaterThan(5)
    const apps = forEach((name) => `import '${name}'`)
    expect(await bundle(bundler, project, apps, choice)).toEqual(forEach(() => ''))
  })

  /** Entries used completely or not at all: no part of them needs to be tree-shaken. */
  const whole: Readonly<Record<string, string>> = {
    'statewire/websocket': 'its class is given the shape of the standard when it is defined',
    'statewire/xstate': 'XState makes the machine',
    'statewire/inspect/relay': 'is for Node, and has two messages ready',
  }

  it('is an empty bundle if the bundler analyzes the code instead of trusting the flag', async () => {
    const file = join(project.installed, 'package.json')
    const manifest = await readFile(file, 'utf8')
    const doubtful = manifest.replace('"sideEffects": false', '"sideEffects": true')
    expect(doubtful).not.toBe(manifest)
    await writeFile(file, doubtful)
    try {
      const bundles = await bundle(
        'Rollup',
        project,
        forEach((name) => `import '${name}'`),
        choice,
      )
      // Side effects of Node's own modules are ignored.
      const ours = Object.entries(bundles).map(([name, code]) => [name, code.replaceAll(/import\s*"[^"]+";\s*/g, '')])
      const left = ours.filter(([name, code]) => code !== '' && !(String(name) in whole))
      expect(Object.fromEntries(left)).toEqual({})
    } finally {
      await writeFile(file, manifest)
    }
  })
})

describe('evaluating an entry', () => {
  it.each(modes)('reads only globals of the language, neither clock nor random numbers: %s', async (mode) => {
    const read: Record<string, string> = {}
    for (const { name } of packaged.entries) {
      const { outputFiles } = await build({
        stdin: { contents: `export * from '${name}'`, resolveDir: project.folder },
        bundle: true,
        format: 'iife',
        globalName: 'entry',
        external: ['node:*', ...peers],
        conditions: ['browser', mode],
        write: false,
      })
      try {
        const exported = runInTrap(`${outputFiles[0]!.text}\nreturn entry`) as object
        expect(Object.keys(exported).length, name).toBeGreaterThan(0)
      } catch (error) {
        read[name] = String(error)
      }
    }
    expect(read).toEqual({})
  })

  it.each([
    ['class Mine extends EventTarget {}', 'EventTarget'],
    ['const has = typeof WebSocket === "function"', 'WebSocket'],
    ['const page = globalThis.document', 'document'],
    ['const online = "navigator" in globalThis', 'navigator'],
    ['const start = Date.now()', 'Date.now'],
    ['const start = new Date()', 'Date'],
    ['const id = Math.random()', 'Math.random'],
  ])('is detected to read one: %s', (code, name) => {
    expect(() => runInTrap(code)).toThrow(`${name} is read at import`)
    expect(runInTrap('return new Map([[Math.max(1, 2), typeof Error]]).size')).toBe(1)
  })
})

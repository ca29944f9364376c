// What importing an entry does: nothing, and a bundler can see that.
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

describe('an app that imports an entry and uses nothing of it', { timeout: 120_000 }, () => {
  const choice = { mode: 'production', platform: 'browser', external: peers } as const

  it.each(bundlers)('is an empty bundle, for every entry: %s', async (bundler) => {
    expect(packaged.entries.length).toBeGreaterThan(5)
    const apps = forEach((name) => `import '${name}'`)
    expect(await bundle(bundler, project, apps, choice)).toEqual(forEach(() => ''))
  })
})

describe('an entry that is evaluated', () => {
  it.each(modes)('reads no global but those of the language, neither clock nor dice: %s', async (mode) => {
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
  ])('is caught if it reads one: %s', (code, name) => {
    expect(() => runInTrap(code)).toThrow(`${name} is read at import`)
    expect(runInTrap('return new Map([[Math.max(1, 2), typeof Error]]).size')).toBe(1)
  })
})

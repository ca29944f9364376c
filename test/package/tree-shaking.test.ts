// What is not imported is not in the bundle.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle, peers } from './bundling/bundlers.js'
import { bundlers } from './bundling/orders.js'
import { lasting, Packaged } from './bundling/packaged.js'
import { packedProject, type Project } from './packed.js'

/** The entries whose size matters. Each of their exports is tested separately. */
const entries = ['statewire', 'statewire/core', 'statewire/websocket', 'statewire/resume', 'statewire/xstate']

let project: Project
let packaged: Packaged
beforeAll(async () => {
  project = await packedProject()
  packaged = new Packaged(project)
}, 60_000)
afterAll(() => project.remove())

describe('an app that imports one name', { timeout: 120_000 }, () => {
  it.each(bundlers)('contains nothing that this name does not need: %s', async (bundler) => {
    const apps: Record<string, string> = {}
    const foreign: Record<string, ReadonlySet<string>> = {}
    for (const { name, file } of packaged.entries.filter((entry) => entries.includes(entry.name)))
      for (const exported of packaged.exportsOf(file)) {
        const app = `${exported} of ${name}`
        apps[app] = `export { ${exported} } from '${name}'`
        foreign[app] = packaged.needed(file, [exported]).foreign
      }
    expect(Object.keys(apps).length).toBeGreaterThan(20)
    const bundles = await bundle(bundler, project, apps, { mode: 'production', platform: 'browser', external: peers })
    const left: Record<string, string[]> = {}
    for (const [app, code] of Object.entries(bundles)) {
      const words = [...lasting(code)].filter((word) => foreign[app]!.has(word))
      if (words.length > 0) left[app] = words
    }
    expect(left).toEqual({})
  })

  it('contains no feature if that name is connect', () => {
    const { file } = packaged.entries.find(({ name }) => name === 'statewire/core')!
    const features = (exported: string): string[] =>
      [...packaged.needed(file, [exported]).modules].filter((each) => each.startsWith('dist/src/core/features/'))
    expect(features('connect')).toEqual([])
    for (const exported of packaged.exportsOf(file))
      if (exported !== 'connect') expect(features(exported), exported).not.toEqual([])
  })

  it('is distinguished from one that contains more', async () => {
    const app = { all: "export * from 'statewire'" }
    const { all } = await bundle('esbuild', project, app, { mode: 'production', platform: 'browser', external: peers })
    const { foreign } = packaged.needed('dist/src/index.js', ['fullJitter'])
    const words = [...lasting(all!)].filter((word) => foreign.has(word))
    expect(words).toEqual(expect.arrayContaining(['ERR_URL', 'bufferedAmount', 'reconnect']))
  })
})

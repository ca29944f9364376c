// The package as loaded from CommonJS, on the Node versions that can require ES modules.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Packaged } from './bundling/packaged.js'
import { haveTools, packedProject, run, tools, type Project } from './packed.js'

let project: Project
let names: string[]
beforeAll(async () => {
  project = await packedProject()
  names = new Packaged(project).entries.map(({ name }) => name)
}, 60_000)
afterAll(() => project.remove())

const nodes: readonly [name: string, path: string][] = [
  ['the Node that runs this', process.execPath],
  ...['20', '22', '24', '26'].map((version): [string, string] => [
    `Node ${version}`,
    join(tools, `node${version}/bin/node`),
  ]),
]

async function required(path: string, text: string): Promise<string> {
  const file = join(project.folder, 'app.cjs')
  await writeFile(file, text)
  const { stdout } = await run(path, ['--no-warnings', file])
  return stdout.trim()
}

describe('required from CommonJS', { timeout: 30_000 }, () => {
  for (const [name, path] of nodes) {
    const here = path === process.execPath || haveTools
    const test = here || process.env['CI'] ? it : it.skip
    test(`by ${name}, every entry but statewire/xstate loads without a peer and works${here ? '' : ' [SKIPPED: npm ci --prefix test/runtimes]'}`, async () => {
      const without = names.filter((each) => each !== 'statewire/xstate')
      expect(without.length).toBe(names.length - 1)
      const text = `
        const empty = ${JSON.stringify(without)}.filter((name) => Object.keys(require(name)).length === 0)
        const { createConnection } = require('statewire')
        const connection = createConnection('wss://a.test', { autoOpen: false })
        let code
        try { require('statewire/ws').wsTransport() } catch (error) { code = error.code }
        const nats = Object.fromEntries(['publish', 'subscribe', 'request', 'flush', 'status'].map((name) => [name, () => {}]))
        const store = require('statewire/server/jetstream').jetstreamStore(nats)
        store.open({ name: 'node' }).catch(({ code: later }) => {
          console.log(JSON.stringify([empty, connection.state, code, later]))
        })`
      expect(JSON.parse(await required(path, text))).toEqual([[], 'idle', 'ERR_MISSING_PEER', 'ERR_MISSING_PEER'])
    })
  }

  it('statewire/xstate loads with its peer', async () => {
    await project.link('xstate')
    const text = "console.log(require('statewire/xstate').connectionMachine.id)"
    const [, path] = haveTools ? nodes[1]! : nodes[0]!
    expect(await required(path, text)).toBe('connection')
  })
})

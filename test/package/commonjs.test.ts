// The package as CommonJS has it, on the versions of Node that can require ES modules.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { haveTools, packedProject, run, tools, type Project } from './packed.js'

let project: Project
beforeAll(async () => {
  project = await packedProject()
  await project.link('xstate')
}, 60_000)
afterAll(() => project.remove())

describe('required from CommonJS', { timeout: 30_000 }, () => {
  const nodes: readonly [name: string, path: string][] = [
    ['the Node that runs this', process.execPath],
    ...['20', '22', '24', '26'].map((version): [string, string] => [
      `Node ${version}`,
      join(tools, `node${version}/bin/node`),
    ]),
  ]
  for (const [name, path] of nodes) {
    const here = path === process.execPath || haveTools
    const test = here || process.env['CI'] ? it : it.skip
    test(`by ${name} every entry is there, and without ws the rest works${here ? '' : ' [SKIPPED: npm ci --prefix runtimes]'}`, async () => {
      const text = `
        const { createConnection } = require('statewire')
        const { ReconnectingWebSocket } = require('statewire/websocket')
        const { connectionMachine } = require('statewire/xstate')
        const { projectInspection } = require('statewire/inspect')
        const { wsTransport } = require('statewire/ws')
        let code
        try { wsTransport() } catch (error) { code = error.code }
        const connection = createConnection('wss://a.test', { autoOpen: false })
        console.log([connection.state, typeof ReconnectingWebSocket, connectionMachine.id, typeof projectInspection, code].join())`
      await writeFile(join(project.folder, 'app.cjs'), text)
      const { stdout } = await run(path, ['--no-warnings', join(project.folder, 'app.cjs')])
      expect(stdout.trim()).toBe('idle,function,connection,function,ERR_MISSING_PEER')
    })
  }
})

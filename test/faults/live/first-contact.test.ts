// A new user's first steps: install the package, copy a README snippet into a file, and run it.
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createFaultServer, type FaultServer } from '../../../src/tools/testing/index.js'
import { packedProject, root, tools, type Project } from '../../package/packed.js'
import { spawn } from '../../support/processes.js'

const [major] = process.versions.node.split('.')

/** The path of each tested Node version. */
const nodes = ['20', '22', '24', '26'].map((version) => {
  const path = version === major ? process.execPath : join(tools, `node${version}/bin/node`)
  const here = existsSync(path)
  return { version, path, here, title: `Node ${version}${here ? '' : ' [SKIPPED: npm ci --prefix test/runtimes]'}` }
})

/** The README's code blocks, as JavaScript. */
async function snippets(): Promise<string[]> {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code)
  return Promise.all(blocks.map(async (code) => (await transform(code, { loader: 'ts', target: 'esnext' })).code))
}

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program; `enough` ends it once its output matches. */
function run(node: string, file: string, enough: (stdout: string) => boolean = () => false): Promise<Ran> {
  const child = spawn(node, [file], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ran = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      ran[name] += text
      if (enough(ran.stdout)) child.kill('SIGKILL')
    })
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...ran })))
}

const remedy = 'this runtime has no global WebSocket: use wsTransport of statewire/ws'

describe("the README's snippets, run by a new user", { timeout: 60_000 }, () => {
  let first: string
  let second: string
  let server: FaultServer

  beforeAll(async () => {
    ;[first = '', second = ''] = await snippets()
    expect(first).toContain('for await')
    expect(second).toContain('wsTransport')
  })

  beforeEach(async () => {
    server = await createFaultServer({
      onMessage: (message, socket) => {
        const text = String(message)
        socket.send(text === 'ping' ? 'pong' : text === 'hello' ? 'welcome' : `confirmed: ${text}`)
      },
    })
  })
  afterEach(() => server.close())

  for (const installed of [[], ['ws']]) {
    describe(`in a project ${installed.length > 0 ? 'with' : 'without'} ws`, () => {
      let project: Project

      beforeAll(async () => {
        project = await packedProject()
        for (const name of ['xstate', ...installed]) await project.link(name)
      }, 60_000)
      afterAll(() => project.remove())

      async function save(name: string, code: string): Promise<string> {
        const file = join(project.folder, name)
        await writeFile(file, code.replaceAll('wss://example.com/feed', server.url))
        return file
      }

      for (const { version, path, here, title } of nodes) {
        const test = here || process.env['CI'] ? it : it.skip

        if (version === '20') {
          test(`the first fails on ${title} with an error that says what to do`, async () => {
            const { code, stdout, stderr } = await run(path, await save('first.js', first))
            expect([code, stdout]).toEqual([1, ''])
            expect(stderr).toContain(remedy)
            expect(stderr).toContain('ERR_ENDED')
            expect(server.links).toEqual([])
          })

          test(`a program that handles the rejection, or reads nothing, gets one report on ${title}`, async () => {
            const handled = first.replace(
              /^for await.*$/m,
              (loop) => `try { ${loop} } catch (error) { console.log(error.cause.code) }`,
            )
            expect(handled).not.toBe(first)
            const deaf = first.replace(/^for await.*$/m, '')
            for (const [name, program, printed] of [
              ['handled.js', handled, 'ERR_MISSING_PEER\n'],
              ['deaf.js', deaf, ''],
            ] as const) {
              const { code, stdout, stderr } = await run(path, await save(name, program))
              expect([code, stdout], stderr).toEqual([0, printed])
              expect(stderr.split(remedy)).toHaveLength(2)
            }
          })

          test(`the drop-in reports it too without listeners on ${title}, and leaves it to them otherwise`, async () => {
            const program = (listening: string): string =>
              `import { ReconnectingWebSocket } from 'statewire/websocket'\nconst ws = new ReconnectingWebSocket('wss://example.com/feed')\n${listening}\n`
            const deaf = await run(path, await save('drop-in.js', program('ws.onmessage = ws.onopen = () => {}')))
            expect(deaf.code).toBe(0)
            expect(deaf.stderr.split(remedy)).toHaveLength(2)
            for (const listening of [
              'ws.onerror = ({ message }) => console.log(message)',
              "ws.addEventListener('close', () => console.log('closed'))",
            ]) {
              const heard = await run(path, await save('drop-in.js', program(listening)))
              expect([heard.code, heard.stderr]).toEqual([0, ''])
              expect(heard.stdout).not.toBe('')
            }
          })
        } else {
          test(`the first prints what the server sends on ${title}`, async () => {
            const file = await save('first.js', first)
            const { stdout, stderr } = await run(path, file, (text) => text.includes('\n'))
            expect(stdout).toBe('confirmed: subscribe trades\n')
            expect(stderr.replaceAll(/^\(.*\n/gm, '')).toBe('')
          })
        }

        test(`the second ${installed.length > 0 ? 'works' : 'says what to install'} on ${title}`, async () => {
          const tickets = createServer((_, response) => response.end('ticket'))
          await new Promise<void>((resolve) => tickets.listen(0, '127.0.0.1', resolve))
          try {
            const { port } = tickets.address() as AddressInfo
            const file = await save(
              'second.js',
              second.replace('https://example.com/ticket', `http://127.0.0.1:${port}/`),
            )
            const { code, stdout, stderr } = await run(path, file)
            if (installed.length > 0) {
              expect([code, stderr]).toEqual([0, ''])
              expect(stdout).toContain("sent {\n  state: 'open'")
            } else {
              expect([code, stdout]).toEqual([1, ''])
              expect(stderr).toContain('npm install ws')
            }
          } finally {
            await new Promise((resolve) => tickets.close(resolve))
          }
        })
      }
    })
  }
})

import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from './pages.js'
import { spawn } from '../support/processes.js'

// The page of the first ten minutes, step by step: its programs run as printed there, and print what the page shows.

const page = readFileSync(join(root, 'docs/start.md'), 'utf8')

/** The program that follows "In `name`:". */
function program(name: string): string {
  const [, code] = new RegExp(`In \`${name}\`:\n\n\`\`\`ts\n(.*?)^\`\`\``, 'ms').exec(page) ?? []
  if (code === undefined) throw new Error(`the page has no ${name}`)
  return code
}

/** The output the page shows under a heading, one list for each block. */
function printed(heading: string): string[][] {
  const [, section] = new RegExp(`^## ${heading}\n(.*?)(?=^## |$(?![^]))`, 'ms').exec(page) ?? []
  if (section === undefined) throw new Error(`the page has no section ${heading}`)
  const blocks = [...section.matchAll(/^```text\n(.*?)^```/gms)].map(([, text = '']) => text.trimEnd().split('\n'))
  expect(blocks, `section ${heading}`).not.toEqual([])
  return blocks
}

/** Delays are random, and the number of attempts depends on how fast the reader types. */
const shape = (line: string): string => line.replace(/\d+ ms$/, 'N ms').replace(/attempt (?!1$)\d+/, 'attempt N')

/** A program whose output lines are awaited. */
class Running {
  readonly lines: string[] = []
  readonly #child: ChildProcess
  readonly ended: Promise<number | null>
  #seen = 0
  #told = (): void => {}

  constructor(folder: string, file: string) {
    this.#child = spawn(process.execPath, [file], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] })
    let rest = ''
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop()!
      this.lines.push(...lines)
      this.#told()
    })
    this.ended = new Promise((resolve) => this.#child.once('exit', resolve))
  }

  type(line: string): void {
    this.#child.stdin!.write(`${line}\n`)
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Resolves once these lines have come in sequence, with nothing else in between. */
  async prints(expected: readonly string[]): Promise<void> {
    for (const line of expected) {
      // oxlint-disable-next-line no-await-in-loop -- line by line is the point
      while (this.lines.length <= this.#seen) await new Promise<void>((resolve) => (this.#told = resolve))
      expect(shape(this.lines[this.#seen++]!), this.lines.join('\n')).toBe(shape(line))
    }
  }

  /** Between two steps of the page, one more attempt may fail than the page shows. */
  async skips(line: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        while (this.lines.length > this.#seen && shape(this.lines[this.#seen]!) === shape(line)) this.#seen += 1
        if (this.lines.length > this.#seen) resolve()
      }
      this.#told = look
      look()
    })
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

describe('the first ten minutes', { timeout: 60_000 }, () => {
  let folder: string
  let server: Running
  let client: Running

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'statewire-start-'))
    await mkdir(join(folder, 'node_modules'))
    await symlink(root, join(folder, 'node_modules/statewire'))
    await symlink(join(root, 'node_modules/ws'), join(folder, 'node_modules/ws'))
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    const port = String(await freePort())
    for (const name of ['server.js', 'client.js']) {
      const code = program(name)
      expect(code).toContain('8080')
      await writeFile(join(folder, name), code.replaceAll('8080', port))
    }
    server = new Running(folder, 'server.js')
    await server.prints([`listening at ws://127.0.0.1:${port}`])
    client = new Running(folder, 'client.js')
  })

  afterAll(async () => {
    client?.signal('SIGKILL')
    server?.signal('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it('a connection opens and receives an answer', async () => {
    await client.prints(printed('A connection')[0]!)
  })

  it('silence is detected, the dead link dropped, and a new one opened', async () => {
    server.type('silence')
    await client.prints(printed('Break it: silence')[0]!)
  })

  it('a reset changes the state, and the connection recovers', async () => {
    server.type('reset')
    await client.prints(printed('Break it: a reset')[0]!)
  })

  it('without a server it keeps retrying, and reconnects once there is one', async () => {
    const [stopped, started] = printed('Break it: no server')
    server.type('stop')
    await client.prints(stopped!)
    server.type('start')
    await client.skips(stopped!.at(-1)!)
    await client.prints(started!)
  })

  it('a close ends the connection, and the process exits by itself', async () => {
    client.signal('SIGINT')
    await client.prints(printed('End it')[0]!)
    expect(await client.ended).toBe(0)
  })
})

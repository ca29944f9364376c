import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { lives } from '../../support/lives.js'
import { ending, spawn } from '../../support/processes.js'
import { main } from './support/program.js'

// Commands whose parent is gone. Each of them would otherwise go on forever.
const commands: readonly (readonly string[])[] = [['connect', '-q', 'ws://127.0.0.1:9'], ['inspect'], ['lab', '--page']]

let folder: string
let count = 0
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'statewire-orphans-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

const fresh = (): string => join(folder, `${++count}`)

/** Runs this in a shell that ends at once, and resolves with the process id of `$COMMAND &`. */
async function orphan(script: string, args: readonly string[]): Promise<number> {
  const [file, out] = [fresh(), fresh()]
  const run = `"${process.execPath}" "${main}" ${args.join(' ')}`
  const env = { ...process.env, PID: file, OUT: out }
  await ending('sh', ['-c', script.replace('COMMAND', run)], { env, timeout: 20_000 })
  return Number(readFileSync(file, 'utf8'))
}

const isGone = (pid: number): Promise<void> => vi.waitFor(() => expect(lives(pid)).toBe(false), 30_000)

/** Longer than it takes to look twice. */
const meanwhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 6_000))

describe.each(commands)('statewire %s, whose parent is gone,', (...args) => {
  test('ends if its output went to the parent', { timeout: 60_000 }, async () => {
    const code = `
      const { spawn } = require('node:child_process')
      const child = spawn(process.execPath, ${JSON.stringify([main, ...args])}, { stdio: ['ignore', 'pipe', 'pipe'] })
      console.log(child.pid)
      setInterval(() => {}, 1_000)`
    const parent = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
    const pid = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)))
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(lives(pid)).toBe(true)
    parent.kill('SIGKILL')
    await isGone(pid)
  })

  test('ends if the reader of its pipe is gone as well', { timeout: 60_000 }, async () => {
    const pid = await orphan('(COMMAND 2>/dev/null & echo $! >"$PID"; sleep 1) | sleep 2', args)
    await isGone(pid)
  })

  test('goes on if its pipe is still read', { timeout: 60_000 }, async () => {
    const pid = await orphan(
      '(COMMAND 2>/dev/null & echo $! >"$PID"; sleep 1) | cat >"$OUT" 2>/dev/null & sleep 1',
      args,
    )
    await meanwhile()
    expect(lives(pid)).toBe(true)
  })

  test('goes on if it writes to a file or a device', { timeout: 60_000 }, async () => {
    const pids = [
      await orphan('nohup COMMAND >"$OUT" 2>&1 & echo $! >"$PID"; sleep 1', args),
      await orphan('COMMAND >/dev/null 2>&1 & echo $! >"$PID"; sleep 1', args),
    ]
    await meanwhile()
    expect(pids.map(lives)).toEqual([true, true])
  })
})

describe('statewire connect --give-up-after', () => {
  test('ends with 1 and says why', { timeout: 60_000 }, async () => {
    const args = [main, 'connect', '--give-up-after', '1.5', '--wait', 'forever', 'ws://127.0.0.1:9']
    const { code, stdout, stderr } = await ending(process.execPath, args, { input: 'lost\n', timeout: 30_000 })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('statewire: gave up after 1.5 s without a link (--give-up-after)\n')
    expect(stderr).toContain('statewire: 1 message not sent\n')
  })
})

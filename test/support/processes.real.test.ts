import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { lives } from './lives.js'
import { ending } from './processes.js'

const root = join(import.meta.dirname, '../..')
const left = new Map<string, number>()
let folder: string
let output = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'statewire-processes-'))
  const file = join(folder, 'left')
  const { CI: _ci, ...env } = process.env
  const config = join(import.meta.dirname, 'fixtures/vitest.config.ts')
  const command = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config]
  const { stdout, stderr } = await ending(process.execPath, command, {
    cwd: root,
    env: { ...env, LEFT: file, NO_COLOR: '1' },
    timeout: 90_000,
  })
  output = stdout + stderr
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const { name, pid } = JSON.parse(line) as { name: string; pid: number }
    left.set(name, pid)
  }
}, 100_000)

afterAll(async () => {
  const plain = left.get('plain')
  if (plain !== undefined && lives(plain)) process.kill(plain, 'SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

describe('a process started by a test', () => {
  it.each([
    'beforeAll',
    'passing',
    'failing',
    'timed out',
    'with a child',
    'concurrent',
    'concurrent failing',
    'killed',
  ])('is gone after the run: %s', async (name) => {
    expect(left.has(name), output).toBe(true)
    // The one whose test process was killed is ended by another process, which needs a moment.
    await vi.waitFor(() => expect(lives(left.get(name)!)).toBe(false), 20_000)
  })

  it('survives the run if Node started it directly', () => {
    expect(lives(left.get('plain')!)).toBe(true)
  })

  it('comes from a run with one failed test and one timeout', () => {
    expect(output).toMatch(/expected 1 to be 2/)
    expect(output).toMatch(/Test timed out in 500ms/)
  })
})

it('tests start processes only through test/support/processes.ts', () => {
  const asynchronous = /import (?:\* as \w+|\{[^}]*\b(?:spawn|fork|exec|execFile)\b[^}]*\}) from 'node:child_process'/
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.includes('node_modules'),
  )
  expect(files.length).toBeGreaterThan(200)
  const found = files.filter((path) => asynchronous.test(readFileSync(join(root, 'test', path), 'utf8')))
  expect(found.sort()).toEqual(['support/fixtures/processes.fixture.ts', 'support/processes.ts'])
})

import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { faultList } from '../../../src/tools/cli/lab/faults.js'
import { main, Program, root, run } from './support/program.js'

test('the file begins with what makes it a program', async () => {
  expect(await readFile(main, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
})

test.concurrent.each(['--help', '-h'])('statewire %s lists the commands', async (flag) => {
  const { code, stdout, stderr } = await run(flag)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^Usage: statewire <command>/m)
  expect(stdout).toMatch(/^ +lab +\S/m)
})

test.concurrent.each(['--version', '-v'])('statewire %s tells the version of the package', async (flag) => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  expect(await run(flag)).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

test('statewire lab --help tells every key, every option and every exit code', async () => {
  const { code, stdout } = await run('lab', '--help')
  expect(code).toBe(0)
  for (const { key, name } of faultList) expect(stdout).toMatch(new RegExp(`^ +${key} +${name}`, 'm'))
  for (const each of ['--tour', '--deadline', 'Exit codes', 'NO_COLOR']) expect(stdout).toContain(each)
})

test('statewire connect --help tells every option and every exit code', async () => {
  const { code, stdout } = await run('connect', '--help')
  expect(code).toBe(0)
  const source = await readFile(join(root, 'src/tools/cli/connect/settings.ts'), 'utf8')
  const options = [...source.matchAll(/^ {2}'?([a-z-]+)'?: \{ type: /gm)].map(([, name]) => name)
  expect(options.length).toBeGreaterThan(10)
  for (const name of [...options, 'help']) expect(stdout).toMatch(new RegExp(`^ +(-\\w, | {4})--${name}\\b`, 'm'))
  for (const each of ['Exit codes: 0', '141', 'Ctrl-C', 'NO_COLOR']) expect(stdout).toContain(each)
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
})

test('statewire inspect --help tells every option and every exit code', async () => {
  const { code, stdout } = await run('inspect', '--help')
  expect(code).toBe(0)
  for (const each of ['--port', '--origin', '--open', '--replay', 'Exit codes']) expect(stdout).toContain(each)
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
})

describe('a command line that makes no sense is answered on stderr, with 2', () => {
  test.concurrent.each([
    [[], /which command\?[^]*lab[^]*statewire --help/],
    [['lob'], /no command 'lob'; did you mean lab\?[^]*commands: connect, inspect, lab/],
    [['conect'], /no command 'conect'; did you mean connect\?/],
    [['constructor'], /no command 'constructor'\n/],
    [['lab', '--tuor'], /no option --tuor; did you mean --tour\?/],
    [['inspect', '--replya', 'x'], /no option --replya; did you mean --replay\?/],
    [['--verson'], /no option --verson; did you mean --version\?/],
    [['--lab'], /--lab[^]*statewire --help/],
    [['lab', 'now'], /now[^]*statewire lab --help/],
    [['lab', '--tour', '--deadline', 'soon'], /--deadline \(soon\) must be a number of seconds/],
    [['lab', '--tour', '--deadline', '0'], /--deadline \(0\) must/],
    [['lab', '--page', '--port', '65536'], /--port \(65536\) must be a port from 0 to 65535/],
    [['lab', '--page', '--deadline', '1'], /--deadline requires --tour/],
    [['lab', '--tour', '--page'], /--tour cannot be combined with --page or --port/],
  ])('statewire %s', async (args, message) => {
    const { code, stdout, stderr } = await run(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
    // Words, not a stack.
    expect(stderr).not.toMatch(/^ +at /m)
  })
})

test('without the package ws, it says what to install', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'statewire-cli-'))
  try {
    await cp(join(root, 'dist'), join(folder, 'dist'), { recursive: true })
    await cp(join(root, 'package.json'), join(folder, 'package.json'))
    await mkdir(join(folder, 'node_modules'))
    await symlink(join(root, 'node_modules/xstate'), join(folder, 'node_modules/xstate'))
    const script = join(folder, 'dist/src/tools/cli/main.js')
    const { code, stdout, stderr } = await new Program(['lab'], { script, cwd: folder }).ended
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/needs the package ws[^]*npm install ws/)
    expect(stderr).not.toMatch(/^ +at /m)
    expect((await new Program(['--help'], { script, cwd: folder }).ended).code).toBe(0)
  } finally {
    await rm(folder, { recursive: true })
  }
})

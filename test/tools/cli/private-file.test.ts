import { execFileSync } from 'node:child_process'
import { chmod, link, lstat, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Recording } from '../../../src/tools/cli/connect/recording.js'
import { BinaryFiles } from '../../../src/tools/cli/connect/binary-files.js'
import { openPrivate } from '../../../src/tools/cli/private-file.js'

let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'statewire-private-'))))
afterEach(() => rm(folder, { recursive: true }))

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777

// Windows has other rights.
describe.skipIf(process.platform === 'win32')('a file that the command line writes', () => {
  test('is readable only by its owner, even if the umask allows more', async () => {
    const umask = process.umask(0)
    try {
      const file = join(folder, 'new')
      await (await openPrivate(file)).close()
      expect(await modeOf(file)).toBe(0o600)
      const files = await BinaryFiles.open(join(folder, 'saved/deep'))
      const saved = await files.save(Buffer.from('secret'))
      expect(await modeOf(saved)).toBe(0o600)
      expect([await modeOf(join(folder, 'saved')), await modeOf(join(folder, 'saved/deep'))]).toEqual([0o700, 0o700])
    } finally {
      process.umask(umask)
    }
  })

  test('replaces an existing file with wider permissions', async () => {
    const file = join(folder, 'old')
    await writeFile(file, 'what was there before')
    await chmod(file, 0o644)
    const recording = await Recording.open(file)
    await recording.close()
    expect(recording.failure).toBe(undefined)
    expect(await readFile(file, 'utf8')).toBe('')
    expect(await modeOf(file)).toBe(0o600)
  })

  test.each([
    ['to a file', 'target'],
    ['to nothing', 'nothing'],
  ])('is no symbolic link %s', async (_, target) => {
    await writeFile(join(folder, 'target'), 'precious')
    await symlink(join(folder, target), join(folder, 'link'))
    await expect(openPrivate(join(folder, 'link'))).rejects.toThrow(/symbolic link/)
    expect(await readFile(join(folder, 'target'), 'utf8')).toBe('precious')
    await expect(lstat(join(folder, 'nothing'))).rejects.toThrow('ENOENT')
  })

  test('is not a hard link of another file', async () => {
    await writeFile(join(folder, 'target'), 'precious')
    await link(join(folder, 'target'), join(folder, 'other'))
    await expect(openPrivate(join(folder, 'other'))).rejects.toThrow(/hard link/)
    expect(await readFile(join(folder, 'target'), 'utf8')).toBe('precious')
  })

  test('is not a folder, nor a pipe, which would block until it is read', async () => {
    await mkdir(join(folder, 'folder'))
    await expect(openPrivate(join(folder, 'folder'))).rejects.toThrow()
    execFileSync('mkfifo', [join(folder, 'pipe')])
    await expect(openPrivate(join(folder, 'pipe'))).rejects.toThrow()
  })

  test('of a message is not written through a symbolic link of its name', async () => {
    await writeFile(join(folder, 'target'), 'precious')
    const files = await BinaryFiles.open(join(folder, 'saved'))
    await symlink(join(folder, 'target'), join(folder, 'saved/000001.bin'))
    expect(await files.save(Buffer.from('x'))).toBe(join(folder, 'saved/000002.bin'))
    expect(await readFile(join(folder, 'target'), 'utf8')).toBe('precious')
  })
})

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BinaryFiles } from '../../../../src/tools/cli/connect/binary-files.js'

test('each binary message gets its own file, and no file is overwritten', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'statewire-files-'))
  try {
    await writeFile(join(folder, '000007.bin'), 'mine')
    await writeFile(join(folder, 'notes.txt'), '')
    const files = await BinaryFiles.open(join(folder))
    await writeFile(join(folder, '000008.bin'), 'mine too')
    expect(await files.save(Buffer.from('a'))).toBe(join(folder, '000009.bin'))
    expect(await files.save(Buffer.from('b'))).toBe(join(folder, '000010.bin'))
    expect((await readdir(folder)).toSorted()).toEqual([
      '000007.bin',
      '000008.bin',
      '000009.bin',
      '000010.bin',
      'notes.txt',
    ])
    expect(await readFile(join(folder, '000007.bin'), 'utf8')).toBe('mine')
    expect(await readFile(join(folder, '000010.bin'), 'utf8')).toBe('b')
    await BinaryFiles.open(join(folder, 'new/deep'))
    expect(await readdir(join(folder, 'new/deep'))).toEqual([])
  } finally {
    await rm(folder, { recursive: true })
  }
})

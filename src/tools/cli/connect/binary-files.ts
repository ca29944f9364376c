import { promises as fs } from 'node:fs'
import { join } from 'node:path'
import { privateFile, privateFolder } from '../private-file.js'

const nameOf = (number: number): string => `${String(number).padStart(6, '0')}.bin`

/**
 * A directory that stores each binary message in its own file, readable only by the owner. Existing files are never
 * overwritten.
 */
export class BinaryFiles {
  readonly #directory: string
  #last: number

  static readonly open = async (directory: string): Promise<BinaryFiles> => {
    await fs.mkdir(directory, { recursive: true, mode: privateFolder })
    const numbers = (await fs.readdir(directory)).map((name) => Number(/^(\d{6,})\.bin$/.exec(name)?.[1] ?? 0))
    return new BinaryFiles(
      directory,
      numbers.reduce((most, each) => Math.max(most, each), 0),
    )
  }

  private constructor(directory: string, last: number) {
    this.#directory = directory
    this.#last = last
  }

  /** Resolves to the path of the new file. */
  async save(bytes: Uint8Array): Promise<string> {
    for (;;) {
      const path = join(this.#directory, nameOf(++this.#last))
      try {
        await fs.writeFile(path, bytes, { flag: 'wx', mode: privateFile })
        return path
      } catch (error) {
        // Another process writes to the same directory.
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
    }
  }
}

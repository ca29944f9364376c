import { constants, promises as fs } from 'node:fs'

/** For its owner alone. */
export const privateFile = 0o600
export const privateFolder = 0o700

const { O_WRONLY, O_CREAT, O_EXCL, O_NONBLOCK } = constants
// Windows has neither; opening a link there needs no rights that we would lend.
const O_NOFOLLOW = (constants as Partial<typeof constants>).O_NOFOLLOW ?? 0

/** What is wrong with a file that is to be written over. */
async function objection(file: fs.FileHandle): Promise<string | undefined> {
  const is = await file.stat()
  if (!is.isFile()) return 'it is not a regular file'
  if (process.getuid !== undefined && is.uid !== process.getuid()) return 'it belongs to another user'
  return is.nlink > 1 ? 'it has a second name (a hard link): remove it first' : undefined
}

/**
 * Opens a file that only its owner can read, empty: a new one, or a regular one of our own that is there. Follows no symbolic link, and
 * does not wait for the reader of a pipe. Rejects with what is wrong.
 */
export async function openPrivate(path: string): Promise<fs.FileHandle> {
  try {
    return await fs.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, privateFile)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if ((await fs.lstat(path)).isSymbolicLink()) throw new Error('it is a symbolic link: name the file itself')
  const file = await fs.open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    const wrong = await objection(file)
    if (wrong !== undefined) throw new Error(wrong)
    await file.chmod(privateFile)
    await file.truncate()
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

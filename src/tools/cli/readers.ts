import { fstatSync, lstatSync, readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs'

/**
 * Whether nothing can read what is written to this file descriptor any more: the other end of its pipe or socket is closed, or
 * its terminal is gone. False where that can't be known, and for files and devices.
 */
export function isUnread(fd: number): boolean {
  try {
    // Writes no byte. A socket, a terminal and the pipes of most systems report here that the other end is gone.
    writeSync(fd, new Uint8Array(0))
    return process.platform === 'linux' && fstatSync(fd).isFIFO() && !mayHaveReader(readlinkSync(`/proc/self/fd/${fd}`))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'EPIPE' || code === 'EIO'
  }
}

/** Linux reports a closed pipe only to a write that has bytes, so this looks for a process that has its other end. */
function mayHaveReader(pipe: string): boolean {
  const session = sessionOf('self')
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .some((pid) => reads(pid, pipe) ?? sessionOf(pid) === session)
}

/** `undefined`: it is another user's process, and its files can't be seen. A reader like `sudo tee` is in our session. */
function reads(pid: string, pipe: string): boolean | undefined {
  const folder = `/proc/${pid}/fd`
  try {
    return readdirSync(folder).some((fd) => isReadingEnd(`${folder}/${fd}`, pipe))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'EACCES' || code === 'EPERM' ? undefined : false
  }
}

function isReadingEnd(path: string, pipe: string): boolean {
  try {
    return readlinkSync(path) === pipe && (lstatSync(path).mode & 0o400) !== 0
  } catch {
    // Closed meanwhile.
    return false
  }
}

function sessionOf(pid: string): string | undefined {
  try {
    // The name of the command, in parentheses, may hold spaces.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[3]
  } catch {
    return undefined
  }
}

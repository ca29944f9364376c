import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { privateFile } from '../private-file.js'

/** The system's command for opening a page. */
function opener({ BROWSER: given }: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (given !== undefined && given !== '') return [given]
  if (process.platform === 'darwin') return ['open']
  return process.platform === 'win32' ? ['explorer.exe'] : ['xdg-open']
}

/**
 * Opens the address in a browser, and calls `failed` if that fails. Returns a cleanup function.
 *
 * Goes through a file that only this user can read: other users can see command lines.
 */
export function openBrowser(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
  failed: (why: string) => void,
): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'statewire-'))
  const file = join(folder, 'viewer.html')
  writeFileSync(
    file,
    `<!doctype html><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0; url=${url}">`,
    { mode: privateFile, flag: 'wx' },
  )
  const [command = '', ...args] = opener(env)
  const child = spawn(command, [...args, pathToFileURL(file).href], { stdio: 'ignore', detached: true })
  child.on('error', ({ message }) => failed(message))
  // Explorer exits with 1 on success.
  child.on('exit', (code) => {
    if (code !== null && code !== 0 && process.platform !== 'win32') failed(`${command} exited with ${code}`)
  })
  child.unref()
  return () => rmSync(folder, { recursive: true, force: true })
}

import { readdirSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** Folders of docs/ that the site is made into, from elsewhere. */
export const made = ['reference', 'project']

/** The Markdown files in a folder and its subfolders, as paths from the root. Excludes packages and hidden folders. */
export function pagesIn(folder: string, without: readonly string[] = []): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (!entry.isDirectory()) return entry.name.endsWith('.md') ? [path] : []
    return entry.name.startsWith('.') || ['node_modules', ...without].includes(entry.name) ? [] : pagesIn(path, without)
  })
}

import { existsSync } from 'node:fs'
import { dirname, join, posix, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Pages of the repository outside docs/, and their paths on the site. */
const elsewhere: Readonly<Record<string, string>> = {
  'README.md': '/',
  'README.md#use-it': '/start',
  'CONTRIBUTING.md': '/project/contributing',
  'CHANGELOG.md': '/project/changes',
  'machines/connection.md': '/reference/chart',
  'docs/decisions/': '/decisions/',
  'docs/decisions/README.md': '/decisions/',
  'docs/index.md': '/',
  'examples/': '/project/examples',
  'examples/README.md': '/project/examples',
}

/**
 * Turns a link of the repository, which is relative to its file, into a link of the site.
 * Throws if the target doesn't exist, or if the site doesn't have it.
 */
export function siteLink(href: string, from: string): string {
  if (/^(?:[a-z]+:|#|\/)/i.test(href)) return href
  const [path = '', hash] = href.split('#')
  const anchor = hash === undefined ? '' : `#${hash}`
  // Other pages include parts of the README.
  const file = [resolve(dirname(from), path), join(root, path)].find((each) => existsSync(each))
  if (file === undefined) throw new Error(`${relative(root, from)} links to ${href}, which is not there`)
  const name = relative(root, file).split(sep).join(posix.sep) + (path.endsWith('/') ? '/' : '')
  const known = elsewhere[name + anchor]
  if (known !== undefined) return known
  if (name in elsewhere) return elsewhere[name]! + anchor
  if (name.startsWith('docs/') && name.endsWith('.md')) {
    return `${name.slice('docs'.length, -'.md'.length).replace(/\/index$/, '/')}${anchor}`
  }
  const [, example] = /^examples\/(?:([\w-]+)\/)?$/.exec(name) ?? []
  if (example !== undefined) return `/project/examples#${example}`
  throw new Error(`${relative(root, from)} links to ${href}, which is not on the site`)
}

import { existsSync } from 'node:fs'
import { dirname, join, posix, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Pages of the repository that are not in docs/, and what they are here. */
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
 * Where a link goes on the site. In the repository links are relative to the file they stand in, so that they work there as well.
 * Throws for one that leads nowhere, or to something that the site does not have.
 */
export function siteLink(href: string, from: string): string {
  if (/^(?:[a-z]+:|#|\/)/i.test(href)) return href
  const [path = '', hash] = href.split('#')
  const anchor = hash === undefined ? '' : `#${hash}`
  // Parts of the README are shown on pages that are elsewhere.
  const file = [resolve(dirname(from), path), join(root, path)].find((each) => existsSync(each))
  if (file === undefined) throw new Error(`${relative(root, from)} links to ${href}, which is not there`)
  const name = relative(root, file).split(sep).join(posix.sep) + (path.endsWith('/') ? '/' : '')
  const known = elsewhere[name + anchor]
  if (known !== undefined) return known
  if (name in elsewhere) return elsewhere[name]! + anchor
  if (name.startsWith('docs/') && name.endsWith('.md')) {
    return `${name.slice('docs'.length, -'.md'.length).replace(/\/index$/, '/')}${anchor}`
  }
  const [, example] = /^examples\/(?:(\w+)\/)?$/.exec(name) ?? []
  if (example !== undefined) return `/project/examples#${example}`
  throw new Error(`${relative(root, from)} links to ${href}, which is not on the site`)
}

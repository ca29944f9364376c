import { readFileSync } from 'node:fs'
import type { Peer } from './peer.js'

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const read = (path: string): Manifest => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as Manifest
// package.json pins exact versions, so the installed ones need not be read.
const pinned = read('../../../package.json').devDependencies ?? {}

/** How a peer is described below the table. */
export function describe({ name, package: from = name, settings }: Peer): { name: string; settings: string } {
  const version = pinned[from]
  return { name, settings: version === undefined ? settings : `${version}; ${settings}` }
}

import { readFileSync } from 'node:fs'

interface Manifest {
  readonly version: string
  readonly peerDependencies: Readonly<Record<string, string>>
}

const manifest = (path: string): Manifest =>
  JSON.parse(readFileSync(new URL(`../../${path}package.json`, import.meta.url), 'utf8')) as Manifest

/** `^8.23.0` and `>=8.23.0 <9` start at 8.23.0. */
function lowest(range: string | undefined): string {
  const version = range?.match(/^(?:\^|>=)(\d+\.\d+\.\d+)(?: <\d+)?$/)?.[1]
  if (version === undefined) throw new Error(`${String(range)} does not say where it begins`)
  return version
}

const own = manifest('')

/** The supported versions, and the installed ones. */
export const versions = {
  ws: manifest('node_modules/ws/').version,
  lowestWs: lowest(own.peerDependencies['ws']),
  xstate: manifest('node_modules/xstate/').version,
  lowestXstate: lowest(own.peerDependencies['xstate']),
}

import { build } from 'esbuild'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const bench = fileURLToPath(new URL('..', import.meta.url))
const dist = fileURLToPath(new URL('../../dist/src/', import.meta.url))

/** Bytes, minified and gzipped, of what a bundler makes of this. */
export async function weigh(
  contents: string,
  external: readonly string[] = [],
  platform: 'browser' | 'node' = 'browser',
): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: bench },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform,
    external: [...external],
    write: false,
    logLevel: 'silent',
  })
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length
}

const core = `export { createConnection } from '${dist}index.js'`

export interface Entry {
  readonly name: string
  readonly contents: string
  readonly platform?: 'node'
}

/** The whole of what is imported to use an entry; the core is part of most. */
export const entries: readonly Entry[] = [
  { name: '`statewire`', contents: core },
  { name: '`statewire`, all that it exports', contents: `export * from '${dist}index.js'` },
  {
    name: '`statewire` and `/ws`, without ws',
    contents: `${core}; export * from '${dist}transports/ws.js'`,
    platform: 'node',
  },
  { name: '`statewire/websocket`', contents: `export { ReconnectingWebSocket } from '${dist}websocket/index.js'` },
  { name: '`statewire/xstate`', contents: `export * from '${dist}xstate/index.js'` },
  { name: '`statewire/inspect`', contents: `export * from '${dist}inspect/index.js'` },
  { name: '`statewire/testing`, in a browser', contents: `export * from '${dist}testing/browser.js'` },
  { name: '`statewire/testing`, without ws', contents: `export * from '${dist}testing/index.js'`, platform: 'node' },
]

export const peers: readonly string[] = [
  'reconnecting-websocket',
  'partysocket/ws',
  'robust-websocket',
  'sockette',
  'websocket-ts',
  'websocket-heartbeat-js',
  'graphql-ws',
]

/** Those of the peers that are not installed. */
export function missing(): string[] {
  return peers.filter((name) => !existsSync(`${bench}node_modules/${name.replace('/ws', '')}/package.json`))
}

/** Bytes of what one would import of a peer. */
export async function weighPeer(name: string): Promise<number> {
  const all = `export * from '${name}'`
  // Not all of them have a default.
  return weigh(`${all}; export { default } from '${name}'`, ['graphql']).catch(() => weigh(all, ['graphql']))
}

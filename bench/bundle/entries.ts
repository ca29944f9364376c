import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const bench = fileURLToPath(new URL('..', import.meta.url))
const dist = fileURLToPath(new URL('../../dist/src/', import.meta.url))

/** Bytes of a browser's production bundle, minified and gzipped. */
export async function weigh(contents: string, external: readonly string[] = []): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: bench },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    conditions: ['production'],
    external: ['node:*', 'ws', 'xstate', ...external],
    write: false,
    logLevel: 'silent',
  })
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length
}

export interface Entry {
  readonly name: string
  /** The modules of `dist/src` and the names imported from each; `*` means all. */
  readonly imports: Readonly<Record<string, string>>
  /** An entry that it already includes. */
  readonly beyond?: string
}

export const contents = ({ imports }: Pick<Entry, 'imports'>): string =>
  Object.entries(imports)
    .map(([path, names]) => `export ${names === '*' ? '*' : `{ ${names} }`} from '${dist}${path}'`)
    .join('\n')

const connection = { 'index.js': 'createConnection' }

/** What apps import, and what each import adds to an app that already has a connection. */
export const entries: readonly Entry[] = [
  { name: '`connect`', imports: { 'core/index.js': 'connect' } },
  {
    name: '`connect`, `webSocketTransport`, `textHeartbeat`',
    imports: { 'core/index.js': 'connect', 'index.js': 'webSocketTransport, textHeartbeat' },
  },
  { name: '`createConnection`', imports: connection },
  { name: '`statewire`, all its exports', imports: { 'index.js': '*' }, beyond: '`createConnection`' },
  { name: '`ReconnectingWebSocket`', imports: { 'websocket/index.js': 'ReconnectingWebSocket' } },
  {
    name: '`createConnection`, `wsTransport`',
    imports: { ...connection, 'transports/ws.js': 'wsTransport' },
    beyond: '`createConnection`',
  },
  {
    name: '`createConnection`, `xstateEngine`',
    imports: { ...connection, 'xstate/index.js': 'xstateEngine' },
    beyond: '`createConnection`',
  },
  {
    name: '`createConnection`, `statewire/inspect`',
    imports: { ...connection, 'tools/inspect/index.js': '*' },
    beyond: '`createConnection`',
  },
  { name: '`statewire/testing`, in a browser', imports: { 'testing/browser.js': '*' } },
]

export interface Peer {
  readonly name: string
  /** Imported as its manual shows. */
  readonly contents: string
}

const byDefault = (name: string): Peer => ({ name, contents: `export { default } from '${name}'` })

export const peers: readonly Peer[] = [
  byDefault('reconnecting-websocket'),
  byDefault('partysocket/ws'),
  byDefault('robust-websocket'),
  byDefault('sockette'),
  { name: 'websocket-ts', contents: "export { ExponentialBackoff, WebsocketBuilder } from 'websocket-ts'" },
  byDefault('websocket-heartbeat-js'),
  { name: 'graphql-ws', contents: "export { createClient } from 'graphql-ws'" },
]

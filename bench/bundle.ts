import { build } from 'esbuild'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { made, today, write } from './shared/page.js'
import { markdown } from './storm/table.js'

const usage = `What each entry weighs in a bundle, minified and gzipped, with XState and without, beside its peers. Prints Markdown.

Usage: npm run bench:bundle -- [options]

  --write  puts the tables into docs/performance.md

The peers are packages of their own: npm ci --prefix bench`

const here = fileURLToPath(new URL('.', import.meta.url))
const dist = fileURLToPath(new URL('../dist/src/', import.meta.url))

/** Bytes, minified and gzipped, of what a bundler makes of this. */
async function weigh(
  contents: string,
  external: readonly string[] = [],
  platform: 'browser' | 'node' = 'browser',
): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: here },
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

const kb = (bytes: number): string => `${(bytes / 1e3).toFixed(1)} kB`

const core = `export { createConnection } from '${dist}index.js'`

/** The whole of what is imported to use an entry; the core is part of most. */
const entries: readonly { name: string; contents: string; platform?: 'node' }[] = [
  { name: '`statewire`', contents: core },
  {
    name: '`statewire` and `/ws`, without ws',
    contents: `${core}; export * from '${dist}transports/ws.js'`,
    platform: 'node',
  },
  { name: '`statewire/websocket`', contents: `export { ReconnectingWebSocket } from '${dist}websocket/index.js'` },
  { name: '`statewire/inspect`', contents: `export * from '${dist}inspect/index.js'` },
  { name: '`statewire/testing`, in a browser', contents: `export * from '${dist}testing/browser.js'` },
]

const peers = [
  'reconnecting-websocket',
  'partysocket/ws',
  'robust-websocket',
  'sockette',
  'websocket-ts',
  'websocket-heartbeat-js',
  'graphql-ws',
]

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { write: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  })
  if (values.help) return console.log(usage)
  const absent = peers.filter((name) => !existsSync(`${here}node_modules/${name.replace('/ws', '')}/package.json`))
  if (absent.length > 0)
    throw new RangeError(`Not installed: ${absent.join(', ')}. Run this first: npm ci --prefix bench`)
  const own = await Promise.all(
    entries.map(async ({ name, contents, platform }) => {
      const without = await weigh(contents, ['xstate', 'ws'], platform)
      return { name, without, with: await weigh(contents, ['ws'], platform) }
    }),
  )
  const others = await Promise.all(
    peers.map(async (name) => [
      name,
      kb(
        await weigh(`export * from '${name}'; export { default } from '${name}'`, ['graphql']).catch(() =>
          weigh(`export * from '${name}'`, ['graphql']),
        ),
      ),
    ]),
  )
  const block = [
    made('npm run bench:bundle', today(), process.version),
    markdown(
      ['imported', 'own code', 'beyond the core', 'with XState'],
      own.map((each) => [
        each.name,
        kb(each.without),
        each.without > own[0]!.without ? kb(each.without - own[0]!.without) : '–',
        kb(each.with),
      ]),
    ),
    markdown(['peer', 'minified and gzipped'], others),
  ].join('\n\n')
  console.log(block)
  if (values.write) write('bundle', block)
}

try {
  await main()
} catch (error) {
  // Whoever typed the command wants a sentence; a fault of ours comes with its stack.
  const mistyped = error instanceof RangeError
  console.error(mistyped ? `${error.message}\n\nnpm run bench:bundle -- --help tells more.` : error)
  process.exitCode = mistyped ? 2 : 1
}

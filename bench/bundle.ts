import { parseArgs } from 'node:util'
import { contents, entries, peers, weigh } from './bundle/entries.js'
import { tables } from './bundle/tables.js'
import { run } from './shared/command.js'
import { made, today, write } from './shared/page.js'

const usage = `Measures each entry in a browser's production bundle, minified and gzipped, and compares it with other clients. Prints Markdown.

Usage: npm run bench:bundle -- [options]

  --write  write the tables to docs/performance.md`

const options = {
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return console.log(usage)
  const weights = {
    entries: new Map(
      await Promise.all(entries.map(async (entry) => [entry.name, await weigh(contents(entry))] as const)),
    ),
    peers: new Map(
      await Promise.all(peers.map(async (peer) => [peer.name, await weigh(peer.contents, ['graphql'])] as const)),
    ),
  }
  const block = [made('npm run bench:bundle', today(), process.version), ...tables(weights)].join('\n\n')
  console.log(block)
  if (values.write) write('bundle', block)
}

await run('bench:bundle', main)

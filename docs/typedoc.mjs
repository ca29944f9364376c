import { readFileSync } from 'node:fs'
import { Converter } from 'typedoc'

/** The entries by the files that they are made of, which nobody who uses the package has heard of. */
const names = {
  index: 'statewire',
  core: 'statewire/core',
  'transports/ws': 'statewire/ws',
  websocket: 'statewire/websocket',
  xstate: 'statewire/xstate',
  inspect: 'statewire/inspect',
  'inspect/relay': 'statewire/inspect/relay',
  testing: 'statewire/testing',
}

/** What an entry exports, by the report of the public surface. */
function exportsOf(entry) {
  const report = readFileSync(new URL(`../test/api/${entry.replaceAll('/', '-')}.api.md`, import.meta.url), 'utf8')
  const names = [
    ...report.matchAll(/^(?:export )?(?:declare )?(?:abstract )?\w+ (\w+)/gm),
    ...report.matchAll(/ as (\w+)/g),
  ]
  return new Set(names.map(([, name]) => name))
}

/** Entries that are servers, and what of them may be mentioned without being exported. */
const servers = { 'statewire/testing': /Options$/, 'statewire/inspect/relay': /^(?!)/ }

/**
 * Names each entry as it is imported. Of what an entry mentions and does not export, types stay, since somebody has to say what is
 * in an option; classes, and what servers are made of, go.
 */
export function load(app) {
  app.converter.on(
    Converter.EVENT_RESOLVE_BEGIN,
    ({ project }) => {
      for (const entry of project.children ?? []) {
        if (!(entry.name in names)) throw new Error(`docs/typedoc.mjs does not know the entry ${entry.name}`)
        entry.name = names[entry.name]
        if (!(entry.name in servers)) continue
        const exported = exportsOf(entry.name)
        const isInner = (name) => !exported.has(name) && !servers[entry.name].test(name)
        for (const each of [...entry.children]) if (isInner(each.name)) project.removeReflection(each)
      }
    },
    // After those who add.
    -10_000,
  )
}

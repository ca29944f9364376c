import { readFileSync } from 'node:fs'
import { Converter } from 'typedoc'

/** The imports, by their source files. */
const names = {
  index: 'statewire',
  core: 'statewire/core',
  'transports/ws': 'statewire/ws',
  websocket: 'statewire/websocket',
  resume: 'statewire/resume',
  server: 'statewire/server',
  'server/stores/redis': 'statewire/server/redis',
  'server/stores/jetstream': 'statewire/server/jetstream',
  xstate: 'statewire/xstate',
  'tools/inspect': 'statewire/inspect',
  'tools/inspect/relay': 'statewire/inspect/relay',
  'tools/testing': 'statewire/testing',
}

/** The exports of an entry, read from its API report. */
function exportsOf(entry) {
  const report = readFileSync(new URL(`../test/api/${entry.replaceAll('/', '-')}.api.md`, import.meta.url), 'utf8')
  const names = [
    ...report.matchAll(/^(?:export )?(?:declare )?(?:abstract )?\w+ (\w+)/gm),
    ...report.matchAll(/ as (\w+)/g),
  ]
  return new Set(names.map(([, name]) => name))
}

/** Entries that are servers, and which of their types may appear without being exported. */
const servers = { 'statewire/testing': /Options$/, 'statewire/inspect/relay': /^(?!)/ }

/**
 * Names each entry as it is imported. Types that an entry mentions without exporting them stay, because they document options.
 * Classes, and the internals of servers, are removed.
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
    // After the plugins that add reflections.
    -10_000,
  )
}

import { globalsIn, importsOf, strip, type Import, type Source } from './source.js'

export interface Violation {
  readonly path: string
  readonly rule: string
  readonly what: string
}

const time = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'Date',
  'performance',
]
const page = ['window', 'document', 'navigator', 'location', 'self', 'WebSocket', 'localStorage', 'sessionStorage']
const node = ['process', 'Buffer', 'global', 'require', 'module']

interface Layer {
  readonly name: string
  readonly files: RegExp
  /** Modules that may be imported. */
  readonly may: RegExp
  /** Modules that may be imported for their types only. */
  readonly types?: RegExp
  /** Modules that may be imported dynamically. */
  readonly dynamic?: RegExp
  /** Globals that may not be used. */
  readonly not: readonly string[]
  readonly random?: true
}

/** Folder = layer = rule. The first layer whose `files` match applies to a file. */
export const layers: readonly Layer[] = [
  {
    name: 'machines',
    files: /^machines\/[^/]+\.ts$/,
    may: /^(?:xstate|machines\/[^/]+\.ts)$/,
    not: [...time, ...page, ...node, 'queueMicrotask', 'console', 'crypto', 'fetch'],
  },
  {
    // Draws the chart, for the documentation and the viewer. Not published.
    name: 'picture',
    files: /^machines\/picture\/[^/]+\.ts$/,
    may: /^(?:xstate|machines\/(?:picture\/[^/]+|connection\.(?:machine|types|descriptions))\.ts)$/,
    not: [...time, ...page, ...node],
  },
  {
    // The entry: the core with every feature, and the default transport.
    name: 'statewire',
    files: /^src\/[^/]+\.ts$/,
    may: /^src\/(?:[^/]+|core\/(?!sentences\/(?:full|short)|factory-checks\/(?:full|none)).+|transports\/browser)\.ts$/,
    types: /^machines\/connection\.types\.ts$/,
    not: [...time, ...page, ...node],
  },
  {
    // The package's imports choose between two of its files, so nothing else may import these.
    name: 'sentences',
    files: /^src\/core\/sentences\/[^/]+\.ts$/,
    may: /^(?:src\/core\/sentences\/(?!full|short)[^/]+\.ts|#sentences)$/,
    not: [...time, ...page, ...node],
  },
  {
    // The package's imports choose between two of its files: all checks, or none.
    name: 'factory checks',
    files: /^src\/core\/factory-checks\/[^/]+\.ts$/,
    may: /^(?:src\/core\/(?:checks|policies\/profile)\.ts|#factory-checks)$/,
    types: /^src\/core\/factory-checks\/(?:full|checks\.types)\.ts$/,
    not: [...time, ...page, ...node],
  },
  {
    // The runtime's own timers, and those of one connection, whose methods have the same names.
    name: 'timers',
    files: /^src\/core\/time\/(?:timers|clock|guarded-clock)\.ts$/,
    may: /^src\/core\/(?:time\/[^/]+|lists|environment\/zone|errors|guards)\.ts$/,
    types: /^src\/core\/core\.ts$/,
    not: [...page, ...node],
  },
  {
    name: 'environment',
    files: /^src\/core\/environment\/environment\.ts$/,
    may: /^(?!.)/,
    types: /^machines\/connection\.types\.ts$/,
    not: [...time, ...node],
  },
  {
    // Its timers have the same names as the runtime's.
    name: 'engine types',
    files: /^src\/core\/engine\/engine\.types\.ts$/,
    may: /^(?!.)/,
    types: /^(?:machines\/connection\.types|src\/core\/engine\/inspection\.types)\.ts$/,
    not: [...page, ...node],
  },
  {
    // Runs the compiled chart, so it imports the compiler's output, not the chart.
    name: 'engine',
    files: /^src\/core\/engine\/[^/]+\.ts$/,
    may: /^(?:machines\/connection\.(?:table|definition)\.ts|src\/core\/(?:engine\/[^/]+|guards)\.ts)$/,
    types: /^(?:machines\/(?:connection\.(?:logic|types)|table\.types)|src\/core\/errors)\.ts$/,
    not: [...time, ...page, ...node],
  },
  {
    // Runs the chart itself: the only layer here that imports XState.
    name: 'xstate',
    files: /^src\/xstate\/[^/]+\.ts$/,
    may: /^(?:xstate|machines\/(?:connection\.machine|index)\.ts|src\/xstate\/[^/]+\.ts|src\/core\/engine\/projection\.ts)$/,
    types: /^(?:machines\/connection\.types|src\/core\/engine\/[^/]+\.types)\.ts$/,
    not: [...time, ...page, ...node],
  },
  {
    name: 'policies',
    files: /^src\/core\/policies\/[^/]+\.ts$/,
    may: /^src\/core\/(?:policies\/[^/]+|factory-checks\/checks|errors|checks|bytes|guards)\.ts$/,
    types: /^src\/core\/transport\.ts$/,
    not: [...time, ...page, ...node],
  },
  {
    // The connection and its features. It imports neither the chart nor a transport, which it gets as arguments.
    name: 'core',
    files: /^src\/core\//,
    may: /^src\/core\/(?!sentences\/(?:full|short)|factory-checks\/(?:full|none)).+\.ts$/,
    types: /^machines\/connection\.types\.ts$/,
    not: [...time, ...page, ...node],
  },
  {
    name: 'ws transport',
    files: /^src\/transports\/ws(?:\.ts$|\/)/,
    may: /^(?:node:.*|src\/(?:transports\/(?:ws\/)?[^/]+|core\/(?:transport|errors|checks|bytes))\.ts)$/,
    types: /^ws$/,
    dynamic: /^ws(?:\/package\.json)?$/,
    not: [...time.filter((name) => !['Date', 'setTimeout', 'clearTimeout'].includes(name)), ...page],
  },
  {
    // The package's imports choose between two of its files. One detects the runtime, because only one can be helped.
    name: 'undici',
    files: /^src\/transports\/undici\/[^/]+\.ts$/,
    may: /^#upgrade-watcher$/,
    not: [...time, ...page, 'Buffer', 'global', 'require', 'module'],
  },
  {
    name: 'transports',
    files: /^src\/transports\/[^/]+\.ts$/,
    may: /^src\/(?:transports\/(?!ws\.)[^/]+|transports\/undici\/watcher|core\/(?:factory-checks\/checks|sentences\/explain|transport|errors|checks|bytes|guards))\.ts$/,
    types: /^src\/transports\/undici\/undici\.ts$/,
    not: [...time.filter((name) => name !== 'setTimeout'), ...node],
  },
  {
    name: 'relay',
    files: /^src\/tools\/inspect\/relay(?:\.ts$|\/)/,
    may: /^(?:node:.*|src\/tools\/inspect\/.*|src\/index\.ts)$/,
    types: /^ws$/,
    dynamic: /^ws$/,
    not: page,
  },
  {
    // A page of its own: it is bundled, and no module imports it.
    name: 'viewer',
    files: /^src\/tools\/inspect\/viewer\//,
    may: /^(?:src\/tools\/inspect\/(?:viewer\/.*|foreign\.ts)|src\/index\.ts|machines\/connection\.descriptions\.ts)$/,
    types: /^src\/tools\/inspect\/messages\.ts$/,
    not: ['WebSocket', 'localStorage', 'sessionStorage', 'fetch', 'XMLHttpRequest', 'EventSource', ...node],
  },
  {
    // The only layer that exposes internals publicly.
    name: 'inspect',
    files: /^src\/tools\/inspect\//,
    may: /^src\/(?:tools\/inspect\/.*|index\.ts|core\/errors\.ts|xstate\/inspection\.ts)$/,
    types: /^src\/(?:core\/engine\/inspection\.types|resume\/index)\.ts$/,
    not: [...time, ...page, ...node],
  },
  {
    // A server that checks its arguments and throws the library's errors.
    name: 'fault server',
    files: /^src\/tools\/testing\/(?:index\.ts$|fault-server\/)/,
    may: /^(?:node:.*|src\/tools\/testing\/.*|src\/(?:index|core\/checks|core\/errors)\.ts)$/,
    types: /^ws$/,
    dynamic: /^ws$/,
    not: page,
    random: true,
  },
  {
    // Test doubles of the interfaces, so it imports their types.
    name: 'testing',
    files: /^src\/tools\/testing\//,
    may: /^(?:src\/tools\/testing\/(?!fault-server|index).*|src\/index\.ts)$/,
    types: /^src\/core\/(?:time\/timers|transport)\.ts$/,
    not: [...page, ...node],
    random: true,
  },
  {
    // The client half of delivery across reconnects, a feature. `protocol.ts` is shared with the server, so it imports nothing.
    name: 'resume protocol',
    files: /^src\/resume\/protocol\.ts$/,
    may: /^(?!.)/,
    not: [...time, ...page, ...node],
  },
  {
    name: 'resume',
    files: /^src\/resume\//,
    may: /^src\/(?:resume\/.*|core\/(?:[\w.-]+|(?:features|policies|time)\/[\w.-]+)\.ts)$/,
    not: [...time, ...page.filter((name) => name !== 'navigator'), ...node],
  },
  {
    // Each store may import the client of its database, for its types only: the app passes the client.
    name: 'stores',
    files: /^src\/server\/stores\//,
    may: /^(?:node:.*|src\/server\/stores\/[^/]+\.ts|src\/core\/(?:errors|checks|time\/(?:clock|timers))\.ts)$/,
    types: /^(?:redis|@nats-io\/(?:jetstream|nats-core))$/,
    dynamic: /^(?:redis|@nats-io\/(?:jetstream|nats-core))$/,
    not: page,
    random: true,
  },
  {
    name: 'server',
    files: /^src\/server\//,
    may: /^(?:node:.*|src\/(?:server\/.*|resume\/protocol|core\/(?:errors|checks|guards|complain|lists|listeners|waiters|signal-options|bytes|abort-signals|time\/(?:clock|timers)))\.ts)$/,
    types: /^ws$/,
    not: page,
    random: true,
  },
  {
    // A third-party API that checks its options and throws the library's errors.
    name: 'websocket',
    files: /^src\/websocket\//,
    may: /^src\/(?:websocket\/.*|(?:index|options|assemble|core\/(?:[\w.-]+|(?:features|policies|target|time)\/[\w.-]+|environment\/zone))\.ts)$/,
    not: [...time, ...page.filter((name) => name !== 'WebSocket'), ...node],
  },
  {
    // Also a page, with the parts of the lab that are independent of Node.
    name: 'lab page',
    files: /^src\/tools\/cli\/lab\/page\//,
    may: /^src\/(?:tools\/cli\/lab\/(?:page\/.*|settings\.ts|(?:session-)?traffic\.ts)|index\.ts|resume\/index\.ts|tools\/inspect\/index\.ts)$/,
    types: /^src\/tools\/cli\/lab\/protocol\.ts$/,
    not: ['WebSocket', 'localStorage', 'sessionStorage', ...node],
  },
  {
    name: 'cli',
    files: /^src\/tools\/cli\//,
    may: /^(?:node:.*|ws|src\/tools\/cli\/.*|src\/(?:index|resume\/index|server\/index)\.ts|src\/transports\/ws\.ts|src\/tools\/(?:inspect|inspect\/relay|testing)\/index\.ts)$/,
    dynamic: /^(?:ws|src\/xstate\/index\.ts)$/,
    not: page,
    random: true,
  },
]

/** Files longer than 300 lines, and why they are not split. */
export const long: Readonly<Record<string, string>> = {
  'src/core/connection.types.ts': 'the public interface, whose members are documented in place',
  'src/server/session.ts': 'one session: what its parts report, its links, and the ways it ends',
  'src/core/core.ts': 'one connection: what its features attach to',
  'src/core/attempt.ts': 'one attempt: what a socket reports to, and the whole way in of a message',
  'src/resume/protocol.ts': 'the wire format: what writes each frame and what reads it',
}

/** The last-resort report goes to the console; `debug: true` asks for output; the command line prints. */
const talkative = /^src\/(?:core\/complain\.ts$|websocket\/options\.ts$|tools\/cli\/)/

/** The only default export: it replaces classes that are imported that way. */
const dropIn = 'src/websocket/index.ts'

/** The default of the option `random`, and the fallback if the app's own throws. */
const rollsDice = /^src\/(?:options|core\/core)\.ts$/

export function layerOf(path: string): Layer | undefined {
  return layers.find(({ files }) => files.test(path))
}

function mayImport(layer: Layer, { from, kind }: Import): boolean {
  if (layer.may.test(from)) return true
  if (kind === 'type') return layer.types?.test(from) === true
  return kind === 'dynamic' && layer.dynamic?.test(from) === true
}

/** The violations of one file by itself. */
export function violationsIn(source: Source): Violation[] {
  const { path, text } = source
  const found: Violation[] = []
  const report = (rule: string, what: string): number => found.push({ path, rule, what })
  const layer = layerOf(path)
  if (layer === undefined) {
    report('layer', 'belongs to no layer')
    return found
  }
  for (const each of importsOf(source)) {
    if (!mayImport(layer, each)) report('import', `${layer.name} imports ${each.from} (${each.kind})`)
  }
  for (const name of globalsIn(source, layer.not)) report('global', `${layer.name} uses ${name}`)
  const code = strip(text, { strings: 'blank' })
  if (
    layer.random !== true &&
    !rollsDice.test(path) &&
    /\bMath\s*\.\s*random\b|\{[^{}]*\brandom\b[^{}]*\}\s*=\s*Math\b/.test(code)
  ) {
    report('random', 'rolls its own dice')
  }
  if (!talkative.test(path) && globalsIn(source, ['console']).length > 0) report('console', 'talks')
  if (path !== dropIn && /(?:^|[;\n])\s*export\s+default\b|\bas\s+default\s*[,}]/.test(code))
    report('default', 'has a default export')
  if (/(?:^|[/.-])(?:utils?|helpers?|common|misc|shared)(?:[/.-]|$)/i.test(path))
    report('name', 'is named after nothing')
  const lines = text.split('\n').length - 1
  if (lines > 300 && !(path in long)) report('length', `has ${lines} lines`)
  return found
}

/** Types of the core may be circular: features hook into the core, and the core calls features. */
const isWithinCore = (path: string, { from, kind }: Import): boolean =>
  kind === 'type' && path.startsWith('src/core/') && from.startsWith('src/core/')

/** Every import cycle, types included unless it lies completely in the core, as a path that ends where it began. */
export function cyclesIn(sources: readonly Source[]): string[] {
  const graph = new Map(
    sources.map((source) => [
      source.path,
      importsOf(source)
        .filter((each) => !isWithinCore(source.path, each))
        .map(({ from }) => from),
    ]),
  )
  const done = new Set<string>()
  const cycles: string[] = []
  const walk = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at !== -1) {
      cycles.push([...trail.slice(at), path].join(' → '))
      return
    }
    if (done.has(path)) return
    for (const next of graph.get(path) ?? []) if (graph.has(next)) walk(next, [...trail, path])
    done.add(path)
  }
  for (const { path } of sources) walk(path, [])
  return cycles
}

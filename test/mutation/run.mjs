// npm run mutation                                       all groups
// npm run mutation -- policies data                      some of them
// npm run mutation -- core-1                             the first part of a group
// npm run mutation -- --mutate src/core/policies/backoff.ts   part of one
// npm run mutation -- --incremental                      only what changed since the last run: code and tests
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { groups } from './groups.mjs'

const major = Number(process.versions.node.split('.')[0])
if (major < 22) fail(`Stryker needs Node 22 or newer, and this is ${process.version}`)
if (!existsSync(new URL('node_modules/@stryker-mutator/core', import.meta.url))) {
  fail('Stryker is not installed: npm ci --prefix test/mutation --ignore-scripts')
}
// Node 20 has none.
const { matchesGlob } = await import('node:path')
const { Stryker } = await import('@stryker-mutator/core')

/** A group of files whose mutation score is below this fails the run. */
const leastScore = 85

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mutate: { type: 'string' },
    concurrency: { type: 'string', default: '1' },
    incremental: { type: 'boolean', default: false },
  },
})
const chosen = Object.entries(groups).flatMap(([group, parts]) =>
  parts.flatMap((part, index) => {
    const name = `${group}-${index + 1}`
    if (positionals.length > 0 && !positionals.includes(group) && !positionals.includes(name)) return []
    const mutate = values.mutate === undefined ? part.mutate : within(part.mutate, values.mutate.split(','))
    return mutate.length > 0 ? [{ group, name, mutate }] : []
  }),
)
if (chosen.length === 0) fail(`nothing to mutate; the groups are ${Object.keys(groups).join(', ')}`)

const results = []
for (const part of chosen) results.push({ group: part.group, mutants: await mutants(part) })
const table = [...new Set(chosen.map(({ group }) => group))].map((group) =>
  summary(
    group,
    results.filter((part) => part.group === group).flatMap((part) => part.mutants),
  ),
)
table.push(
  summary(
    'together',
    results.flatMap((part) => part.mutants),
  ),
)
console.table(Object.fromEntries(table.map(({ group, ...row }) => [group, row])))
if (table.some(({ score }) => !(score >= leastScore))) fail(`less than ${leastScore} % of the mutants of a group died`)
// A leftover Stryker process is not waited for.
process.exit()

/**
 * The requested section of a part: a file of it (optionally with lines, `file.ts:10-20`), or all of it by its folder.
 */
function within(part, patterns) {
  return patterns.flatMap((pattern) => {
    if (pattern.endsWith('**')) return part.filter((glob) => glob.startsWith(pattern.slice(0, -2)))
    return part.some((glob) => matchesGlob(pattern.split(':')[0], glob)) ? [pattern] : []
  })
}

function mutants({ name, mutate }) {
  process.env.MUTATION_PART = name
  return new Stryker({
    mutate,
    testRunner: 'vitest',
    vitest: { configFile: 'test/mutation/vitest.config.mjs', related: false },
    plugins: ['@stryker-mutator/vitest-runner', './test/mutation/not-behaviour.mjs'],
    ignorers: ['not-behaviour'],
    coverageAnalysis: 'perTest',
    // The chart, the tables and the patterns are created at import, and must be mutated too.
    ignoreStatic: false,
    // TypeScript 7 has no API that Stryker could use to read this.
    tsconfigFile: 'none.json',
    concurrency: Number(values.concurrency),
    incremental: values.incremental,
    incrementalFile: `test/mutation/reports/${name}.json`,
    // On a busy machine a slow test is not an infinite loop.
    timeoutMS: 15_000,
    thresholds: { high: 100, low: leastScore, break: leastScore },
    cleanTempDir: 'always',
    tempDirName: 'test/mutation/.stryker-tmp',
    ignorePatterns: ['dist', 'docs', 'test/mutation/reports', 'test-results', 'test/browser', 'test/faults', '.ci'],
    reporters: ['progress-append-only', 'clear-text', 'json', 'html'],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: false },
    jsonReporter: { fileName: `test/mutation/reports/${name}.json` },
    htmlReporter: { fileName: `test/mutation/reports/${name}.html` },
  }).runMutationTest()
}

function summary(group, all) {
  const count = (...statuses) => all.filter(({ status }) => statuses.includes(status)).length
  const [killed, timedOut] = [count('Killed'), count('Timeout')]
  const [survived, uncovered] = [count('Survived'), count('NoCoverage')]
  const mutants = killed + timedOut + survived + uncovered
  const score = Math.round(((killed + timedOut) / mutants) * 1000) / 10
  const rest = { ignored: count('Ignored'), invalid: count('RuntimeError', 'CompileError') }
  return { group, mutants, killed, timedOut, survived, uncovered, score, ...rest }
}

function fail(message) {
  console.error(message)
  process.exit(1)
}

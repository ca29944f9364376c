// npm run mutation                                       all rooms
// npm run mutation -- policies data                      some of them
// npm run mutation -- --mutate src/policies/backoff.ts   part of one
// npm run mutation -- --incremental                      only what the last run does not answer for: changed code, new tests
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { rooms } from './rooms.mjs'

const major = Number(process.versions.node.split('.')[0])
if (major < 22) fail(`Stryker needs Node 22 or newer, and this is ${process.version}`)
if (!existsSync(new URL('node_modules/@stryker-mutator/core', import.meta.url))) {
  fail('Stryker is not installed: npm ci --prefix mutation --ignore-scripts')
}
const { Stryker } = await import('@stryker-mutator/core')

/** A room in which fewer mutants than this die fails the run. */
const leastScore = 85

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mutate: { type: 'string' },
    concurrency: { type: 'string', default: '1' },
    incremental: { type: 'boolean', default: false },
  },
})
const patterns = values.mutate?.split(',')
const chosen = Object.keys(rooms).filter((room) =>
  patterns
    ? patterns.some((pattern) => pattern.startsWith(rooms[room].mutate[0].replace('*.ts', '')))
    : positionals.length === 0 || positionals.includes(room),
)
if (chosen.length === 0) fail(`no such room; there are ${Object.keys(rooms).join(', ')}`)

const table = []
for (const room of chosen) table.push(summary(room, await mutants(room)))
table.push(total(table))
console.table(Object.fromEntries(table.map(({ room, ...row }) => [room, row])))
if (table.some(({ score }) => !(score >= leastScore))) fail(`less than ${leastScore} % of the mutants of a room died`)

function mutants(room) {
  process.env.MUTATION_ROOM = room
  return new Stryker({
    mutate: patterns ?? rooms[room].mutate,
    testRunner: 'vitest',
    vitest: { configFile: 'mutation/vitest.config.mjs', related: false },
    plugins: ['@stryker-mutator/vitest-runner', './mutation/human-text.mjs'],
    ignorers: ['human-text'],
    coverageAnalysis: 'perTest',
    // The chart, the tables and the patterns are made at import; they are what is to be tested.
    ignoreStatic: false,
    // TypeScript 7 has no API for Stryker to read this with.
    tsconfigFile: 'none.json',
    concurrency: Number(values.concurrency),
    incremental: values.incremental,
    incrementalFile: `mutation/reports/${room}.json`,
    thresholds: { high: 100, low: leastScore, break: leastScore },
    cleanTempDir: 'always',
    tempDirName: 'mutation/.stryker-tmp',
    ignorePatterns: ['dist', 'docs', 'mutation/reports', 'test-results', 'test/browser', 'test/faults', '.ci'],
    reporters: ['progress-append-only', 'clear-text', 'json', 'html'],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: false },
    jsonReporter: { fileName: `mutation/reports/${room}.json` },
    htmlReporter: { fileName: `mutation/reports/${room}.html` },
  }).runMutationTest()
}

function summary(room, results) {
  const count = (...statuses) => results.filter(({ status }) => statuses.includes(status)).length
  const [killed, survived] = [count('Killed', 'Timeout'), count('Survived', 'NoCoverage')]
  return scored({
    room,
    killed,
    ofThemTimedOut: count('Timeout'),
    survived,
    ignored: count('Ignored'),
    errors: count('RuntimeError', 'CompileError'),
  })
}

function total(rows) {
  const sum = (key) => rows.reduce((all, row) => all + row[key], 0)
  const keys = ['killed', 'ofThemTimedOut', 'survived', 'ignored', 'errors']
  return scored({ room: 'together', ...Object.fromEntries(keys.map((key) => [key, sum(key)])) })
}

function scored(row) {
  const mutants = row.killed + row.survived
  return { ...row, mutants, score: Math.round((row.killed / mutants) * 1000) / 10 }
}

function fail(message) {
  console.error(message)
  process.exit(1)
}

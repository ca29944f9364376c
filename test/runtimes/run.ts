import { build } from 'esbuild'
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startConformanceServer } from '../transports/conformance-server.js'
import { browsers } from './engines/browsers.js'
import { packaged, type Bundle, type Engine, type Suite } from './engines/engine.js'
import { processes } from './engines/processes.js'
import { workerd } from './engines/workerd.js'
import type { Progress, Report, Run } from './harness/protocol.js'
import { startFaultServer } from './suites/faults.js'
import { startSessionServer } from './suites/session-server.js'
import { include, table, type Row } from './table.js'
import { versions } from './versions.js'

const engines: readonly Engine[] = [...processes, workerd, ...browsers]

const usage = `Runs the same tests on every engine that has a WebSocket, and prints a table.

Usage: npm run test:runtimes [name…] [-- options]

  name         ${engines.map(({ name }) => `'${name}'`).join(', ')}; or their first word (default: all)
  --only TEXT  only tests whose title matches this pattern
  --failed     list the failures with their full errors
  --slow       name each test that takes over a second, when it ends
  --write      write the table to docs/runtimes.md; only with all engines

Runtimes that are not installed are skipped by name, or fail if CI is set:
  npm ci --prefix test/runtimes --ignore-scripts    Node 22, 24, 26, Bun, Deno, workerd
  apt-get install chromium firefox-esr webkit2gtk-driver xvfb xauth`

/** How long an engine may be silent: longer than a test may take with its repetitions. Milliseconds. */
const patience = 150_000

const page = fileURLToPath(new URL('../../docs/runtimes.md', import.meta.url))
const folder = fileURLToPath(new URL('../../test-results/runtimes/', import.meta.url))
const harness = (name: string): string => fileURLToPath(new URL(`./harness/${name}.ts`, import.meta.url))

/** A folder in which `ws` is the lowest supported version. */
async function besideLowestWs(): Promise<string> {
  const { version } = JSON.parse(await readFile(packaged('ws-lowest/package.json'), 'utf8')) as { version: string }
  if (version !== versions.lowestWs) {
    throw new Error(`ws-lowest of test/runtimes/ is ${version}; package.json begins with ${versions.lowestWs}`)
  }
  const modules = `${folder}lowest/node_modules`
  await rm(modules, { recursive: true, force: true })
  await mkdir(modules, { recursive: true })
  await symlink(packaged('ws-lowest'), `${modules}/ws`)
  return `${folder}lowest/`
}

/** The suite for this run, in the formats the engines need. */
async function bundle(name: string, suite: Suite, run: Run, address: string): Promise<Bundle> {
  const isStandard = suite === 'standard'
  const defined = fileURLToPath(new URL(`./suites/${isStandard ? suite : 'over-ws'}.ts`, import.meta.url))
  const shape = async (shape: string, contents: string): Promise<string> => {
    const outfile = `${suite === 'over-lowest-ws' ? await besideLowestWs() : folder}${name.replace(' ', '-')}-${suite}-${shape}.mjs`
    await build({
      stdin: { contents, resolveDir: folder, loader: 'ts' },
      bundle: true,
      format: 'esm',
      target: 'es2022',
      // A Node bundle keeps node: imports, and ws, which is under test.
      platform: isStandard ? 'neutral' : 'node',
      mainFields: ['module', 'main'],
      conditions: ['browser'],
      external: isStandard ? [] : ['ws'],
      alias: { vitest: harness('vitest') },
      banner: { js: `globalThis.statewireRun = ${JSON.stringify(run)};` },
      keepNames: true,
      outfile,
      logLevel: 'error',
    })
    return outfile
  }
  const imports = `import { define } from ${JSON.stringify(defined)}; import { runAndReport } from ${JSON.stringify(harness('run'))};`
  const file = await shape('script', `${imports} await runAndReport(define)`)
  const fetched = isStandard
    ? await shape(
        'worker',
        `${imports} export default { async fetch() { await runAndReport(define); return new Response('') } }`,
      )
    : file
  const at = (where: string): string => `${address}/${where}?bundle=${encodeURIComponent(file.slice(folder.length))}`
  return { file, fetched, page: { page: at('page'), worker: at('worker'), 'shared-worker': at('shared-worker') } }
}

const starters: Readonly<Record<string, (script: string) => string>> = {
  '/page': (script) => `<script type="module" src="${script}"></script>`,
  '/worker': (script) => `<script type="module">new Worker(${JSON.stringify(script)}, { type: 'module' })</script>`,
  '/shared-worker': (script) =>
    `<script type="module">globalThis.kept = new SharedWorker(${JSON.stringify(script)}, { type: 'module' })</script>`,
}

/** Serves pages and bundles, and receives the report. */
async function serve(
  reported: (report: Report) => void,
  progressed: (progress: Progress) => void,
): Promise<{ server: Server; address: string }> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    response.setHeader('Access-Control-Allow-Origin', '*')
    if (request.method === 'POST') {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        response.end()
        const posted: unknown = JSON.parse(Buffer.concat(chunks).toString())
        if (pathname === '/report') reported(posted as Report)
        else progressed(posted as Progress)
      })
      return
    }
    const starter = starters[pathname]
    if (starter !== undefined) {
      response.setHeader('Content-Type', 'text/html')
      return void response.end(`<!doctype html><meta charset="utf-8">${starter(`/${searchParams.get('bundle')}`)}`)
    }
    response.setHeader('Content-Type', 'text/javascript')
    readFile(`${folder}${pathname.slice(1)}`).then(
      (script) => response.end(script),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** One engine, one suite, and servers of its own. */
async function runOn(
  engine: Engine,
  suite: Suite,
  { only, slow }: { readonly only: string | undefined; readonly slow: boolean },
): Promise<Report> {
  const [conformance, faults, sessions] = await Promise.all([
    startConformanceServer(),
    startFaultServer(),
    startSessionServer(),
  ])
  let reported: (report: Report) => void = () => {}
  const report = new Promise<Report>((resolve) => (reported = resolve))
  let late: ReturnType<typeof setTimeout> | undefined
  let last = 'anything'
  let silent: (report: Report) => void = () => {}
  const silence = new Promise<Report>((resolve) => (silent = resolve))
  const failed = (error: string): Report => ({ verdicts: [{ title: 'the run', state: 'failed', error }] })
  const listen = (): void => {
    clearTimeout(late)
    late = setTimeout(() => silent(failed(`${patience / 1_000} s of silence after ${last}`)), patience)
  }
  const { server, address } = await serve(
    (each) => reported(each),
    ({ title, took }) => {
      last = title
      listen()
      if (slow && took > 1_000) console.log(`  ${(took / 1_000).toFixed(1)} s  ${title}`)
    },
  )
  const run: Run = {
    engine: engine.name,
    conformance: { url: conformance.url, refused: conformance.refused },
    faults: faults.url,
    sessions: sessions.url,
    report: `${address}/report`,
    progress: `${address}/progress`,
    // A busy machine delays deadlines; a consistent fault fails twice.
    retry: process.env['CI'] ? 2 : 1,
    only,
  }
  const { stop, ended } = await engine.start(await bundle(engine.name, suite, run, address))
  // Engines are process groups of their own, which would outlive this process.
  const interrupted = (name: NodeJS.Signals): void =>
    void stop().finally(() => process.exit(name === 'SIGINT' ? 130 : 143))
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, interrupted)
  listen()
  // After a normal end its last post is still in flight.
  const gone = ended?.then((how) => new Promise<Report>((resolve) => setTimeout(() => resolve(failed(how)), 1_000)))
  try {
    return await Promise.race([report, silence, ...(gone === undefined ? [] : [gone])])
  } finally {
    clearTimeout(late)
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, interrupted)
    await stop()
    server.closeAllConnections()
    server.close()
    await Promise.all([conformance.close(), faults.close(), sessions.close()])
  }
}

function choose(names: readonly string[]): readonly Engine[] {
  const unknown = names.filter(
    (name) => !engines.some((each) => each.name === name || each.name.startsWith(`${name} `)),
  )
  if (unknown.length > 0) throw new RangeError(`no engine is called ${unknown.join(', ')}`)
  return engines.filter(
    ({ name }) => names.length === 0 || names.some((each) => name === each || name.startsWith(`${each} `)),
  )
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      failed: { type: 'boolean', default: false },
      slow: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(usage)
  if (values.write && (positionals.length > 0 || values.only !== undefined))
    throw new RangeError('--write needs all engines and tests: name none')
  await mkdir(folder, { recursive: true })
  const rows: Row[] = []
  let bad = 0
  for (const engine of choose(positionals)) {
    if (engine.missing !== undefined) {
      console.log(`${process.env['CI'] ? 'MISSING' : 'SKIPPED'}: ${engine.name}: ${engine.missing}`)
      if (process.env['CI']) bad++
      continue
    }
    const version = await engine.version()
    for (const suite of engine.suites) {
      const started = performance.now()
      const { verdicts } = await runOn(engine, suite, { only: values.only, slow: values.slow })
      const failed = verdicts.filter(({ state }) => state === 'failed')
      rows.push({ engine: engine.name, version, suite, verdicts })
      bad += failed.length
      const passed = verdicts.filter(({ state }) => state === 'passed').length
      const time = ((performance.now() - started) / 1_000).toFixed(0)
      console.log(`${engine.name} ${version}, ${suite}: ${passed} passed, ${failed.length} failed, ${time} s`)
      for (const { title, error } of failed)
        console.log(`  ${title}\n    ${values.failed ? error : error?.split('\n')[0]}`)
    }
  }
  const block = table(rows)
  console.log(`\n${block}`)
  if (process.env['TEST_RESULTS']) {
    const count = (state: string): number =>
      rows.reduce((sum, { verdicts }) => sum + verdicts.filter((each) => each.state === state).length, 0)
    const counts = { numPassedTests: count('passed'), numFailedTests: bad }
    await writeFile(process.env['TEST_RESULTS'], JSON.stringify(counts))
  }
  if (values.write) await writeFile(page, include(await readFile(page, 'utf8'), block))
  process.exitCode = bad > 0 ? 1 : 0
}

try {
  await main()
} catch (error) {
  // A usage error prints a message; a bug prints its stack.
  const mistyped = error instanceof RangeError || (error instanceof TypeError && 'code' in error)
  console.error(mistyped ? `${error.message}\n\n${usage}` : error)
  process.exitCode = 2
}

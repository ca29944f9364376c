// The package as its users bundle it. The bundlers are no dependency of ours: npm ci --prefix runtimes --ignore-scripts
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build as esbuild } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { haveTools, packedProject, run, tools, type Project } from './packed.js'

let project: Project
beforeAll(async () => {
  project = await packedProject()
  await project.link('xstate')
  // What runs it has no network: the class says what was asked of it.
  await writeFile(
    join(project.folder, 'app.js'),
    `import { createConnection } from 'statewire'
     import { ReconnectingWebSocket } from 'statewire/websocket'
     const dialled = []
     class Fake extends EventTarget {
       constructor(url) { super(); dialled.push(url) }
       readyState = 0
       close() {}
     }
     globalThis.WebSocket = Fake
     const connection = createConnection('wss://one.test/')
     const socket = new ReconnectingWebSocket('wss://two.test/')
     setTimeout(() => {
       console.log(JSON.stringify({ state: connection.state, readyState: socket.readyState, dialled }))
       void connection.close()
       socket.close()
     }, 10)`,
  )
}, 60_000)
afterAll(() => project.remove())

const entry = (): string => join(project.folder, 'app.js')
const out = (name: string): string => join(project.folder, `${name}.mjs`)

/** Runs what a tool of `runtimes` can only do in a process of its own. */
async function script(text: string): Promise<void> {
  const file = join(project.folder, 'bundle.cjs')
  await writeFile(
    file,
    `const { createRequire } = require('node:module')\nconst tool = createRequire(${JSON.stringify(`${tools}/`)});\n${text}`,
  )
  await run(process.execPath, [file], { cwd: project.folder })
}

const bundlers: Readonly<Record<string, () => Promise<void>>> = {
  esbuild: async () => {
    await esbuild({
      entryPoints: [entry()],
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      outfile: out('esbuild'),
      logLevel: 'silent',
    })
  },
  Vite: () =>
    script(`import(require('node:url').pathToFileURL(tool.resolve('vite')).href).then(({ build }) => build({
      logLevel: 'silent',
      configFile: false,
      build: { rollupOptions: { input: ${JSON.stringify(entry())}, output: { entryFileNames: 'Vite.mjs' } }, outDir: ${JSON.stringify(project.folder)}, emptyOutDir: false },
    })).catch((error) => { console.error(error); process.exitCode = 1 })`),
  webpack: () =>
    script(`tool('webpack')({
      mode: 'production',
      entry: ${JSON.stringify(entry())},
      output: { path: ${JSON.stringify(project.folder)}, filename: 'webpack.mjs' },
      target: 'web',
    }, (error, stats) => { if (error ?? stats.hasErrors()) { console.error(error ?? stats.toString()); process.exitCode = 1 } })`),
  Rollup: () =>
    script(`(async () => {
      const { rollup } = tool('rollup')
      const { nodeResolve } = tool('@rollup/plugin-node-resolve')
      const bundle = await rollup({ input: ${JSON.stringify(entry())}, plugins: [nodeResolve({ browser: true })] })
      await bundle.write({ file: ${JSON.stringify(out('Rollup'))}, format: 'es' })
    })().catch((error) => { console.error(error); process.exitCode = 1 })`),
  Bun: async () => {
    const bun = join(tools, '@oven/bun-linux-x64/bin/bun')
    await run(bun, ['build', entry(), '--minify', '--target=browser', `--outfile=${out('Bun')}`], {
      cwd: project.folder,
    })
  },
}

describe('bundled for a browser', { timeout: 60_000 }, () => {
  for (const [name, bundle] of Object.entries(bundlers)) {
    const here = name === 'esbuild' || haveTools
    const test = here || process.env['CI'] ? it : it.skip
    test(`by ${name} it runs, has XState once, nothing of Node, and keeps to its size${here ? '' : ' [SKIPPED: npm ci --prefix runtimes]'}`, async () => {
      await bundle()
      const text = await readFile(out(name), 'utf8')
      // A message that XState has in one place.
      expect(text.split('Unable to evaluate guard').length - 1).toBe(1)
      expect(text).not.toMatch(/["']node:|require\(["'](?:fs|net|http|ws|crypto)["']\)|createRequire/)
      const { stdout } = await run(process.execPath, [out(name)])
      expect(JSON.parse(stdout)).toEqual({
        state: 'connecting',
        readyState: 0,
        dialled: ['wss://one.test/', 'wss://two.test/'],
      })
      // The core, the drop-in class and XState; Rollup does not minify by itself.
      if (name !== 'Rollup') expect(gzipSync(text, { level: 9 }).length).toBeLessThan(46_000)
    })
  }
})

describe('required from CommonJS', { timeout: 30_000 }, () => {
  const nodes: readonly [name: string, path: string][] = [
    ['the Node that runs this', process.execPath],
    ...['20', '22', '24', '26'].map((version): [string, string] => [
      `Node ${version}`,
      join(tools, `node${version}/bin/node`),
    ]),
  ]
  for (const [name, path] of nodes) {
    const here = path === process.execPath || haveTools
    const test = here || process.env['CI'] ? it : it.skip
    test(`by ${name} every entry is there, and without ws the rest works${here ? '' : ' [SKIPPED: npm ci --prefix runtimes]'}`, async () => {
      const text = `
        const { createConnection } = require('statewire')
        const { ReconnectingWebSocket } = require('statewire/websocket')
        const { connectionMachine } = require('statewire/machine')
        const { projectInspection } = require('statewire/inspect')
        const { wsTransport } = require('statewire/ws')
        let code
        try { wsTransport() } catch (error) { code = error.code }
        const connection = createConnection('wss://a.test', { autoOpen: false })
        console.log([connection.state, typeof ReconnectingWebSocket, connectionMachine.id, typeof projectInspection, code].join())`
      await writeFile(join(project.folder, 'app.cjs'), text)
      const { stdout } = await run(path, ['--no-warnings', join(project.folder, 'app.cjs')])
      expect(stdout.trim()).toBe('idle,function,connection,function,ERR_MISSING_PEER')
    })
  }
})

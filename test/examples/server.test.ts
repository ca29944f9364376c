// What a server that renders the examples for its users must be able to count on.
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { FaultServer } from '../../src/testing/index.js'
import { serveEcho } from '../faults/browsers/browser.js'
import { copyExamples, environment, missingTools, vite, type Copy, type Example } from './support/examples.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const run = promisify(execFile)

/** How each framework makes HTML of a component. */
const renderers: Partial<Record<Example, { readonly file: string; readonly code: string }>> = {
  react: {
    file: 'render.tsx',
    code: `
      import { StrictMode } from 'react'
      import { renderToString } from 'react-dom/server'
      import { App } from './App.js'
      export const html = renderToString(<StrictMode><App /></StrictMode>)`,
  },
  vue: {
    file: 'render.ts',
    code: `
      import { createSSRApp } from 'vue'
      import { renderToString } from 'vue/server-renderer'
      import App from './App.vue'
      export const html = await renderToString(createSSRApp(App))`,
  },
  svelte: {
    file: 'render.ts',
    code: `
      import { render } from 'svelte/server'
      import App from './App.svelte'
      export const html = render(App).body`,
  },
  solid: {
    file: 'render.tsx',
    code: `
      import { renderToString } from 'solid-js/web'
      import { App } from './App.js'
      export const html = renderToString(() => <App />)`,
  },
  angular: {
    file: 'render.ts',
    code: `
      import '@angular/compiler'
      import { bootstrapApplication, type BootstrapContext } from '@angular/platform-browser'
      import { provideServerRendering, renderApplication } from '@angular/platform-server'
      import { Feed } from './feed.js'
      const bootstrap = (context: BootstrapContext) => bootstrapApplication(Feed, { providers: [provideServerRendering()] }, context)
      export const html = await renderApplication(bootstrap, { document: '<app-feed></app-feed>' })`,
  },
}

const cannot = missingTools()

describe.skipIf(cannot !== undefined)('rendered on the server', () => {
  let copy: Copy
  let server: FaultServer
  beforeAll(async () => {
    copy = await copyExamples()
    server = await serveEcho()
  })
  afterAll(async () => {
    await server?.close()
    await copy?.remove()
  })

  /** A process that imports a module, says what it holds open, and is to end by itself unless it is told to. */
  async function load(module: string, end = ''): Promise<{ html: string; holds: string[] }> {
    const code = `
      const { html = '' } = await import(${JSON.stringify(module)})
      // Solid cleans up in a timer of its own, of no length.
      await new Promise((later) => setTimeout(later, 20))
      console.log(JSON.stringify({ html, holds: process.getActiveResourcesInfo() }))
      ${end}`
    const { stdout } = await run(process.execPath, ['--experimental-websocket', '--input-type=module', '-e', code], {
      cwd: copy.folder,
      env: environment(),
      timeout: 20_000,
    })
    // Angular greets first.
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as { html: string; holds: string[] }
  }

  async function build(example: string, file: string, code: string): Promise<string> {
    await writeFile(join(copy.folder, example, file), code)
    // Solid compiles for a server only if it is told that there is one.
    const settings = join(copy.folder, example, 'vite.config.ts')
    await writeFile(settings, (await readFile(settings, 'utf8')).replace('solid()', 'solid({ ssr: true })'))
    const out = join(copy.folder, 'rendered', example)
    await vite(copy.folder, ['build', example, '--ssr', file, '--outDir', out, '--logLevel', 'warn'], server.url)
    return join(out, 'render.js')
  }

  const timers = (holds: readonly string[]): string[] => holds.filter((each) => /Timeout|TCP|Immediate/.test(each))

  test.each(['statewire', 'statewire/ws', 'statewire/websocket'])(
    'importing %s opens nothing and starts nothing: the process ends by itself',
    async (entry) => {
      expect(timers((await load(entry)).holds)).toEqual([])
    },
  )

  test.each(Object.entries(renderers))(
    'the example %s opens nothing and starts no timer: the process ends by itself',
    async (example, { file, code }) => {
      const { html, holds } = await load(await build(example, file, code))
      expect(html).toMatch(/<output[^>]*>(?:<!--.*?-->)*idle: not opened yet/)
      expect(html).toMatch(/<button[^>]* disabled/)
      expect(timers(holds)).toEqual([])
      expect(server.counts.accepted).toBe(0)
    },
  )

  test('a connection that dials while it is rendered would be seen', async () => {
    const app = join(copy.folder, 'react/App.tsx')
    const dials = (await readFile(app, 'utf8')).replace('autoOpen: false, ', '')
    await writeFile(app, dials)
    const { file, code } = renderers.react!
    const { holds } = await load(await build('react', file, code), 'process.exit()')
    // The deadline of its attempt.
    expect(timers(holds)).toContain('Timeout')
  })
})

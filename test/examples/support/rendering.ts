// How the examples are rendered to HTML, in a process like a server's.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { environment, vite, type Example } from './examples.js'
import { run } from '../../support/processes.js'

/** How each framework renders a component to HTML. */
export const renderers: Partial<Record<Example, { readonly file: string; readonly code: string }>> = {
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

/** A process that imports a module, reports what it holds open, and must exit by itself unless kept alive. */
export async function load(at: string, module: string, end = ''): Promise<{ html: string; holds: string[] }> {
  const code = `
    const { html = '' } = await import(${JSON.stringify(module)})
    // Solid cleans up in a timer of its own, of no length.
    await new Promise((later) => setTimeout(later, 20))
    console.log(JSON.stringify({ html, holds: process.getActiveResourcesInfo() }))
    ${end}`
  const { stdout } = await run(process.execPath, ['--experimental-websocket', '--input-type=module', '-e', code], {
    cwd: at,
    env: environment(),
    timeout: 20_000,
  })
  // Angular prints a greeting first.
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as { html: string; holds: string[] }
}

/** Builds an example for the server; returns the module to load. */
export async function buildForServer(at: string, example: string, url: string): Promise<string> {
  const renderer = renderers[example as Example]
  if (renderer === undefined) throw new Error(`${example} is not rendered on a server`)
  const { file, code } = renderer
  await writeFile(join(at, example, file), code)
  // Solid compiles for a server only if configured to.
  const settings = join(at, example, 'vite.config.ts')
  await writeFile(settings, (await readFile(settings, 'utf8')).replace('solid()', 'solid({ ssr: true })'))
  const out = join(at, 'rendered', example)
  await vite(at, ['build', example, '--ssr', file, '--outDir', out, '--logLevel', 'warn'], url)
  return join(out, 'render.js')
}

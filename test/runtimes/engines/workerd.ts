import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Readable } from 'node:stream'
import { installRuntimes, packaged, unless, type Engine } from './engine.js'

interface Miniflare {
  dispatchFetch(url: string): Promise<unknown>
  dispose(): Promise<void>
}

const require = createRequire(packaged('.'))
const path = packaged('miniflare/package.json')

/** The runtime of Cloudflare's Workers, through miniflare. */
export const workerd: Engine = {
  name: 'workerd',
  missing: unless(path, installRuntimes),
  suites: ['standard'],
  version: async () =>
    (JSON.parse(await readFile(packaged('workerd/package.json'), 'utf8')) as { version: string }).version,
  async start({ fetched }) {
    const { Miniflare: Class } = require('miniflare') as { Miniflare: new (options: object) => Miniflare }
    const script = await readFile(fetched, 'utf8')
    const worker = new Class({
      modules: true,
      script,
      compatibilityDate: '2026-06-01',
      // It prints a stack for each failed handshake, and here they fail on purpose.
      handleRuntimeStdio: (out: Readable, err: Readable) => void [out.resume(), err.resume()],
    })
    // It may act only between a request and its response.
    worker.dispatchFetch('http://run.test/').catch(() => {})
    return { stop: () => worker.dispose() }
  },
}

// Workers that Chromium stops: those of extensions, and service workers of pages. Its limit is 30 s, and the tests wait
// for it. They attach no debugger, which would keep every worker alive: the servers and the target list show what
// happens.
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { FaultServer, LogEntry } from '../../../src/tools/testing/index.js'
import { chromiumArgs, chromiumPath } from '../../support/chromium.js'
import { freePort, missing, serveEcho } from './browser.js'
import { spawn } from '../../support/processes.js'

// A timeline of two minutes, plus tolerance for a slow machine.
vi.setConfig({ testTimeout: 400_000, hookTimeout: 60_000 })

const root = join(import.meta.dirname, '../../..')
const example = join(root, 'examples/extension')
/** For what Chromium does within 30 s of an event, or within 60. */
const patience = { timeout: 180_000 }

const noChromium = missing('Chromium', chromiumPath)

interface Installed {
  readonly server: FaultServer
  readonly folder: string
}

interface Target {
  readonly type: string
  readonly url: string
}

/** Chromium with its usual settings and an installed extension. */
async function run(
  folder: string,
  ...args: string[]
): Promise<AsyncDisposable & { targets(type: string): Promise<Target[]> }> {
  const profile = join(folder, 'profile')
  const port = await freePort()
  const child = spawn(
    chromiumPath,
    ['--headless=new', ...chromiumArgs, `--user-data-dir=${profile}`, `--remote-debugging-port=${port}`, ...args],
    { stdio: 'ignore', detached: true, env: { ...process.env, HOME: profile } },
  )
  const exited = once(child, 'exit')
  const kill = (): void => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // It has exited.
    }
  }
  process.once('exit', kill)
  return {
    async targets(type) {
      const response = await fetch(`http://127.0.0.1:${port}/json/list`)
      return ((await response.json()) as Target[]).filter((target) => target.type === type)
    },
    async [Symbol.asyncDispose]() {
      process.off('exit', kill)
      kill()
      await exited
    },
  }
}

/** Bundles a module that connects to a server. */
async function bundle(source: string, server: FaultServer, outfile: string): Promise<void> {
  await build({
    stdin: { contents: source, resolveDir: example, loader: 'ts' },
    alias: { statewire: join(root, 'dist/src/index.js') },
    define: { 'import.meta.env.VITE_SERVER': JSON.stringify(server.url) },
    bundle: true,
    format: 'esm',
    outfile,
    logLevel: 'error',
  })
}

describe.skipIf(noChromium !== undefined)('in Chromium', () => {
  let folder: string
  const servers: FaultServer[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'statewire-workers-'))
  })
  afterAll(async () => {
    for (const server of servers) await server.close()
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  })

  async function serve(): Promise<FaultServer> {
    const server = await serveEcho()
    servers.push(server)
    return server
  }

  const alarm = `void chrome.alarms.create('connect', { periodInMinutes: 0.5 })`
  const heartbeat = `heartbeat: textHeartbeat({ ping: 'ping', pong: 'pong' }),`

  test.concurrent(
    "an extension's worker stays alive through its heartbeat and restarts by its alarm; without them it is gone for good (T08)",
    async () => {
      const recipe = await readFile(join(example, 'background.ts'), 'utf8')
      const install = async (name: string, ...edits: [from: string, to: string][]): Promise<Installed> => {
        const source = edits.reduce((text, [from, to]) => {
          expect(text).toContain(from)
          return text.replace(from, to)
        }, recipe)
        const server = await serve()
        const extension = join(folder, name)
        await cp(join(example, 'public'), extension, { recursive: true })
        await bundle(source, server, join(extension, 'background.js'))
        return { server, folder: extension }
      }
      const asShipped = await install('as-shipped')
      const bare = await install('bare', [heartbeat, ''], [alarm, ''])
      const noAlarm = await install('no-alarm', [alarm, ''])
      // An alarm every 30 s may come before the worker is stopped; this one comes after.
      const lateAlarm = await install('late-alarm', ['0.5', '1'])
      const extensions = [asShipped, bare, noAlarm, lateAlarm]
      await using chromium = await run(
        join(folder, 'extensions'),
        `--load-extension=${extensions.map((each) => each.folder).join()}`,
        '--disable-features=DisableLoadExtensionCommandLineSwitch',
      )
      await Promise.all(extensions.map(({ server }) => server.until('upgraded', { timeout: 60_000 })))
      const workers = async (): Promise<number> => {
        const targets = await chromium.targets('service_worker')
        return targets.filter(({ url }) => url.startsWith('chrome-extension:')).length
      }
      expect(await workers()).toBe(4)

      // A delay longer than the whole test: a dial within it comes from another worker.
      for (const { server } of [noAlarm, lateAlarm]) server.links[0]!.socket!.close(1013, 'retry-after=300')
      await bare.server.until('client.gone', patience)
      await lateAlarm.server.until('upgraded', { nth: 2, ...patience })
      // The shipped worker has been alive all along, through its heartbeat, and restarts by itself.
      expect(asShipped.server.counts).toMatchObject({ upgraded: 1, open: 1 })
      asShipped.server.reset()
      await asShipped.server.until('upgraded', { nth: 2, ...patience })
      await vi.waitFor(async () => expect(await workers()).toBe(2), { ...patience, interval: 500 })
      expect(bare.server.counts).toMatchObject({ upgraded: 1, open: 0 })
      expect(noAlarm.server.counts).toMatchObject({ upgraded: 1, open: 0 })
    },
  )

  test.concurrent("a page's service worker is stopped despite its pongs, and a SharedWorker is not (T08)", async () => {
    const source = `import { createConnection, textHeartbeat } from 'statewire'
        createConnection(import.meta.env.VITE_SERVER, { ${heartbeat} })`
    const service = await serve()
    const shared = await serve()
    const scripts = join(folder, 'page')
    await bundle(source, service, join(scripts, 'service.js'))
    await bundle(source, shared, join(scripts, 'shared.js'))
    const html = `<!doctype html><script>
        navigator.serviceWorker.register('/service.js', { type: 'module' })
        globalThis.kept = new SharedWorker('/shared.js', { type: 'module' })
      </script>`
    const site = createServer((request, response) => {
      const name = /^\/(service|shared)\.js$/.exec(request.url!)?.[0]
      response.setHeader('Content-Type', name === undefined ? 'text/html' : 'text/javascript')
      if (name === undefined) response.end(html)
      else void readFile(join(scripts, name)).then((script) => response.end(script))
    }).listen(0, '127.0.0.1')
    await once(site, 'listening')
    await using chromium = await run(join(folder, 'site'), `http://127.0.0.1:${(site.address() as AddressInfo).port}/`)
    try {
      await Promise.all([service, shared].map((server) => server.until('upgraded', { timeout: 60_000 })))
      expect(await chromium.targets('service_worker')).toHaveLength(1)
      await service.until('client.gone', patience)
      // Lack of traffic was not the reason.
      expect(service.counts.messagesIn).toBeGreaterThan(1)
      expect(service.counts.messagesOut).toBe(service.counts.messagesIn)
      expect(await chromium.targets('page')).toHaveLength(1)
      const before = shared.log.length
      await shared.until(({ what, seq }: LogEntry) => what === 'frame.in' && seq >= before, { nth: 2, ...patience })
      expect(shared.counts).toMatchObject({ upgraded: 1, open: 1 })
      expect(service.counts).toMatchObject({ upgraded: 1, open: 0 })
    } finally {
      site.closeAllConnections()
      site.close()
    }
  })
})

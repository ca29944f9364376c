// What the tests in this folder need from any browser: one page at a time, and its reports.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { createFaultServer, type FaultServer } from '../../../src/tools/testing/index.js'
import type { Told } from '../network/peers.js'

const root = join(import.meta.dirname, '../../..')

/** Why the tests with this browser cannot run here. With `CI` set, that is a failure. */
export function missing(name: string, path: string): string | undefined {
  if (existsSync(path)) {
    // Quick if it is up to date. A run of this folder alone must not test an old build.
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b'], { cwd: root })
    return undefined
  }
  const reason = `no ${name} at ${path}`
  if (process.env['CI']) throw new Error(`these tests need ${name}: ${reason}`)
  console.warn(`SKIPPED: faults of ${name}: ${reason}`)
  return reason
}

/** Answers the page's heartbeat, and echoes the rest. */
export function serveEcho(): Promise<FaultServer> {
  return createFaultServer({ onMessage: (message, socket) => socket.send(message === 'ping' ? 'pong' : message) })
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export const is =
  (type: string, detail: Record<string, unknown> = {}) =>
  (told: Told): boolean =>
    told.type === type && Object.entries(detail).every(([key, value]) => told[key] === value)

/** The page of `page.html`, in any browser. */
export abstract class Page {
  /** The value of an expression evaluated in the page; a promise is awaited. It must survive JSON. */
  abstract evaluate<T = unknown>(expression: string): Promise<T>
  abstract goto(url: string): Promise<void>
  abstract back(): Promise<void>
  abstract reload(): Promise<void>
  /** Closes the tab as a user would, so the page gets its unload events. */
  abstract close(): Promise<void>

  /** WebKit considers a page loaded before its modules have run. */
  async ready(): Promise<void> {
    const deadline = performance.now() + 15_000
    while (!(await this.evaluate<boolean>(`typeof start === 'function'`))) {
      if (performance.now() > deadline) throw new Error('the script of the page has not run within 15 s')
      await sleep(50)
    }
  }

  /** `options` is the source of an object. */
  async start(url: string, options = '{}'): Promise<void> {
    await this.evaluate(`void start(${JSON.stringify(url)}, ${options})`)
  }

  async opened(url: string, options?: string): Promise<void> {
    await this.start(url, options)
    await this.until('open', is('open'))
  }

  told(): Promise<Told[]> {
    return this.evaluate('told')
  }

  async all(type: string): Promise<Told[]> {
    return (await this.told()).filter(is(type))
  }

  /** The first matching report, past or future. */
  async until(what: string, fits: (told: Told) => boolean, within = 15_000): Promise<Told> {
    const deadline = performance.now() + within
    for (;;) {
      const told = await this.told()
      const found = told.find(fits)
      if (found !== undefined) return found
      if (performance.now() > deadline) {
        const last = told.slice(-15).map((each) => JSON.stringify(each))
        throw new Error(`no ${what} within ${within} ms; last told:\n${last.join('\n')}`)
      }
      await sleep(50)
    }
  }

  /** Makes a round trip with a message. */
  async echo(text: string): Promise<void> {
    await this.evaluate(`void connection.send(${JSON.stringify(text)})`)
    await this.until(`echo of ${text}`, is('message', { data: text }))
  }

  /** Invariants of every connection, whatever was done to it. */
  async kept(told?: readonly Told[]): Promise<void> {
    const all = told ?? (await this.told())
    expect(all.filter(({ type }) => ['error', 'uncaught', 'unhandled'].includes(type))).toEqual([])
    const dials = all.filter(is('dial'))
    expect(dials.length).toBeGreaterThan(0)
    expect(
      dials.filter(({ alive }) => alive !== 1),
      'a second socket',
    ).toEqual([])
  }
}

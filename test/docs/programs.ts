import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import { transform } from 'esbuild'
import * as statewire from '../../src/index.js'
import type { Connection, ConnectionOptions } from '../../src/index.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport, type FakeSocket } from '../../src/tools/testing/transport.js'
import { root } from './pages.js'

export interface Program<Exports> {
  readonly exports: Exports
  /** The connection that the program created, if it did. */
  readonly connection: Connection
  readonly clock: TestClock
  readonly transport: FakeTransport
  /** Lets it dial, and the server accept. */
  accept(): Promise<FakeSocket>
}

/** The TypeScript blocks of a page in docs/. */
export function blocksOn(page: string): string[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8')
  return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code)
}

/**
 * Runs one block of a page as it is printed there, with a test clock and a fake transport. Retries come after one second.
 *
 * @param given what the block declares, by name
 */
export async function runBlock<Exports>(
  code: string | undefined,
  given: Readonly<Record<string, unknown>> = {},
): Promise<Program<Exports>> {
  if (code === undefined) throw new Error('the page has no such block')
  const { code: script } = await transform(code, { loader: 'ts', target: 'es2022', format: 'cjs' })
  const clock = new TestClock()
  const transport = new FakeTransport()
  let connection: Connection | undefined
  const createConnection = (url: string, options?: ConnectionOptions): Connection =>
    (connection = statewire.createConnection(url, { ...options, clock, transport, backoff: () => 1_000 }))
  const module: { exports?: Exports } = {}
  const scope = {
    require: () => ({ ...statewire, createConnection }),
    module,
    setTimeout: clock.setTimeout.bind(clock),
    clearTimeout: clock.clearTimeout.bind(clock),
    Date: { now: () => clock.wall() },
    ...given,
  }
  const program = compileFunction(script, Object.keys(scope)) as (...values: unknown[]) => void
  program(...Object.values(scope))
  return {
    exports: module.exports!,
    get connection() {
      if (connection === undefined) throw new Error('the block has not created a connection')
      return connection
    },
    clock,
    transport,
    async accept() {
      await settle()
      transport.last.accept()
      await settle()
      return transport.last
    },
  }
}

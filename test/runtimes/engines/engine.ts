import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What runs a bundle: started with the address of a page that imports it, or with the file. */
export interface Engine {
  /** `node22`, `firefox worker`: the row of the table. */
  readonly name: string
  /** What must be there; `undefined`: it is not. */
  readonly missing: string | undefined
  readonly suites: readonly Suite[]
  /** What it says its version is. */
  version(): Promise<string>
  start(bundle: Bundle): Promise<Running>
}

export interface Running {
  /** Ends it, whatever it is doing. */
  stop(): Promise<void>
  /** How it ended, should it do so by itself. */
  readonly ended?: Promise<string>
}

/** Over its own WebSocket; over the package `ws` of this repository; over the lowest version of it that we say we take. */
export type Suite = 'standard' | 'over-ws' | 'over-lowest-ws'

export interface Bundle {
  /** A module that runs the suite and posts its report, by itself. */
  readonly file: string
  /** A page that runs it: as a script of its own, in a Worker, in a SharedWorker. */
  readonly page: Readonly<Record<'page' | 'worker' | 'shared-worker', string>>
  /** A Worker in the sense of workerd: runs the suite when it is fetched. */
  readonly fetched: string
}

/** A package of `test/runtimes/node_modules`. */
export function packaged(path: string): string {
  return fileURLToPath(new URL(`../../../runtimes/node_modules/${path}`, import.meta.url))
}

/** What to say of a file that is not there, and what would bring it. */
export function unless(path: string, remedy: string): string | undefined {
  return existsSync(path) ? undefined : `${path} is not there: ${remedy}`
}

export const installRuntimes = 'npm ci --prefix test/runtimes --ignore-scripts'

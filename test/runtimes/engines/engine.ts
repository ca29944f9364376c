import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Runs a bundle: started with the address of a page that imports it, or with the file. */
export interface Engine {
  /** `node22`, `firefox worker`: the row of the table. */
  readonly name: string
  /** The required file; `undefined` if it is missing. */
  readonly missing: string | undefined
  readonly suites: readonly Suite[]
  /** The version it reports. */
  version(): Promise<string>
  start(bundle: Bundle): Promise<Running>
}

export interface Running {
  /** Ends it, whatever it is doing. */
  stop(): Promise<void>
  /** How it ended, if it exited by itself. */
  readonly ended?: Promise<string>
}

/** Over its own WebSocket; over this repository's `ws`; over the lowest supported version of it. */
export type Suite = 'standard' | 'over-ws' | 'over-lowest-ws'

export interface Bundle {
  /** A module that runs the suite and posts its report. */
  readonly file: string
  /** A page that runs it: as its own script, in a Worker, in a SharedWorker. */
  readonly page: Readonly<Record<'page' | 'worker' | 'shared-worker', string>>
  /** A Worker in workerd's sense: runs the suite when fetched. */
  readonly fetched: string
}

/** A package of `test/runtimes/node_modules`. */
export function packaged(path: string): string {
  return fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url))
}

/** The message for a missing file, with how to install it. */
export function unless(path: string, remedy: string): string | undefined {
  return existsSync(path) ? undefined : `${path} is not there: ${remedy}`
}

export const installRuntimes = 'npm ci --prefix test/runtimes --ignore-scripts'

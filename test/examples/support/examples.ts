// The examples in the repository, and their tools.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, spawn } from '../../support/processes.js'

export const root = join(import.meta.dirname, '../../..')
export const folder = join(root, 'examples')
const tools = join(folder, 'node_modules')

export const inBrowsers = [
  'vanilla',
  'react',
  'vue',
  'svelte',
  'solid',
  'angular',
  'rxjs',
  'worker',
  'shared-worker',
] as const
export type Example = (typeof inBrowsers)[number]

/** The files of `examples/servers` that start one. */
export const servers = ['http', 'express', 'fastify', 'hono', 'no-server'] as const

/** Why the examples cannot be run here. With `CI` set, that is a failure. */
export function missingTools(): string | undefined {
  if (existsSync(join(tools, 'vite'))) return undefined
  const reason = 'no examples/node_modules: npm ci --prefix examples --ignore-scripts'
  if (process.env['CI']) throw new Error(`these tests need what the examples use: ${reason}`)
  console.warn(`SKIPPED: examples: ${reason}`)
  return reason
}

/** A user's environment: variables that indicate a test run would change the build. */
export function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:VITE|NODE_ENV$|NODE_OPTIONS$|TEST$)/.test(name))
  return { ...Object.fromEntries(kept), NO_COLOR: '1', ...more }
}

/** A copy of the examples that a test may change. */
export interface Copy {
  readonly folder: string
  remove(): Promise<void>
}

export async function copyExamples(): Promise<Copy> {
  const copy = await mkdtemp(join(tmpdir(), 'statewire-examples-'))
  for (const name of await readdir(folder)) {
    if (name !== 'node_modules') await cp(join(folder, name), join(copy, name), { recursive: true })
  }
  await symlink(tools, join(copy, 'node_modules'))
  return { folder: copy, remove: () => rm(copy, { recursive: true, force: true }) }
}

/** Runs Vite to completion. */
export async function vite(at: string, args: readonly string[], server: string): Promise<void> {
  await run(process.execPath, [join(tools, 'vite/bin/vite.js'), ...args], {
    cwd: at,
    env: environment({ VITE_SERVER: server }),
  })
}

/** A process that prints something and must be ended. */
export class Running implements AsyncDisposable {
  readonly process: ChildProcess
  readonly #exit: Promise<unknown[]>
  #output = ''

  constructor(command: string, args: readonly string[], options: { cwd: string; env?: NodeJS.ProcessEnv }) {
    // A process group of its own: npm, its shell and their children end together.
    this.process = spawn(command, args, {
      cwd: options.cwd,
      env: environment(options.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })
    this.#exit = once(this.process, 'exit')
    const hear = (chunk: Buffer): void => void (this.#output += chunk.toString())
    this.process.stdout!.on('data', hear)
    this.process.stderr!.on('data', hear)
  }

  get output(): string {
    return this.#output
  }

  /** The first matching output, past or future. */
  async says(pattern: RegExp, within = 30_000): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(within)
    for (;;) {
      const found = pattern.exec(this.#output)
      if (found !== null) return found
      const more = once(this.process.stdout!, 'data', { signal: deadline })
      await Promise.race([more, this.#exit]).catch(() => {
        throw new Error(`nothing like ${pattern} within ${within} ms in:\n${this.#output}`)
      })
      if (this.process.exitCode !== null && !pattern.test(this.#output)) {
        throw new Error(`it ended with ${this.process.exitCode} and without ${pattern}:\n${this.#output}`)
      }
    }
  }

  /** Waits for it to exit by itself; returns the exit code. */
  async ended(): Promise<number | null> {
    const [code] = (await this.#exit) as [number | null]
    return code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) process.kill(-this.process.pid!, 'SIGTERM')
    await this.#exit
  }
}

/** The dev server of one example, and the URL of its page. */
export async function develop(at: string, example: Example, server: string): Promise<{ dev: Running; url: string }> {
  const args = [join(tools, 'vite/bin/vite.js'), example, '--host', '127.0.0.1', '--port', '0']
  const dev = new Running(process.execPath, args, { cwd: at, env: { VITE_SERVER: server } })
  const [, url = ''] = await dev.says(/Local:\s+(http:\S+)/)
  return { dev, url }
}

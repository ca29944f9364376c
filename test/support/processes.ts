// Child processes of tests. Each is a process group of its own and ends, with its children, when what started it is over:
// a test (`end-processes.ts`), or the process that runs the tests, however that ends.
import * as child from 'node:child_process'
import { once } from 'node:events'

interface Started {
  readonly owner: unknown
  /** A group to kill, or a command that ends what has left its group. */
  readonly order: { readonly group: number } | { readonly command: readonly string[] }
  readonly gone: () => Promise<unknown> | undefined
}

const started = new Map<number, Started>()
let lastId = 0
let ownerNow = (): unknown => undefined

/** Says what owns a process that is started now: a test, or `undefined` for all that lasts longer. */
export function ownedBy(owner: () => unknown): void {
  ownerNow = owner
}

/** Ends all that this owner started, and resolves when it is gone. */
export async function endProcesses(owner?: unknown): Promise<void> {
  const ours = [...started].filter(([, each]) => each.owner === owner)
  for (const [id, each] of ours) {
    end(each.order)
    started.delete(id)
    tellWarden({ id })
  }
  await Promise.all(ours.map(([, { gone }]) => gone()))
}

function end(order: Started['order']): void {
  if ('command' in order) {
    const [command = '', ...args] = order.command
    child.spawnSync(command, args, { stdio: 'ignore' })
    return
  }
  try {
    process.kill(-order.group, 'SIGKILL')
  } catch {
    // All of the group has exited.
  }
}

/** Ends the rest when this process is gone, even if it was killed. Reads lines of JSON until its stdin closes. */
const wardenCode = `
const { spawnSync } = require('node:child_process')
const orders = new Map()
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, order } = JSON.parse(line)
  if (order) orders.set(id, order)
  else orders.delete(id)
}).on('close', () => {
  for (const { group, command } of orders.values()) {
    if (command) spawnSync(command[0], command.slice(1), { stdio: 'ignore' })
    else try { process.kill(-group, 'SIGKILL') } catch {}
  }
})`

let warden: child.ChildProcess | undefined

function tellWarden(line: { readonly id: number; readonly order?: Started['order'] }): void {
  if (warden === undefined) {
    const options: child.SpawnOptions = { stdio: ['pipe', 'ignore', 'ignore'], detached: true }
    warden = child.spawn(process.execPath, ['-e', wardenCode], options)
    warden.unref()
    const input = warden.stdin as unknown as { unref(): void; on(type: 'error', listener: () => void): void }
    input.unref()
    input.on('error', () => {})
  }
  warden.stdin!.write(`${JSON.stringify(line)}\n`)
}

function register(order: Started['order'], gone: Started['gone']): void {
  const id = ++lastId
  started.set(id, { owner: ownerNow(), order, gone })
  tellWarden({ id, order })
}

function registered<C extends child.ChildProcess>(process: C): C {
  if (process.pid !== undefined) {
    const isGone = (): boolean => process.exitCode !== null || process.signalCode !== null
    register({ group: process.pid }, () => (isGone() ? undefined : once(process, 'exit')))
  }
  return process
}

/** Runs this command at the end, for a process that leaves its group, as a daemon does. */
export function endBy(command: readonly string[]): void {
  register({ command }, () => undefined)
}

/** As Node's. */
export const spawn = ((command: string, args: readonly string[], options: child.SpawnOptions = {}) =>
  registered(child.spawn(command, args, { ...options, detached: true }))) as typeof child.spawn

/** As Node's. */
export const fork = (script: string, args: readonly string[] = [], options: child.ForkOptions = {}) =>
  registered(child.fork(script, args, { ...options, detached: true }))

export interface Output {
  readonly stdout: string
  readonly stderr: string
}

export interface Ending extends Output {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export type RunOptions = Pick<child.SpawnOptions, 'cwd' | 'env'> & {
  /** Kills it after so many milliseconds. */
  readonly timeout?: number
  /** All of its stdin. */
  readonly input?: string
}

/** Runs a command to its end, whatever its exit code. */
export function ending(command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Ending> {
  const { timeout, input, ...rest } = options
  return new Promise((resolve, reject) => {
    const process = spawn(command, args, { ...rest, stdio: 'pipe' })
    if (input !== undefined) process.stdin.end(input)
    const output = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      process[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text))
    const limit = timeout && setTimeout(() => end({ group: process.pid! }), timeout)
    process.on('error', reject)
    process.on('close', (code, signal) => {
      if (limit) clearTimeout(limit)
      resolve({ ...output, code, signal })
    })
  })
}

/** As Node's `execFile`, promisified: rejects with an error that has the `Ending` if the exit code is not 0. */
export async function run(command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Output> {
  const ended = await ending(command, args, options)
  if (ended.code === 0) return ended
  throw Object.assign(new Error(`Command failed: ${[command, ...args].join(' ')}\n${ended.stderr}`), ended)
}

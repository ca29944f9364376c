// nginx and haproxy as child processes in the foreground, on a loopback port, each with a folder of its own.
import { spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { listen } from '../support/peers.js'
import { afterwards, until } from '../support/room.js'
import { haproxy, nginx, type Place, type Route } from './configurations.js'
import { spawn } from '../../support/processes.js'

export interface Kind {
  readonly name: 'nginx' | 'haproxy'
  readonly program: string
  readonly configuration: (route: Route, place: Place) => string
  readonly command: (folder: string) => readonly string[]
}

const kinds: readonly Kind[] = [
  {
    name: 'nginx',
    program: process.env['NGINX'] ?? '/usr/sbin/nginx',
    configuration: nginx,
    // Before it has read its configuration it would write to the system service's log.
    command: (folder) => ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx')],
  },
  {
    name: 'haproxy',
    program: process.env['HAPROXY'] ?? '/usr/sbin/haproxy',
    configuration: haproxy,
    command: (folder) => ['-db', '-q', '-f', join(folder, 'haproxy')],
  },
]

function lack({ program }: Kind): string | undefined {
  if (process.platform !== 'linux') return 'not Linux'
  const { status, stderr, error } = spawnSync(program, ['-v'], { encoding: 'utf8' })
  return status === 0 ? undefined : `no ${program} (${error?.message ?? stderr.trim()})`
}

/**
 * Describes the behavior behind each proxy. Without `CI`, a missing proxy is skipped by name; with it, that is a
 * failure.
 */
export function behindEach(body: (kind: Kind) => void, ...names: readonly Kind['name'][]): void {
  for (const kind of kinds.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const missing = lack(kind)
    if (missing !== undefined && process.env['CI']) throw new Error(`the tests behind ${kind.name} need it: ${missing}`)
    if (missing !== undefined) console.warn(`SKIPPED: faults behind ${kind.name}: ${missing}`)
    describe.skipIf(missing !== undefined)(`behind ${kind.name}`, () => {
      body(kind)
    })
  }
}

/** Of util-linux. */
const SETPRIV = 'setpriv'
/** With it the kernel ends a proxy whose test run was killed before it could do so. */
const tether = [SETPRIV, '--pdeathsig', 'TERM']
const tethers = spawnSync(SETPRIV, ['--pdeathsig', 'TERM', 'true']).status === 0

export class Proxy {
  readonly #kind: Kind
  readonly #folder: string
  readonly #port: number
  readonly #children = new Set<ChildProcess>()
  #child: ChildProcess | undefined
  #generation = 0
  /** Their stderr: nginx also reports each link it cuts on purpose. */
  #complaints = ''

  private constructor(kind: Kind, port: number) {
    this.#kind = kind
    this.#port = port
    this.#folder = mkdtempSync(join(tmpdir(), `statewire-${kind.name}-`))
  }

  /** Runs until the test is over. */
  static async start(kind: Kind, route: Route): Promise<Proxy> {
    const proxy = new Proxy(kind, await freePort())
    afterwards(() => proxy.#dispose())
    await proxy.startAgain(route)
    return proxy
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`
  }

  /** Counts the configurations, from 1. */
  get generation(): number {
    return this.#generation
  }

  /** The processes that carry links; the newest one last. */
  get #carriers(): readonly number[] {
    const pid = this.#child!.pid!
    if (this.#kind.name === 'haproxy') return [pid]
    return read(`/proc/${pid}/task/${pid}/children`).match(/\d+/g)?.map(Number) ?? []
  }

  async startAgain(route: Route): Promise<void> {
    this.#configure(route)
    this.#spawn()
    await this.#serves()
  }

  /** Cuts all its links and closes its port. */
  async stop(): Promise<void> {
    const child = this.#child!
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
  }

  /**
   * New links go to a new process; existing ones live on in the old one. Returns a function that ends the old one and
   * resolves when it is gone.
   */
  async reload(route: Route): Promise<() => Promise<void>> {
    const old = this.#carriers
    this.#configure(route)
    if (this.#kind.name === 'nginx') this.#child!.kill('SIGHUP')
    else this.#spawn('-sf', ...old.map(String))
    await this.#serves()
    // For a moment both accept.
    await until(() => expect(this.#accepting(old)).toBe(false))
    return async () => {
      for (const pid of old) signal(pid, 'SIGTERM')
      await until(() => expect(old.filter((pid) => signal(pid, 0))).toEqual([]))
    }
  }

  /** Whether one of these still accepts new links, though there are newer ones. */
  #accepting(old: readonly number[]): boolean {
    if (this.#kind.name === 'nginx') {
      // Its workers share one listening socket, but each reports when it has closed it.
      return old.some((pid) => signal(pid, 0) && !read(`/proc/${pid}/cmdline`).includes('shutting down'))
    }
    const port = this.#port.toString(16).toUpperCase().padStart(4, '0')
    const listening = read('/proc/self/net/tcp').match(new RegExp(`^ *\\d+: \\w+:${port} 0+:0+ 0A `, 'gm'))
    return listening?.length !== 1
  }

  /** The kernel still acknowledges and accepts for it; nothing else happens. */
  async freeze(): Promise<void> {
    const pids = this.#carriers
    for (const pid of pids) signal(pid, 'SIGSTOP')
    await until(() => expect(pids.filter((pid) => !/\) T /.test(read(`/proc/${pid}/stat`)))).toEqual([]))
  }

  thaw(): void {
    for (const pid of this.#carriers) signal(pid, 'SIGCONT')
  }

  #configure(route: Route): void {
    this.#generation += 1
    const place = { folder: this.#folder, port: this.#port, generation: this.#generation }
    writeFileSync(join(this.#folder, this.#kind.name), this.#kind.configuration(route, place))
  }

  #spawn(...more: string[]): void {
    const command = [this.#kind.program, ...this.#kind.command(this.#folder), ...more]
    const [program = '', ...args] = tethers ? [...tether, ...command] : command
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr.on('data', (chunk: Buffer) => (this.#complaints += chunk.toString()))
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    this.#child = child
  }

  /** Waits until the newest configuration answers. */
  async #serves(): Promise<void> {
    await until(async () => {
      const told = await answer(`http://127.0.0.1:${this.#port}/generation`).catch(String)
      if (told === `${this.#generation}`) return
      throw new Error(`${this.#kind.name} ${this.#generation} does not answer, but ${told}\n${this.#complaints}`)
    })
  }

  async #dispose(): Promise<void> {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) this.thaw()
    await Promise.all(
      [...this.#children].map(async (child) => {
        const gone = once(child, 'exit')
        child.kill('SIGTERM')
        await gone
      }),
    )
    rmSync(this.#folder, { recursive: true })
  }
}

/** A kernel file; empty once its process is gone. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** Sends the signal and returns whether the process exists. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

function answer(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // On a new connection: a kept-alive one would lead to the previous process.
    const request = get(url, { agent: false, timeout: 1_000 }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve(body.trim()))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', reject)
  })
}

/** A port that had no listener a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

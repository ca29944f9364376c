// Redis and NATS for tests: on loopback, with a free port and a directory of their own.
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { spawn } from './processes.js'

export type ServerName = 'redis-server' | 'nats-server'

/** Debian puts servers where the path of a user doesn't lead. */
export function find(name: ServerName): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/bin']
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export interface RunningServer {
  readonly port: number
  readonly pid: number
  /** `SIGTERM` unless told otherwise. Resolves when the process has exited. Its directory stays until `remove`. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again, with the same port and directory. */
  start(): Promise<void>
  /** Stops it, and removes its directory. */
  remove(): Promise<void>
}

async function run(
  name: ServerName,
  makeArgs: (port: number, folder: string) => readonly string[],
  isReady: (port: number) => Promise<boolean>,
): Promise<RunningServer> {
  const command = find(name)
  if (command === undefined) throw new Error(`${name} is not installed`)
  const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), `statewire-${name}-`))]
  let child: ReturnType<typeof spawn> | undefined
  const server = {
    port,
    get pid() {
      return child!.pid!
    },
    async start() {
      const started = spawn(command, makeArgs(port, folder), { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder })
      child = started
      let output = ''
      for (const stream of [started.stdout, started.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4_000)))
      for (const until = Date.now() + 15_000; ;) {
        if (await isReady(port)) return
        if (started.exitCode !== null || Date.now() > until) throw new Error(`${name} did not start:\n${output}`)
        await delay(20)
      }
    },
    async stop(signal: NodeJS.Signals = 'SIGTERM') {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      child.kill(signal)
      await once(child, 'exit')
    },
    async remove() {
      await server.stop('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

/** What a server answers first to a line, or when it is connected. */
async function answer(port: number, line: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  try {
    return await new Promise<string>((resolve, reject) => {
      socket.on('error', reject)
      socket.once('data', (data) => resolve(data.toString()))
      socket.setTimeout(1_000, () => reject(new Error('no answer')))
      if (line) socket.write(line)
    })
  } catch {
    return ''
  } finally {
    socket.destroy()
  }
}

/** Without persistence unless the settings say otherwise, each as `['appendonly', 'yes']`. */
export function startRedis(...settings: readonly (readonly string[])[]): Promise<RunningServer> {
  return run(
    'redis-server',
    (port, folder) => {
      const all = [
        ['port', String(port)],
        ['bind', '127.0.0.1'],
        ['dir', folder],
        ['save', ''],
      ]
      // A replica begins to copy at once.
      all.push(['repl-diskless-sync-delay', '0'], ...settings.map((each) => [...each]))
      return all.flatMap(([name = '', ...values]) => [`--${name}`, ...values])
    },
    async (port) => (await answer(port, 'PING\r\n')).startsWith('+PONG'),
  )
}

/** With JetStream. `cluster`: its name, the port for routes, and the ports of all. */
export function startNats(cluster?: { name: string; routes: number; all: readonly number[] }): Promise<RunningServer> {
  return run(
    'nats-server',
    (port, folder) => {
      const own = ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder]
      if (cluster === undefined) return own
      const { name, routes, all } = cluster
      const others = all.map((each) => `nats://127.0.0.1:${each}`).join(',')
      const route = ['-cluster', `nats://127.0.0.1:${routes}`, '-cluster_name', name, '-routes', others]
      return [...own, '-n', `${name}-${routes}`, ...route]
    },
    async (port) => (await answer(port, '')).startsWith('INFO'),
  )
}

/** A TCP proxy in front of a server, which can be cut. */
export interface Cutter {
  readonly port: number
  /** `reset`: connections end, and new ones are refused. `silent`: nothing passes, in either direction, and nothing ends. */
  cut(how: 'reset' | 'silent'): void
  /** Lets new connections pass. Those that were cut stay so. */
  restore(): void
  close(): Promise<void>
}

export async function startCutter(target: number): Promise<Cutter> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let state: 'open' | 'reset' | 'silent' = 'open'
  const server = createServer((near) => {
    near.on('error', () => {})
    if (state === 'reset') return void near.resetAndDestroy()
    if (state === 'silent') return
    const far = connect(target, '127.0.0.1')
    const pair = [near, far] as const
    pairs.add(pair)
    far.on('error', () => {})
    near.pipe(far)
    far.pipe(near)
    const end = (): void => {
      pairs.delete(pair)
      near.destroy()
      far.destroy()
    }
    near.on('close', end)
    far.on('close', end)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut(how) {
      state = how
      for (const [near, far] of pairs) {
        if (how === 'reset') near.resetAndDestroy()
        else {
          near.unpipe(far)
          far.unpipe(near)
          near.pause()
          far.pause()
        }
      }
    },
    restore() {
      state = 'open'
    },
    async close() {
      for (const pair of pairs) for (const socket of pair) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

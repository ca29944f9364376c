// Real message brokers on loopback: child processes in the foreground with their own folder and ports, and one in this process.
import { spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import { describe } from 'vitest'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { freePort } from '../../../faults/proxies/proxy.js'
import { afterwards, pause, until } from '../../../faults/support/room.js'
import { spawn } from '../../../support/processes.js'

export interface Broker {
  readonly url: string
  /** Suspends the process, whose links stay open; `thaw` resumes it. Only for a broker in its own process. */
  freeze?(): void
  thaw?(): void
}

export interface BrokerKind {
  readonly name: string
  readonly missing: string | undefined
  /** Runs until the test is over. */
  start(): Promise<Broker>
}

function lack(program: string): string | undefined {
  // Both print something and exit, whatever their exit code is.
  const { error } = spawnSync(program, ['-h'], { encoding: 'utf8' })
  return error === undefined ? undefined : `no ${program} (${error.message})`
}

/** A broker with a configuration file. It listens for WebSockets on one port, and for its own protocol over TCP on another. */
function program(
  name: string,
  path: string,
  configure: (ports: { readonly plain: number; readonly web: number }) => string,
): BrokerKind {
  return {
    name,
    missing: lack(path),
    async start() {
      const folder = mkdtempSync(join(tmpdir(), `statewire-${name}-`))
      const ports = { plain: await freePort(), web: await freePort() }
      const file = join(folder, 'configuration')
      writeFileSync(file, configure(ports))
      const child = spawn(path, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] })
      let complaints = ''
      child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
      afterwards(async () => {
        await stop(child)
        rmSync(folder, { recursive: true })
      })
      await until(async () => {
        if (child.exitCode !== null) throw new Error(`${name} exited with ${child.exitCode}: ${complaints}`)
        await accepts(ports.web)
      })
      return {
        url: `ws://127.0.0.1:${ports.web}`,
        freeze: () => void child.kill('SIGSTOP'),
        thaw: () => void child.kill('SIGCONT'),
      }
    },
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGCONT')
  child.kill('SIGTERM')
  // A broker that waits for its clients to leave is not waited for.
  await Promise.race([gone, pause(2_000)])
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await gone
}

async function accepts(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
  } finally {
    socket.destroy()
  }
}

/** Joins several messages to a client in one frame. Pings its clients every second. */
export const natsServer = program(
  'nats-server',
  process.env['NATS_SERVER'] ?? '/usr/sbin/nats-server',
  ({ plain, web }) => `
    host: 127.0.0.1
    port: ${plain}
    ping_interval: "1s"
    ping_max: 1000
    websocket { host: 127.0.0.1, port: ${web}, no_tls: true }
  `,
)

export const mosquitto = program(
  'mosquitto',
  process.env['MOSQUITTO'] ?? '/usr/sbin/mosquitto',
  ({ plain, web }) => `
per_listener_settings false
allow_anonymous true
persistence false
max_queued_messages 0
log_type error
listener ${plain} 127.0.0.1
listener ${web} 127.0.0.1
protocol websockets
`,
)

/** Splits each packet over several frames. */
export const aedes: BrokerKind = {
  name: 'aedes',
  missing: undefined,
  async start() {
    const broker = await Aedes.createBroker({ queueLimit: 100_000 })
    const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    await once(sockets, 'listening')
    sockets.on('connection', (socket, request) => {
      const stream = createWebSocketStream(socket)
      // The client disconnected in the middle of a write.
      stream.on('error', () => {})
      broker.handle(stream, request)
    })
    afterwards(async () => {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      await new Promise<void>((resolve) => broker.close(resolve))
    })
    return { url: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}` }
  },
}

/** Describes the tests with a broker. If the broker is missing, they are skipped by name, or fail when `CI` is set. */
export function withBroker(kind: BrokerKind, body: () => void): void {
  const { name, missing } = kind
  if (missing !== undefined && process.env['CI']) throw new Error(`the tests with ${name} need it: ${missing}`)
  if (missing !== undefined) console.warn(`SKIPPED: tests with ${name}: ${missing}`)
  describe.skipIf(missing !== undefined)(`with ${name}`, () => {
    body()
  })
}

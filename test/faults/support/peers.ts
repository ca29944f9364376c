import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect as dial, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { spawn } from '../../support/processes.js'
import { afterwards } from './room.js'

const root = join(import.meta.dirname, '../../..')

const echo = `
import { WebSocketServer } from 'ws'
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[1] ?? 0) }, () => {
  console.log(server.address().port)
})
server.on('connection', (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })))
`

/** An echo server in a process of its own, which can be killed and stopped. */
export interface Peer {
  readonly url: string
  readonly port: number
  readonly process: ChildProcess
}

export async function spawnPeer(port = 0): Promise<Peer> {
  const child = runNode(echo, `${port}`)
  const [line] = (await once(child.stdout!, 'data')) as [Buffer]
  return { url: `ws://127.0.0.1:${Number(line)}`, port: Number(line), process: child }
}

/** A Node process that runs this module; ended with the test. */
export function runNode(code: string, ...args: string[]): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  afterwards(() => child.kill('SIGKILL'))
  return child
}

const threaded = `
const { workerData, parentPort } = require('node:worker_threads')
const { WebSocketServer } = require(workerData.ws)
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () => parentPort.postMessage(server.address().port))
server.on('connection', (socket) => {
  socket.on('ping', () => Atomics.add(workerData.answers, 0, 1))
  socket.on('message', (data, binary) => {
    socket.send(data, { binary })
    Atomics.add(workerData.answers, 0, 1)
  })
})
`

/** A server in a thread of its own: it answers while the test's loop is blocked, and the test can verify that. */
export async function threadedPeer(): Promise<{ readonly url: string; readonly answers: () => number }> {
  const answers = new Int32Array(new SharedArrayBuffer(4))
  const ws = createRequire(import.meta.url).resolve('ws')
  const worker = new Worker(threaded, { eval: true, workerData: { answers, ws } })
  afterwards(() => worker.terminate())
  const [port] = (await once(worker, 'message')) as [number]
  return { url: `ws://127.0.0.1:${port}`, answers: () => Atomics.load(answers, 0) }
}

/** A raw TCP server. Returns its port. */
export async function rawServer(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    onSocket(socket)
  })
  afterwards(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return listen(server)
}

/** A TCP proxy. `change` sees data sent to the server; `idle` cuts a link that is idle for this long. */
export function proxy(
  port: number,
  { change = (bytes) => bytes, idle }: { change?: (bytes: Buffer) => Buffer; idle?: number },
): Promise<number> {
  return rawServer((near) => {
    const far = dial(port, '127.0.0.1')
    const drop = (): void => {
      near.destroy()
      far.destroy()
    }
    far.on('error', drop)
    far.on('close', drop)
    near.on('close', drop)
    near.on('data', (bytes: Buffer) => far.write(change(bytes)))
    far.on('data', (bytes: Buffer) => near.write(bytes))
    if (idle !== undefined) near.setTimeout(idle, drop)
  })
}

export async function listen(server: Pick<Server, 'listen' | 'address'>): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

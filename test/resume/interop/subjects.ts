import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { WebSocketServer } from 'ws'
import { sessionServer, type SessionServer } from '../../../src/server/index.js'
import { ending, spawn } from '../../support/processes.js'

// Servers of the protocol that run the same app: it echoes each message. `fail` makes its handler throw, and `wait 50` makes it wait first.

export interface SubjectOptions {
  /** How long a session lives without a link. Milliseconds. */
  readonly ttl?: number
}

/** A running server. */
export interface Subject extends AsyncDisposable {
  readonly url: string
  /** Ends it at once and starts it again at the same URL. It remembers nothing. */
  restart(): Promise<void>
  /** Ends it in order: it tells its clients how far it came. */
  stop(): Promise<void>
}

/** An implementation. */
export interface Implementation {
  readonly name: string
  /** Why it can't run here, if it can't. */
  lacking(): Promise<string | undefined>
  start(options?: SubjectOptions): Promise<Subject>
}

/** What the servers accept as `auth`, and whose it is. */
export const tokens: Readonly<Record<string, string>> = { 'alice-secret': 'alice', 'bob-secret': 'bob' }

const sleep = (delay: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, delay))

async function startNode(port: number, { ttl = 120_000 }: SubjectOptions): Promise<[WebSocketServer, SessionServer]> {
  const server = new WebSocketServer({ port, host: '127.0.0.1', maxPayload: 1_048_576 + 16 })
  await once(server, 'listening')
  const sessions = sessionServer({
    server,
    ttl,
    authenticate: ({ auth }) => {
      const principal = typeof auth === 'string' ? tokens[auth] : undefined
      return principal === undefined ? undefined : { principal }
    },
  })
  // The handlers fail because the client asked for it.
  sessions.on('error', () => {})
  sessions.on('session', (session) => {
    session.on('message', async (message) => {
      if (message === 'fail') throw new Error('the client asked for it')
      if (typeof message === 'string' && message.startsWith('wait ')) await sleep(Number(message.slice(5)))
      // Away or not, the store has it then.
      await session.send(message).catch(() => {})
    })
  })
  return [server, sessions]
}

export const nodeServer: Implementation = {
  name: 'sessionServer',
  lacking: async () => undefined,
  async start(options = {}) {
    let [server, sessions] = await startNode(0, options)
    const { port } = server.address() as AddressInfo
    const kill = async (): Promise<void> => {
      server.clients.forEach((socket) => socket.terminate())
      await new Promise((resolve) => void server.close(resolve))
      await sessions.close()
    }
    return {
      url: `ws://127.0.0.1:${port}`,
      async restart() {
        await kill()
        ;[server, sessions] = await startNode(port, options)
      },
      async stop() {
        await sessions.drain({ within: 0 })
        await kill()
      },
      [Symbol.asyncDispose]: kill,
    }
  },
}

/** Debian's, which has the package `python3-websockets`. */
const python = '/usr/bin/python3'
const script = join(import.meta.dirname, '../../../examples/python-server/server.py')

export const pythonServer: Implementation = {
  name: 'examples/python-server',
  async lacking() {
    if (!existsSync(python)) return `there is no ${python}`
    // Those with `websockets.legacy`.
    const test = 'import websockets as w; raise SystemExit(int(w.__version__.split(".")[0]) not in range(10, 16))'
    const { code } = await ending(python, ['-c', test])
    return code === 0 ? undefined : `${python} has no websockets 10 to 15: apt-get install python3-websockets`
  },
  async start({ ttl = 120_000 } = {}) {
    const accepted = Object.entries(tokens).flatMap(([secret, principal]) => ['--token', `${secret}=${principal}`])
    const run = async (at: string): Promise<{ child: ReturnType<typeof spawn>; url: string }> => {
      const args = ['-B', script, '--port', at, '--ttl', String(ttl), ...accepted]
      const child = spawn(python, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      const lines = createInterface({ input: child.stdout })
      const [url] = (await Promise.race([
        once(lines, 'line'),
        once(child, 'exit').then(() => Promise.reject(new Error('the server in Python has exited'))),
      ])) as [string]
      return { child, url }
    }
    const first = await run('0')
    const { url } = first
    let { child } = first
    const end = async (signal: NodeJS.Signals): Promise<void> => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill(signal)
      await gone
    }
    return {
      url,
      async restart() {
        await end('SIGKILL')
        ;({ child } = await run(new URL(url).port))
      },
      stop: () => end('SIGTERM'),
      [Symbol.asyncDispose]: () => end('SIGKILL'),
    }
  },
}

export const implementations: readonly Implementation[] = [nodeServer, pythonServer]

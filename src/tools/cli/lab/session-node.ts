import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { WebSocketServer } from 'ws'
import {
  sessionServer,
  type OpenStore,
  type Session,
  type SessionServer,
  type SessionStore,
} from '../../../server/index.js'
import type { Effects } from './effects.js'

interface Running {
  readonly server: WebSocketServer
  readonly sessions: SessionServer
  readonly life: { isUp: boolean }
  /** Takes it out of the store, without a word to its sessions. */
  readonly leave: () => Promise<void>
}

/**
 * One node with sessions. `kill` does to it what the end of its process would: its sockets break without a close frame, what it has in
 * memory is dropped, and it disappears from the store without letting go of its sessions.
 */
export class SessionNode {
  readonly name: string
  readonly #store: SessionStore
  readonly #effects: Effects
  #running: Running | undefined
  #port = 0
  /** How often it was started. A store never sees the same node twice. */
  #starts = 0

  constructor(name: string, store: SessionStore, effects: Effects) {
    this.name = name
    this.#store = store
    this.#effects = effects
  }

  get isUp(): boolean {
    return this.#running !== undefined
  }

  /** Its address, which stays the same. */
  get url(): string {
    return `ws://127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    if (this.#running !== undefined) return
    // Loaded here, because the command checks for it first and says what to install.
    const ws = await import('ws')
    const server = new ws.WebSocketServer({ port: this.#port, host: '127.0.0.1' })
    await once(server, 'listening')
    this.#port = (server.address() as AddressInfo).port
    let opened: OpenStore | undefined
    const life = { isUp: true }
    const store: SessionStore = { open: async (...given) => (opened = await this.#store.open(...given)) }
    const sessions = sessionServer({
      server,
      store,
      node: `${this.name}${++this.#starts}`,
      // The lab's clients have no accounts: each names itself.
      authenticate: ({ auth }) => (typeof auth === 'string' ? { principal: auth } : undefined),
      processed: (id) => this.#effects.processed(id),
    })
    sessions.on('session', (session) => this.#handle(session, life))
    // After a kill, what still runs here can't reach the store.
    sessions.on('error', () => {})
    this.#running = { server, sessions, life, leave: async () => opened?.close() }
  }

  async kill(): Promise<void> {
    const running = this.#running
    if (running === undefined) return
    this.#running = undefined
    const { server, sessions, life, leave } = running
    life.isUp = false
    // First: from here on, nothing of it reaches the other node.
    await leave()
    for (const socket of server.clients) socket.terminate()
    await new Promise((resolve) => void server.close(resolve))
    // Stops its timers.
    await sessions.close()
  }

  #handle(session: Session, life: { readonly isUp: boolean }): void {
    session.on('message', async (message, { number }) => {
      const text = String(message)
      // The key makes the answer one message, even if a node is killed before the effect is stored.
      const handled = this.#effects.handledBy(session.principal)
      await session.send(`${text} ${handled + 1}`, { key: `answer ${number}` })
      // One step, like a transaction: the effect, and the number of the message.
      if (life.isUp) this.#effects.apply(session.id, session.principal, number)
    })
  }
}

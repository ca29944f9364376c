import {
  createConnection,
  fixedBackoff,
  silentEnvironment,
  type Connection,
  type ConnectionOptions,
} from '../../../src/index.js'
import { resumable, type Continuity, type ResumeOptions, type ResumeSession } from '../../../src/resume/index.js'
import { memoryStore, type SessionServerOptions, type SessionStore } from '../../../src/server/index.js'
import type { SocketSink, Target } from '../../../src/core/transport.js'
import { settle, TestClock } from '../../../src/tools/testing/browser.js'
import { request } from '../../server/fake-socket.js'
import { TestNode } from '../../server/cluster.js'
import { VirtualLink } from './virtual-link.js'

export interface WorldOptions {
  readonly nodes?: number
  /** The store counts as shared by processes, so a node that drains gives its sessions back. @default false */
  readonly shared?: boolean
  readonly random?: () => number
  readonly session?: ResumeOptions
  readonly connection?: ConnectionOptions<string, string>
  readonly server?: Partial<SessionServerOptions>
  /** The effect and its number are stored in one transaction, so that a node that dies repeats nothing. @default true */
  readonly transactions?: boolean
  /** How long a handler takes. Milliseconds. */
  readonly handling?: () => number
}

interface Running {
  readonly node: TestNode
  alive: boolean
  /** The load balancer has taken it out. */
  draining?: true
}

/** The real client and real session servers, over a virtual network, on a test clock. */
export class World {
  readonly clock = new TestClock()
  /** The effects of the client's messages, in order. */
  readonly effects: string[] = []
  /** What the app has sent; for tests that keep it here. */
  readonly sent: string[] = []
  /** Messages to the client that the store took, of `sendNext`. */
  readonly stored: string[] = []
  /** What the client has received. */
  readonly received: string[] = []
  readonly continuity: Continuity<string>[] = []
  readonly errors: string[] = []
  readonly links: VirtualLink[] = []
  readonly session: ResumeSession<string>
  readonly connection: Connection<string, string>
  readonly nodes: Running[] = []
  /** Called for each attempt's link, before it opens. */
  onLink: ((link: VirtualLink) => void) | undefined
  readonly #options: WorldOptions
  readonly #random: () => number
  readonly #store: SessionStore
  /** How far each session came, in the app's own database. */
  readonly #processed = new Map<string, number>()
  #names = 0
  #series = 0

  constructor(options: WorldOptions = {}) {
    this.#options = options
    this.#random = options.random ?? (() => 0)
    const memory = memoryStore({ clock: this.clock })
    const { shared } = options
    this.#store = {
      open: async (...given) =>
        shared === true ? Object.assign(await memory.open(...given), { shared }) : memory.open(...given),
    }
    for (let index = 0; index < (options.nodes ?? 1); index++) this.start()
    this.session = resumable<string>({
      heartbeat: { interval: 400, timeout: 200 },
      ack: { delay: 50 },
      ...options.session,
    })
    this.session.on('continuity', (event) => this.continuity.push(event))
    this.connection = createConnection('ws://server.test', {
      features: [this.session],
      transport: {
        connect: (target: Target, sink: SocketSink) => this.#dial(new VirtualLink(this.clock, target, sink)),
      },
      clock: this.clock,
      environment: silentEnvironment,
      backoff: fixedBackoff(20),
      random: this.#random,
      connectTimeout: 1_500,
      closeTimeout: 5_000,
      ...options.connection,
    } as never) as never
    this.connection.on('message', (message) => this.received.push(message))
    this.connection.on('error', ({ code }) => this.errors.push(code))
  }

  get link(): VirtualLink {
    return this.links.at(-1)!
  }

  get alive(): readonly Running[] {
    return this.nodes.filter(({ alive }) => alive)
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)]!
  }

  /** Starts a node. */
  start(): Running {
    const { transactions = true, handling = () => 0, server } = this.#options
    const node = new TestNode({
      ack: { delay: 20 },
      idle: 1_500,
      handover: 2_000,
      helloTimeout: 1_000,
      ...(transactions && { processed: (id: string) => this.#processed.get(id) ?? 0 }),
      ...(server as object),
      clock: this.clock,
      store: this.#store,
      node: `node${++this.#names}`,
    })
    const running: Running = { node, alive: true }
    node.server.on('session', (session) => {
      session.on('message', async (message, { number }) => {
        const duration = handling()
        if (duration > 0) await new Promise<void>((resolve) => void this.clock.setTimeout(resolve, duration))
        // A process that is gone has no effects.
        if (!running.alive) return new Promise(() => {})
        this.effects.push(message as string)
        this.#processed.set(session.id, number)
        return undefined
      })
    })
    this.nodes.push(running)
    return running
  }

  /** The process of a node is gone: no handler, timer or socket of it does anything more. */
  async kill(running: Running): Promise<void> {
    running.alive = false
    await running.node.kill()
    for (const link of this.links) if (this.#nodeOf.get(link) === running) link.reset()
  }

  async advance(time: number): Promise<void> {
    await this.clock.advance(time)
    await settle()
  }

  /** Sends from a node that is alive. Resolves to whether the store took it. */
  async send(message: string): Promise<boolean> {
    try {
      await this.pick(this.alive).node.server.send(this.session.id, message)
      return true
    } catch {
      return false
    }
  }

  /** Sends the next message of a series. */
  async sendNext(): Promise<void> {
    const message = `s${++this.#series}`
    if (await this.send(message)) this.stored.push(message)
  }

  nodeOf(link: VirtualLink): Running {
    return this.#nodeOf.get(link)!
  }

  /** Drains the node of a link. New links go to the others. */
  drainOf(link: VirtualLink, within: number): void {
    const running = this.nodeOf(link)
    running.draining = true
    void running.node.server.drain({ within })
  }

  async killOf(link: VirtualLink): Promise<void> {
    await this.kill(this.nodeOf(link))
    this.start()
  }

  /** Lets everything finish on a network without faults. */
  async finish(): Promise<void> {
    this.onLink = undefined
    for (const link of this.links) link.heal()
    for (let time = 0; time < 400; time++) {
      if (this.connection.state === 'open' && this.session.unacknowledged.messages === 0 && time > 40) return
      await this.advance(50)
    }
  }

  async close(): Promise<void> {
    const closed = this.connection.close()
    await this.advance(10_000)
    await closed
    const servers = Promise.all(this.nodes.map(({ node }) => node.server.close()))
    await this.advance(10_000)
    await servers
  }

  readonly #nodeOf = new Map<VirtualLink, Running>()

  #dial(link: VirtualLink): VirtualLink {
    const running = this.pick(this.alive.filter(({ draining }) => draining !== true))
    this.links.push(link)
    this.#nodeOf.set(link, running)
    this.onLink?.(link)
    this.clock.setTimeout(() => {
      if (!running.alive) return link.refuse()
      if (link.over) return
      running.node.server.accept(link.server.asSocket, request)
      link.open()
    }, 1)
    return link
  }
}

import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { WebSocket, WebSocketServer } from 'ws'
import { bag, duration, isFunction, oneOf } from '../core/checks.js'
import { makeError, type ConnectionError } from '../core/errors.js'
import { Listeners } from '../core/listeners.js'
import { protocolName, type Hello } from '../resume/protocol.js'
import { Admission } from './admission.js'
import { drainNode, sleep, whenClosed } from './draining.js'
import { SocketLink, type LinkOwner } from './link.js'
import { ServerNode } from './node.js'
import { serverSettings } from './options.js'
import { Registry } from './registry.js'
import { appendMessage, encodeMessage } from './sending.js'
import type { Session, SessionSendOptions, SessionServer, SessionServerOptions, Topic } from './server.types.js'
import { memoryStore } from './stores/memory.js'
import type { OpenStore, Payload, StoreEvents } from './stores/store.js'
import { selectProtocol } from './subprotocols.js'
import { checkTopic, TopicHub } from './topics.js'

/** How often deadlines are checked, at most. Milliseconds. */
const checkEvery = 1_000

interface Events {
  session: { session: Session; context: { resumed: boolean } }
  plain: { socket: WebSocket; request: IncomingMessage }
}

class Sessions implements SessionServer<unknown, unknown> {
  readonly #node: ServerNode
  readonly #sessions: Registry
  readonly #topics: TopicHub
  readonly #admission: Admission
  readonly #links = new Set<SocketLink>()
  readonly #ready: Promise<void>
  readonly #listeners: { readonly [K in keyof Events]: Listeners<Events[K]> }
  readonly #linkOwner: LinkOwner = {
    greeted: (link, hello) => void this.#greet(link, hello),
    ended: (link) => this.#ended(link),
  }
  readonly #connected = (socket: WebSocket, request: IncomingMessage): void => this.accept(socket, request)
  /** Sockets without a session. */
  #strangers = 0
  #draining = false
  #closed: Promise<void> | undefined
  #timer: unknown
  /** Checks in a row at which the node had no lease. */
  #unleased = 0

  constructor(options: unknown) {
    const settings = serverSettings(options)
    const node = new ServerNode(settings, settings.node ?? randomBytes(8).toString('base64url').replace(/^-/, '_'))
    this.#node = node
    this.#sessions = new Registry(node.limits)
    this.#topics = new TopicHub(node)
    this.#admission = new Admission(node, this.#sessions, this.#topics, (session, resumed) =>
      this.#listeners.session.emit({ session: session as Session, context: { resumed } }),
    )
    const listeners = <K extends keyof Events>(type: K): Listeners<Events[K]> =>
      new Listeners((thrown) =>
        node.report(makeError('ERR_LISTENER', 'failed', [`a '${type}' listener`], { cause: thrown })),
      )
    this.#listeners = { session: listeners('session'), plain: listeners('plain') }
    this.#ready = this.#open()
    this.#ready.catch(() => {})
    const { server } = settings
    if (server !== undefined) this.#serve(server)
    this.#check()
  }

  get node(): string {
    return this.#node.name
  }

  get size(): number {
    return this.#sessions.size
  }

  get(id: string): Session<unknown, unknown> | undefined {
    return this.#sessions.get(id)
  }

  on(type: string, listener: (...given: never[]) => unknown): () => void {
    oneOf('on', type, ['session', 'plain', 'error'])
    isFunction(`on('${type}')`, listener)
    const call = listener as (...given: unknown[]) => unknown
    if (type === 'error') return this.#node.errors.add((error: ConnectionError) => call(error))
    if (type === 'plain') return this.#listeners.plain.add(({ socket, request }) => call(socket, request))
    return this.#listeners.session.add(({ session, context }) => call(session, context))
  }

  accept(socket: WebSocket, request: IncomingMessage): void {
    const { protocol } = socket
    if (protocol !== protocolName && !protocol.startsWith(`${protocolName}.`)) return this.#plain(socket, request)
    const link = new SocketLink(this.#node, socket, request, this.#linkOwner)
    this.#links.add(link)
    this.#strangers++
    if (this.#draining || this.#closed !== undefined) return link.close(1012, 'draining, retry-after=100ms')
    if (this.#strangers > this.#node.settings.limits.unauthenticated) {
      this.#node.metric({ type: 'refused', code: 1013 })
      link.close(1013, 'too many sockets without a session')
    }
  }

  async send(id: string, message: unknown, options?: SessionSendOptions): Promise<number> {
    await this.#mustBeOpen('send()')
    const session = this.#sessions.get(id)
    if (session !== undefined && !session.fenced) return session.send(message, options)
    return appendMessage(this.#node, id, message, options)
  }

  topic(name: string): Topic<unknown> {
    checkTopic(name)
    return {
      publish: async (message, options = {}) => {
        const { key } = bag<{ key?: string }>('publish', options, ['key'])
        const data = encodeMessage(this.#node, message)
        await this.#mustBeOpen('publish()')
        return this.#topics.publish(name, data, key)
      },
    }
  }

  async drain(options: { readonly within: number }): Promise<void> {
    const { within } = bag<{ within: number }>('drain', options, ['within'])
    duration('drain.within', within)
    await this.#mustBeOpen('drain()')
    this.#draining = true
    const { server } = this.#node.settings
    if (server !== undefined) refuseUpgrades(server)
    await drainNode(this.#node, this.#sessions, this.#links, within)
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #open(): Promise<void> {
    const { settings, name } = this.#node
    const [sessions, topics] = [this.#sessions, this.#topics]
    const { store = memoryStore({ clock: settings.clock }), ttl, tombstone, outbox, topics: topic } = settings
    const events: StoreEvents = {
      letGo: (request) => void this.#admission.letGo(request),
      appended: (id) => sessions.get(id)?.outbox.catchUp(),
      ended: (id, reason) => sessions.get(id)?.endedElsewhere(reason),
      reconnected: () => {
        for (const session of sessions.all()) session.catchUp()
        topics.readAll()
      },
      published: (name) => topics.published(name),
    }
    try {
      this.#node.store = await store.open({ name, ttl, tombstone, outbox, topic }, events)
    } catch (cause) {
      const error = makeError('ERR_STORE', 'store-unreachable', [], { cause })
      this.#node.report(error)
      throw error
    }
  }

  async #mustBeOpen(call: string): Promise<void> {
    if (this.#closed !== undefined) throw makeError('ERR_SESSION_ENDED', 'server-ended', [call])
    await this.#ready
  }

  #serve(server: WebSocketServer): void {
    // `ws` has null for none.
    const own = server.options.handleProtocols ?? undefined
    server.options.handleProtocols = (offered, request) => selectProtocol(offered, request, own)
    server.on('connection', this.#connected)
  }

  async #greet(link: SocketLink, hello: Hello): Promise<void> {
    try {
      await this.#ready
    } catch {
      // Reported when it failed.
      return link.close(1013, 'the store failed')
    }
    if (this.#draining || this.#closed !== undefined) return link.close(1012, 'draining, retry-after=100ms')
    await this.#admission.greet(link, hello)
    if (link.session !== undefined) this.#strangers--
  }

  #ended(link: SocketLink): void {
    this.#links.delete(link)
    if (link.session === undefined) this.#strangers--
    else link.session.unlinked(link)
  }

  #plain(socket: WebSocket, request: IncomingMessage): void {
    if (this.#listeners.plain.size > 0) return this.#listeners.plain.emit({ socket, request })
    socket.on('error', () => {})
    socket.close(1002, `the subprotocol must be ${protocolName}`)
  }

  #check(): void {
    const { clock, settings, limits } = this.#node
    const { idle, ttl } = settings
    this.#timer = this.#node.later(
      () => {
        const now = clock.now()
        const isCutOff = this.#isCutOff()
        for (const session of this.#sessions.all()) {
          // Nothing would be acknowledged here: the client may find a node that reaches the store.
          if (isCutOff) session.detach(1013, 'the store failed')
          session.check(now)
        }
        limits.prune()
        this.#check()
      },
      Math.min(checkEvery, idle / 4, ttl / 4),
    )
  }

  /** Whether the node has had no lease at two checks in a row. */
  #isCutOff(): boolean {
    const store = this.#node.store as OpenStore | undefined
    this.#unleased = store?.leased() === false ? this.#unleased + 1 : 0
    return this.#unleased > 1
  }

  async #close(): Promise<void> {
    const { clock, settings } = this.#node
    const links = [...this.#links]
    clock.clearTimeout(this.#timer)
    settings.server?.off('connection', this.#connected)
    await this.#ready.catch(() => {})
    const leaving = Promise.all(
      this.#sessions.all().map((session) => session.release('moved', '', { code: 1012, reason: 'retry-after=100ms' })),
    )
    // A handler that doesn't finish must not keep the node: another one takes the session once this one has left the store.
    await Promise.race([leaving, sleep(clock, settings.handover)])
    for (const link of this.#links) link.close(1012, 'retry-after=100ms')
    await (this.#node.store as OpenStore | undefined)?.close()
    await whenClosed(clock, links)
  }
}

/** New clients go to another node at once. */
function refuseUpgrades(server: WebSocketServer): void {
  server.options.verifyClient = (_info, answer) => answer(false, 503, 'draining', { 'Retry-After': '1' })
}

/**
 * Serves sessions over the sockets of a `ws` server: delivery that survives links, and with a shared store, this process.
 *
 * Opens the store at once; hellos wait for it. If it can't be opened, that is an `error` event, and clients are told to try again later.
 * @throws ConnectionError `ERR_OPTION` for an invalid option.
 */
export function sessionServer<In = Payload, Out = Payload, Data = unknown>(
  options: SessionServerOptions<In, Out, Data>,
): SessionServer<In, Out, Data> {
  return new Sessions(options) as unknown as SessionServer<In, Out, Data>
}

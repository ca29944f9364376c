import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket as WsWebSocket } from 'ws'
import {
  ConnectionError,
  createConnection,
  protocolPing,
  webSocketTransport,
  type CloseEvent,
  type Connection,
} from '../../../src/index.js'
import { createFaultServer, faults, type FaultServer } from '../../../src/tools/testing/index.js'
import { wsTransport } from '../../../src/transports/ws.js'
import { fail, hostile, hostileBatch, hostileOptions, Mine, rejected } from './hostile.js'
import { MessageLog } from './message-log.js'
import { isCall, type Act, type Plan, type Scene, type Step } from './plan.js'
import { TestEnvironment } from './environment.js'

const types = ['open', 'message', 'close', 'backoff', 'state', 'heartbeat', 'drain', 'dropped', 'error'] as const
/** How long abandoned resources may take to disappear. Generous: the machine may be busy. Milliseconds. */
const patience = 20_000

/** Makes the same calls over real sockets, to a server with random faults on the wire. */
export class RealRun {
  readonly breaches: string[] = []
  readonly #server: FaultServer
  readonly #environment = new TestEnvironment()
  readonly #signal = new AbortController()
  readonly #messages = new MessageLog((what) => this.#breach(what))
  readonly #connection: Connection
  readonly #received = new Map<number, number>()
  readonly #pending = new Set<Promise<unknown>>()
  readonly #later: Step[] = []
  #moods: ('throw' | 'reject')[] = []
  #patience = 40
  #uncertain = 0
  #accepted = 0
  #reported = 0

  static async start(scene: Scene): Promise<RealRun> {
    const arrived: { message?: (text: string | Buffer) => void } = {}
    const server = await createFaultServer({
      logFrames: false,
      logLimit: 50,
      onMessage: (message) => arrived.message?.(message),
    })
    const run = new RealRun(scene, server)
    arrived.message = (message) => run.#arrived(message)
    return run
  }

  private constructor(scene: Scene, server: FaultServer) {
    this.#server = server
    this.#connection = createConnection(server.url, {
      transport:
        scene[0]! % 2 ? wsTransport() : webSocketTransport({ WebSocket: scene[0]! % 4 ? undefined : WsWebSocket }),
      environment: this.#environment,
      signal: this.#signal.signal,
      backoff: () => 5 + (scene[1]! % 20),
      random: () => 0.01,
      heartbeat: protocolPing({ interval: 60, timeout: 80 }),
      connectTimeout: 300,
      closeTimeout: 100,
      stableAfter: 30,
      queue: { messages: 50, overflow: (['reject', 'drop-oldest', 'drop-newest'] as const)[scene[2]! % 3] },
      autoOpen: scene[3]! % 3 < 2,
    })
    for (const type of types) {
      this.#connection.on(type, (event: unknown) => {
        if (type === 'dropped') this.#dropped(event as { data: unknown; reason: string })
        if (type === 'close') this.#closed(event as CloseEvent)
        if (type === 'error' && (event as ConnectionError).code === 'ERR_INTERNAL')
          this.#breach(`a defect: ${String(event)}`)
        return this.#event(type)
      })
    }
  }

  async play({ steps }: Plan): Promise<void> {
    for (const step of steps) {
      this.#take(step)
      if (step.act === 'serve') await sleep(20)
      if (!step.hurried) await sleep(step.n % 12)
    }
    await this.#finish()
  }

  #arrived(message: string | Buffer): void {
    const id = this.#messages.idOf(message)
    if (id === undefined) return
    this.#received.set(id, (this.#received.get(id) ?? 0) + 1)
  }

  #dropped({ data, reason }: { data: unknown; reason: string }): void {
    if (reason === 'unread') return
    this.#reported++
    this.#messages.settle(data, 'dropped')
  }

  #closed({ uncertain, willRetry }: CloseEvent): void {
    this.#uncertain += uncertain.messages
    if (willRetry !== this.#connection.status.willRetry) this.#breach('a close event says what does not hold')
  }

  #command(): void {
    const step = this.#later.shift()
    if (step !== undefined && this.#patience-- > 0) this.#take({ ...step, inside: false })
  }

  #event(type: string): unknown {
    this.#command()
    const mood = type === 'error' ? undefined : this.#moods.shift()
    if (mood === 'throw') fail()
    return mood === 'reject' ? rejected() : undefined
  }

  #take(step: Step): void {
    if (step.inside && isCall(step.act)) {
      this.#later.push(step)
      return
    }
    try {
      const returned = this.#do(step.act, step.n)
      if (returned !== undefined) this.#track(returned)
    } catch (thrown) {
      this.#check(step.act, thrown)
    }
  }

  #check(what: string, thrown: unknown): void {
    if (!(thrown instanceof Mine) && !(thrown instanceof ConnectionError))
      this.#breach(`${what} threw ${String(thrown)}`)
  }

  #track(promise: Promise<unknown>): void {
    this.#pending.add(promise)
    promise
      .catch((reason: unknown) => this.#check('a promise', reason))
      .finally(() => this.#pending.delete(promise))
      .catch(() => {})
  }

  #send(n: number): void {
    const { id, data } = this.#messages.make(n)
    this.#messages.offer(id)
    try {
      this.#connection.send(data, n % 4 ? undefined : { ttl: n % 50 })
      this.#accepted++
    } catch (thrown) {
      this.#messages.refused(id)
      throw thrown
    }
  }

  #do(act: Act, n: number): Promise<unknown> | undefined {
    const connection = this.#connection
    const server = this.#server
    switch (act) {
      case 'open':
        return void connection.open()
      case 'close':
        return connection.close()
      case 'closeBad':
        return connection.close(hostile(n))
      case 'reconnect':
        return void connection.reconnect()
      case 'send':
      case 'sendOptions':
      case 'write':
        return void this.#send(n)
      case 'sendMany':
        for (let at = 0; at < n % 30; at++) this.#send(n + at)
        return undefined
      case 'sendBad':
        return void connection.send(hostile(n))
      case 'sendManyBad':
        return void connection.sendMany(hostileBatch(n, () => this.#command()))
      case 'withdraw':
        for (const message of connection.withdraw()) {
          this.#reported++
          this.#messages.settle(message, 'withdrawn')
        }
        return undefined
      case 'opened':
        return connection.opened()
      case 'drained':
        return connection.drained()
      case 'ended':
        return connection.ended()
      case 'waitBad':
        return connection.drained(hostileOptions(n))
      case 'messages': {
        const reader = connection.messages({ overflow: 'drop-newest', limit: 3 })
        return reader.next().then(() => reader.return!())
      }
      case 'read':
        return connection.readable.locked ? undefined : void connection.readable.cancel()
      case 'on':
        return void connection.on(types[n % types.length]!, () => this.#event('more'), { once: true })
      case 'markHealthy':
        return void connection.markHealthy()
      case 'binaryType':
        return void (connection.binaryType = n % 2 ? 'blob' : 'arraybuffer')
      case 'misbehave':
        return void this.#moods.push(n % 2 ? 'throw' : 'reject')
      case 'abort':
        return void (n % 16 === 0 && this.#signal.abort())
      case 'say':
        for (const link of server.links) link.send('hello')
        return undefined
      case 'refuse':
        return void server.use({
          fault: [faults.http(503), faults.reset(), faults.hang(), faults.badAccept()][n % 4]!,
          times: 1,
        })
      case 'end':
        if (n % 4 === 0) server.cut()
        else if (n % 4 === 1) server.reset()
        else for (const link of server.links) link.close([1000, 1001, 1012][n % 3])
        return undefined
      case 'late':
        return void server.swallow((['both', 'in', 'out'] as const)[n % 3])
      case 'accept':
        return void server.heal()
      case 'environment':
        return void this.#environment.emit((['online', 'offline', 'visible', 'woke'] as const)[n % 4]!)
      default:
        return undefined
    }
  }

  async #finish(): Promise<void> {
    this.#later.length = 0
    this.#moods = []
    this.#patience = 0
    const connection = this.#connection
    this.#server.heal()
    await connection.close()
    const until = performance.now() + patience
    const over = (): boolean => this.#server.links.length === 0 && this.#pending.size === 0
    while (!over() && performance.now() < until) await sleep(5)
    if (this.#server.links.length > 0) this.#breach(`${this.#server.links.length} sockets are left`)
    if (this.#pending.size > 0) this.#breach(`${this.#pending.size} promises are not settled`)
    if (connection.state !== 'ended' || connection.counters.queued > 0)
      this.#breach(`${connection.state}, and messages wait`)
    if (this.#environment.listeners > 0) this.#breach('listeners of the environment are left')
    if (getEventListeners(this.#signal.signal, 'abort').length > 0) this.#breach('listeners of the signal are left')
    const twice = [...this.#received].filter(([, times]) => times > 1)
    if (twice.length > 0) this.#breach(`arrived twice: ${twice.map(([id]) => id).join(', ')}`)
    for (const [id] of this.#received) {
      const fate = this.#messages.fateOf(id)
      if (fate === 'waits') this.#messages.arrived(id)
      else this.#breach(`message ${id} arrived, and was ${fate}`)
    }
    const lost = this.#accepted - this.#reported - this.#received.size
    if (lost > this.#uncertain) this.#breach(`${lost} messages were lost, and ${this.#uncertain} reported as uncertain`)
    await this.#server.close()
  }

  get messages(): MessageLog {
    return this.#messages
  }

  #breach(what: string): void {
    this.breaches.push(what)
  }
}

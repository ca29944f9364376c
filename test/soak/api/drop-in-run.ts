import { getEventListeners, setMaxListeners } from 'node:events'
import { protocolPing, textHeartbeat, type SendData, type EnvironmentSignal } from '../../../src/index.js'
import { settle, TestClock } from '../../../src/tools/testing/index.js'
import {
  ReconnectingWebSocket,
  type ReconnectingCloseEvent,
  type ReconnectingErrorEvent,
  type ReconnectingWebSocketOptions,
} from '../../../src/websocket/index.js'
import { FakeServer, type Line } from './fake-server.js'
import { fail, hostile, hostileOptions, Mine, rejected } from './hostile.js'
import { MessageLog } from './message-log.js'
import { isCall, type Act, type Plan, type Scene, type Step } from './plan.js'
import { TestEnvironment } from './environment.js'

const types = ['open', 'message', 'error', 'close'] as const
const signals: readonly EnvironmentSignal[] = ['online', 'offline', 'visible', 'bfcached', 'restored', 'resume', 'woke']
/** Exceptions the standard allows. */
const exceptions = ['InvalidStateError', 'InvalidAccessError', 'SyntaxError']
const patience = 60
const server = 'ws://server.test/'

/** Calls the drop-in class at random, under the platform's rules about exceptions. */
export class DropInRun {
  readonly breaches: string[] = []
  readonly #clock = new TestClock()
  readonly #environment = new TestEnvironment()
  readonly #server: FakeServer
  readonly #messages = new MessageLog((what) => this.#breach(what))
  readonly #signal = new AbortController()
  readonly #ws: ReconnectingWebSocket
  readonly #queue: boolean
  readonly #listeners: ((event: Event) => unknown)[] = []
  readonly #later: Step[] = []
  #moods: ('throw' | 'reject')[] = []
  #patience = patience
  /** Messages reported as lost by `error` events. */
  #lost = 0
  /** Messages that are not in the log. */
  #foreign = 0
  /** The last close event announced no further attempt, and nothing was called since. */
  #isOver = false
  #n = 0

  constructor(scene: Scene) {
    setMaxListeners(0, this.#signal.signal)
    this.#server = new FakeServer(
      { ping: scene[0]! % 3 < 2, pause: scene[1]! % 2 < 1 },
      (data, line) => this.#written(data, line),
      (what) => this.#breach(what),
    )
    this.#queue = scene[2]! % 4 < 3
    const options: ReconnectingWebSocketOptions = {
      clock: this.#clock,
      environment: this.#environment,
      transport: this.#server,
      random: () => (scene[5]! % 97) / 97,
      signal: this.#signal.signal,
      queue: this.#queue,
      heartbeat: [protocolPing({ interval: 2_000, timeout: 500 }), textHeartbeat({ ping: 'ping', pong: 'pong' })][
        scene[4]! % 2
      ],
      maxRetries: [Infinity, 0, 1, 3][scene[6]! % 4],
      maxEnqueuedMessages: [Infinity, 0, 1, 5][scene[7]! % 4],
      minReconnectionDelay: scene[8]! % 2 ? 100 : undefined,
      minUptime: scene[8]! % 3 ? 1_000 : undefined,
      connectionTimeout: scene[9]! % 2 ? 3_000 : undefined,
      startClosed: scene[9]! % 5 === 4,
      closeTimeout: 1_000,
      debug: scene[10]! % 2 > 0,
      debugLogger: scene[10]! % 4 > 1 ? fail : () => {},
      shouldReconnectOnClose: [undefined, fail, () => hostile(scene[11]!), () => this.#event() ?? true][scene[11]! % 4],
    }
    const kind = scene[3]! % 12
    const protocols = [() => rejected(), () => hostile(scene[4]!), () => ['v1']][kind] ?? ['v1']
    const url = [() => (this.#n++ % 3 ? server : fail()), () => server][scene[5]! % 6] ?? server
    this.#ws = new ReconnectingWebSocket(url, protocols, options)
    for (const type of types) this.#ws.addEventListener(type, (event) => this.#watch(type, event))
    // The class's own, besides the listeners.
    Object.assign(this.#ws, { onclose: () => this.#event(), onerror: () => this.#event() })
  }

  async play({ steps }: Plan): Promise<void> {
    for (const step of steps) {
      if (step.act === 'serve') await this.#serve()
      else this.#take(step)
      this.#look()
      if (!step.hurried) await settle()
    }
    await this.#finish()
  }

  #watch(type: (typeof types)[number], event: Event): void {
    if (type === 'open' && this.#isOver) this.#breach('open, after a close that nothing follows')
    if (type === 'error') this.#failed(event as ReconnectingErrorEvent)
    if (type === 'close') this.#compare(event as ReconnectingCloseEvent)
    if (event.target !== this.#ws) this.#breach(`the target of ${type} is another object`)
  }

  /** What an event says about the future must still hold when the listener runs. */
  #compare({ willReconnect, retryDelay }: ReconnectingCloseEvent): void {
    const { status } = this.#ws.connection
    const delay = 'delay' in status ? status.delay : status.willRetry ? 0 : undefined
    if (willReconnect !== status.willRetry || retryDelay !== delay) {
      this.#breach(`close says ${willReconnect}, ${retryDelay} ms, while ${status.state}, ${delay} ms`)
    }
    this.#isOver = !willReconnect
  }

  #failed({ message, error }: ReconnectingErrorEvent): void {
    const { code } = (error ?? {}) as { code?: string }
    const [, count] = /^(a|\d+) messages? \(\d+ are queued already\)/.exec(message) ?? []
    if (code === 'ERR_QUEUE_FULL') this.#lost += count === 'a' ? 1 : Number(count)
    else if (code === 'ERR_DATA' || message.startsWith('a queued message was dropped')) this.#lost++
    else if (code === 'ERR_INTERNAL') this.#breach(`a defect: ${message}`)
  }

  #event(): unknown {
    const step = this.#later.shift()
    if (step !== undefined && this.#patience-- > 0) this.#take({ ...step, inside: false })
    const mood = this.#moods.shift()
    if (mood === 'throw') fail()
    return mood === 'reject' ? rejected() : undefined
  }

  #written(data: SendData, line: Line): boolean {
    const id = this.#messages.idOf(data)
    if (id === undefined) return false
    this.#messages.settle(data, 'sent')
    if (line !== this.#server.line) this.#breach(`message ${id} went out on a socket that was over`)
    return true
  }

  #take(step: Step): void {
    if (step.inside && isCall(step.act)) {
      this.#later.push(step)
      return
    }
    try {
      this.#do(step.act, step.n)
    } catch (thrown) {
      const { name } = thrown as Error
      const isConversion = thrown instanceof TypeError && step.act.endsWith('Bad')
      const isOfStandard = exceptions.includes(name) || thrown instanceof Mine || isConversion
      // From `new`, which has options, and from `reconnect` after the signal was aborted.
      const isOfOurs = ['ERR_ENDED', 'ERR_OPTION'].includes((thrown as { code?: string }).code ?? '')
      if (!isOfStandard && !isOfOurs)
        this.#breach(`${step.act} threw ${String(thrown)} ${(thrown as Error | undefined)?.stack}`)
    }
  }

  #send(n: number): void {
    const ws = this.#ws
    const { id, data } = this.#messages.make(n)
    const { state, readyState } = ws.connection
    this.#messages.offer(id)
    const isDiscarded = state === 'closing' || state === 'ended' || (!this.#queue && readyState !== 1)
    try {
      const result: unknown = ws.send(data)
      if (result !== undefined) this.#breach('send() returned something')
    } catch (thrown) {
      this.#messages.refused(id)
      throw thrown
    }
    // The standard only counts it.
    if (isDiscarded) this.#messages.settle(data, 'dropped')
  }

  #do(act: Act, n: number): void {
    const ws = this.#ws
    const server = this.#server
    const type = types[n % types.length]!
    switch (act) {
      case 'open':
      case 'reconnect':
        this.#isOver = false
        return ws.reconnect(...([[], [3_000, 'again']][n % 2] as []))
      case 'reconnectBad':
        this.#isOver = false
        return ws.reconnect(hostile(n), hostile(n >> 4))
      case 'close':
        return ws.close(...([[], [1000], [4000 + (n % 999), 'bye']][n % 3] as []))
      case 'closeBad':
        return ws.close(hostile(n), hostile(n >> 4))
      case 'send':
      case 'sendOptions':
      case 'write':
        return this.#send(n)
      case 'sendMany':
        for (let at = 0; at < n % 6; at++) this.#send(n + at)
        return undefined
      case 'sendBad':
      case 'sendManyBad':
      case 'writeBad':
        // In the standard nearly any value becomes text, and so a message.
        this.#foreign++
        return ws.send(hostile(n))
      case 'withdraw':
        return ws.drainQueuedMessages().forEach((message) => this.#messages.settle(message, 'withdrawn'))
      case 'on':
      case 'subscribe': {
        const listener = (): unknown => this.#event()
        this.#listeners.push(listener)
        return ws.addEventListener(type, n % 3 ? listener : { handleEvent: listener }, {
          once: n % 2 > 0,
          capture: n % 5 > 0,
        })
      }
      case 'off': {
        const listener = this.#listeners[n % this.#listeners.length]
        return listener && ws.removeEventListener(type, listener, { capture: n % 5 > 0 })
      }
      case 'onBad':
        if (n % 4 === 0) return ws.dispatchEvent(hostile(n)) as never
        return n % 2
          ? ws.addEventListener(hostile(n), hostile(n >> 4), hostile(n >> 8))
          : ws.addEventListener(type, hostile(n >> 4), hostileOptions(n >> 8))
      case 'inspect':
        return void (ws[(['onopen', 'onmessage', 'onerror', 'onclose'] as const)[n % 4]!] =
          n % 3 ? () => this.#event() : hostile(n))
      case 'look':
        return void ws.dispatchEvent(new Event(n % 2 ? 'mine' : 'message'))
      case 'binaryType':
      case 'binaryTypeBad':
        return void (ws.binaryType = n % 3 ? 'arraybuffer' : hostile(n))
      case 'misbehave':
        return void this.#moods.push(n % 2 ? 'throw' : 'reject')
      case 'abort':
        return n % 8 === 0 ? this.#signal.abort() : undefined
      case 'accept':
        return server.line?.socket.accept()
      case 'refuse':
      case 'refuseForGood':
        if (server.line?.socket.open === false) server.line.socket.refuse(n % 3 ? {} : { status: 426, fatal: true })
        return undefined
      case 'end':
      case 'endForGood':
        return server.line?.socket.end({ code: [1000, 1001, 1006, 1009, 4000][n % 5]! })
      case 'say':
      case 'sayGarbage':
        return server.speak((socket) => socket.message(n % 2 ? 'text' : new ArrayBuffer(n % 9)))
      case 'pong':
      case 'ping':
        return server.speak((socket) => (n % 2 ? socket.pong() : socket.message('pong')))
      case 'balk':
        if (server.line !== undefined) server.line.balks = true
        return undefined
      case 'environment':
        return this.#environment.emit(signals[n % signals.length]!)
      case 'pass':
        return this.#clock.advanceSync(n % 500)
      case 'passLong':
        return this.#clock.advanceSync(n % 40_000)
      case 'block':
        return this.#clock.block(n % 5_000)
      case 'sleep':
        return this.#clock.sleep(n % 100_000)
      default:
        // Calls the class does not have.
        return undefined
    }
  }

  async #serve(): Promise<void> {
    await settle()
    this.#server.line?.socket.accept()
    await settle()
  }

  #look(): void {
    const ws = this.#ws
    const all = [ws.url, ws.protocol, ws.extensions, ws.binaryType, ws.readyState, ws.shouldReconnect]
    if (all.includes(undefined as never)) this.#breach('something cannot be read')
    if (!(ws.bufferedAmount >= 0) || !(ws.retryCount >= 0))
      this.#breach(`${ws.bufferedAmount} bytes, ${ws.retryCount} retries`)
  }

  async #finish(): Promise<void> {
    const ws = this.#ws
    this.#later.length = 0
    this.#moods = []
    this.#patience = 0
    await settle()
    ws.close()
    await this.#clock.advance(60_000)
    if (ws.readyState !== 3) this.#breach(`close() led to readyState ${ws.readyState}`)
    for (const message of ws.drainQueuedMessages()) this.#messages.settle(message, 'withdrawn')
    await settle()
    const { waiting } = this.#messages
    if (this.#lost < waiting || this.#lost > waiting + this.#foreign)
      this.#breach(`${waiting} messages did not go out, and ${this.#lost} were reported as lost`)
    if (this.#clock.pending > 0) this.#breach(`${this.#clock.pending} timers are left`)
    if (this.#environment.listeners > 0)
      this.#breach(`${this.#environment.listeners} listeners of the environment are left`)
    if (this.#server.alive > 0) this.#breach(`${this.#server.alive} sockets are left`)
    const held = getEventListeners(this.#signal.signal, 'abort').length
    if (held > 0) this.#breach(`${held} listeners of the signal are left`)
  }

  get messages(): MessageLog {
    return this.#messages
  }

  #breach(what: string): void {
    this.breaches.push(what)
  }
}

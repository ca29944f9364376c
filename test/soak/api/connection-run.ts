import { getEventListeners, setMaxListeners } from 'node:events'
import {
  ConnectionError,
  createConnection,
  noHeartbeat,
  protocolPing,
  serverPing,
  textHeartbeat,
  type CloseEvent,
  type Connection,
  type ConnectionEventMap,
  type ConnectionOptions,
  type ConnectionStatus,
  type SendData,
  type ErrorCode,
  type Heartbeat,
  type EnvironmentSignal,
} from '../../../src/index.js'
import { settle, TestClock } from '../../../src/tools/testing/index.js'
import { FakeServer, type Line } from './fake-server.js'
import { fail, hostile, hostileBatch, hostileOptions, Mine, rejected } from './hostile.js'
import { MessageLog } from './message-log.js'
import type { Mutant } from './mutants.js'
import { isCall, type Act, type Plan, type Scene, type Step } from './plan.js'
import { TestEnvironment } from './environment.js'

type Message = SendData | { readonly text: string }
type Type = keyof ConnectionEventMap<unknown, unknown>

const types = ['open', 'message', 'close', 'backoff', 'state', 'heartbeat', 'drain', 'dropped', 'error'] as const
const signals: readonly EnvironmentSignal[] = [
  'online',
  'offline',
  'visible',
  'hidden',
  'bfcached',
  'restored',
  'freeze',
  'resume',
  'woke',
].filter((signal) => signal !== 'hidden' && signal !== 'freeze') as EnvironmentSignal[]
const codes = [1000, 1001, 1005, 1006, 1011, 1012, 1013, 4000, 4401]
const lastCodes = [1002, 1003, 1007, 1009, 1010]

/** Errors that a call may throw or reject with, whatever the arguments. */
const refusals: readonly ErrorCode[] = [
  'ERR_OPTION',
  'ERR_CLOSE_ARGUMENT',
  'ERR_DATA',
  'ERR_ENCODE',
  'ERR_ENDED',
  'ERR_QUEUE_FULL',
]

/** Listeners stop calling back after this many calls; otherwise two that trigger each other would never end. */
const patience = 60

/** Calls a connection at random, with a server, a network, a page and a clock that act at random. */
export class ConnectionRun {
  readonly breaches: string[] = []
  readonly #clock = new TestClock()
  readonly #environment = new TestEnvironment()
  readonly #server: FakeServer
  readonly #messages = new MessageLog((what) => this.#breach(what))
  readonly #signal = new AbortController()
  readonly #waits = new AbortController()
  readonly #connection: Connection<unknown, Message>
  readonly #hasCodec: boolean
  readonly #offs: (() => void)[] = []
  readonly #iterators: AsyncIterableIterator<unknown>[] = []
  readonly #readers: ReadableStreamDefaultReader<unknown>[] = []
  #writer: WritableStreamDefaultWriter<Message> | undefined
  readonly #pending = new Set<string>()
  #promises = 0
  /** Calls the next listeners make. */
  readonly #later: Step[] = []
  #patience = patience
  #moods: ('throw' | 'reject')[] = []
  readonly #questions: { resolve: (url: never) => void; reject: (reason: unknown) => void }[] = []
  readonly #hooks: { resolve: () => void; reject: (reason: unknown) => void }[] = []
  readonly #mutant: Mutant | undefined
  #first: CloseEvent | undefined

  constructor(scene: Scene, mutant?: Mutant) {
    this.#mutant = mutant
    setMaxListeners(0, this.#signal.signal, this.#waits.signal)
    this.#server = new FakeServer(
      { ping: scene[0]! % 3 < 2, pause: scene[1]! % 2 < 1 },
      (data, line) => this.#written(data, line),
      (what) => this.#breach(what),
    )
    this.#hasCodec = scene[2]! % 3 === 2
    this.#connection = createConnection<unknown, Message>(this.#url(scene), this.#options(scene))
    for (const type of types) this.#listen(type)
    this.#offs.push(this.#connection.subscribe((status) => this.#compare('state', status)))
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

  get messages(): MessageLog {
    return this.#messages
  }

  // Setup.

  #url(scene: Scene): string | (() => never) {
    const kind = scene[3]! % 9
    if (kind > 4 || kind < 2) return 'ws://server.test/'
    return () => {
      if (kind === 2) return new Promise((resolve, reject) => this.#questions.push({ resolve, reject })) as never
      const n = this.#promises++
      if (n % 3 === 1) return kind === 3 ? fail() : (rejected() as never)
      if (n % 3 === 2) return hostile(n + scene[3]!)
      return 'ws://server.test/' as never
    }
  }

  #heartbeat(scene: Scene): Heartbeat {
    const n = scene[4]! % 7
    const timing = { interval: 2_000 + scene[4]!, timeout: 500 + scene[4]! }
    if (n === 6) return noHeartbeat()
    if (n === 0) return protocolPing(timing)
    if (n === 2) return protocolPing({ ...timing, proof: 'pong', when: 'always' })
    if (n === 3) return textHeartbeat({ ...timing, ping: 'ping', pong: 'pong' })
    if (n === 4) return serverPing({ ...timing, ping: 'server ping', answer: 'server pong' })
    if (n === 5)
      return textHeartbeat({
        ...timing,
        ping: () => (this.#promises++ % 3 === 0 ? fail() : 'ping'),
        pong: () => fail(),
      })
    return serverPing({
      ...timing,
      ping: (frame) => frame === 'server ping' || fail(),
      answer: () => hostile(scene[4]!),
    })
  }

  #options(scene: Scene): ConnectionOptions<unknown, Message> {
    const pick = (at: number, of: number): number => scene[at]! % of
    const policy = pick(5, 6)
    return {
      clock: this.#clock,
      environment: this.#environment,
      transport: this.#server,
      random: policy === 5 ? () => hostile(scene[5]!) : () => (scene[5]! % 97) / 97,
      heartbeat: this.#heartbeat(scene),
      signal: this.#signal.signal,
      autoOpen: pick(6, 4) < 3,
      unref: pick(6, 3) > 0,
      queue: {
        messages: [1_000, 0, 1, 3][pick(7, 4)],
        bytes: [1 << 20, 0, 30, 1_000][pick(8, 4)],
        overflow: (['reject', 'drop-oldest', 'drop-newest'] as const)[pick(9, 3)],
      },
      highWaterMark: pick(10, 2) > 0 ? 50 : undefined,
      connectTimeout: pick(11, 2) > 0 ? 3_000 : undefined,
      closeTimeout: 1_000,
      stableAfter: pick(11, 3) > 0 ? 2_000 : Infinity,
      ...(policy === 1 && { retry: fail, backoff: fail }),
      ...(policy === 2 && { retry: () => hostile(scene[5]!), backoff: () => hostile(scene[6]!) }),
      ...(policy === 3 && { retry: () => this.#call(undefined), backoff: () => (this.#call(undefined), 100) }),
      ...(policy === 4 && { retry: ({ attempt }: { attempt: number }) => attempt < 3, backoff: rejected as never }),
      ...(pick(0, 5) === 4 && { prepare: (link) => this.#prepare(scene, link) }),
      ...(pick(1, 4) === 0 && { inspect: () => this.#event() }),
      ...(this.#hasCodec && {
        codec: {
          encode: (message: Message) => {
            if (this.#moods.length > 2) fail()
            this.#call(undefined)
            return isWrapped(message) ? message.text : message
          },
          decode: (frame) => (frame === 'garbage' ? fail() : frame === 'promised garbage' ? rejected() : frame),
        },
      }),
    }
  }

  #prepare(scene: Scene, link: { send(data: SendData): void; read(): Promise<unknown> }): unknown {
    const kind = scene[0]! % 4
    link.send('auth')
    if (kind === 1) return fail()
    if (kind === 2) return link.read().then(() => undefined)
    if (kind === 3) return new Promise<void>((resolve, reject) => this.#hooks.push({ resolve, reject }))
    return undefined
  }

  // Listeners.

  #listen(type: Type): void {
    this.#offs.push(
      this.#connection.on(type, (event: unknown) => {
        this.#compare(type, event)
        if (type === 'dropped') this.#dropped(event as ConnectionEventMap<unknown, Message>['dropped'])
        if (type === 'close') this.#closed(event as CloseEvent)
        if (type === 'error') this.#reported(event as ConnectionError)
        return this.#event(type)
      }),
    )
  }

  /** What an event says about the future must still hold when the listener runs. */
  #compare(type: Type, event: unknown): void {
    const connection = this.#connection as Connection | undefined
    // A store may call back before it is stored.
    if (connection === undefined) return
    const { status } = connection
    if (type === 'state' && event !== status) this.#breach('a state event is not the present status')
    if (type === 'close') {
      const { willRetry, delay } =
        this.#mutant === 'a stale forecast' ? (this.#first ??= event as CloseEvent) : (event as CloseEvent)
      const expected = 'delay' in status ? status.delay : status.willRetry ? 0 : undefined
      if (willRetry !== status.willRetry || delay !== expected) {
        this.#breach(`close says ${willRetry}, ${delay} ms, while ${status.state}, ${expected} ms`)
      }
    }
    if (type === 'backoff') {
      const { delay, retryAt, attempt } = event as ConnectionStatus & { delay: number }
      if (!('delay' in status) || status.delay !== delay || status.retryAt !== retryAt || status.attempt !== attempt) {
        this.#breach(`backoff says ${delay} ms while ${status.state}`)
      }
    }
  }

  /** Deferred calls run now, from a listener that may then throw. */
  #event(type?: Type): unknown {
    const step = this.#later.shift()
    if (step !== undefined && this.#patience-- > 0) this.#take({ ...step, inside: false })
    // An `error` listener that throws is printed.
    const mood = type === 'error' ? undefined : this.#moods.shift()
    if (mood === 'throw') fail()
    return mood === 'reject' ? rejected() : undefined
  }

  #call<T>(answer: T): T {
    const step = this.#later.shift()
    if (step !== undefined && this.#patience-- > 0) this.#take({ ...step, inside: false })
    return answer
  }

  #dropped({ data, reason }: ConnectionEventMap<unknown, Message>['dropped']): void {
    if (this.#mutant === 'loses a report' && this.#messages.idOf(data) === 2) return
    if (reason !== 'unread') this.#messages.settle(data, 'dropped')
  }

  #closed({ uncertain, wasClean }: CloseEvent): void {
    if (this.#mutant === 'keeps a timer') this.#clock.setTimeout(() => {}, 1e9)
    if (this.#mutant === 'forgets a rejection') void rejected()
    const line = this.#server.lines.find(({ socket, reported }) => socket.over && !reported)
    if (line === undefined) return
    line.reported = true
    // A clean close may be the answer to the client's, which follows everything sent.
    if (!wasClean && uncertain.messages < line.unproven) {
      this.#breach(
        `${line.unproven} messages were sent after the last sign of life, and ${uncertain.messages} are uncertain`,
      )
    }
  }

  #reported({ code, cause }: ConnectionError): void {
    if (code === 'ERR_INTERNAL') this.#breach(`a defect: ${String(cause)} ${(cause as Error | undefined)?.stack}`)
  }

  #written(data: SendData, line: Line): boolean {
    const id = this.#messages.idOf(data)
    if (id === undefined) return false
    this.#messages.settle(data, 'sent')
    if (this.#mutant === 'sends twice' && id === 3) this.#messages.settle(data, 'sent')
    if (line !== this.#server.line) this.#breach(`message ${id} went out on a socket that was over`)
    return true
  }

  // Calls.

  #take(step: Step): void {
    if (step.inside && isCall(step.act)) {
      this.#later.push(step)
      return
    }
    try {
      this.#do(step.act, step.n)
    } catch (thrown) {
      this.#check(step.act, thrown)
    }
  }

  /** A call may throw documented errors, and whatever the app itself threw in it. */
  #check(what: string, thrown: unknown): void {
    if (thrown instanceof Mine) return
    if (thrown instanceof ConnectionError && refusals.includes(thrown.code)) {
      const { cause } = thrown
      if (thrown.code === 'ERR_ENCODE' && !(cause instanceof Mine)) this.#breach(`${what}: ${String(cause)}`)
      return
    }
    this.#breach(
      `${what} threw ${String(thrown)} ${(thrown as Error | undefined)?.stack?.split('\n').slice(1, 4).join(' ')}`,
    )
  }

  #track(what: string, promise: Promise<unknown>): void {
    const name = `${what} ${this.#promises++}`
    this.#pending.add(name)
    promise.then(
      () => this.#pending.delete(name),
      (reason: unknown) => {
        this.#pending.delete(name)
        this.#check(`a promise of ${what}`, reason)
      },
    )
  }

  #message(n: number): { id: number; message: Message } {
    const { id, data } = this.#messages.make(this.#hasCodec ? 0 : n)
    return { id, message: this.#hasCodec ? { text: data as string } : data }
  }

  #send(n: number, options?: object): void {
    const { id, message } = this.#message(n)
    this.#messages.offer(id)
    let result: string
    try {
      result = options === undefined ? this.#connection.send(message) : this.#connection.send(message, options)
    } catch (thrown) {
      this.#messages.refused(id)
      throw thrown
    }
    const fate = this.#messages.fateOf(id)
    if (result === 'sent' && fate !== 'sent') this.#breach(`send() said sent of a message that ${fate}`)
    // Its report follows once the listener that sent it has returned.
    if (result === 'dropped' && fate === 'sent') this.#breach('send() said dropped of a message that was sent')
  }

  #sendMany(n: number, each?: () => void): void {
    const batch = Array.from({ length: n % 6 }, (_, at) => this.#message(n + at))
    for (const { id } of batch) this.#messages.offer(id)
    try {
      const { sent, queued, dropped } = this.#connection.sendMany(
        each === undefined
          ? batch.map(({ message }) => message)
          : (function* () {
              for (const { message } of batch) {
                each()
                yield message
              }
            })(),
        n % 2 ? { ttl: n % 3_000 } : undefined,
      )
      if (sent + queued + dropped !== batch.length) this.#breach(`sendMany() counts ${sent}, ${queued}, ${dropped}`)
    } catch (thrown) {
      for (const { id } of batch) this.#messages.refused(id)
      throw thrown
    }
  }

  #do(act: Act, n: number): void {
    const connection = this.#connection
    const server = this.#server
    const wait = n % 3 === 0 ? { signal: this.#waits.signal } : {}
    switch (act) {
      case 'open':
        return connection.open()
      case 'close':
        return this.#track('close()', connection.close(...([[], [1000], [4000 + (n % 999), 'bye']][n % 3] as [])))
      case 'closeBad':
        return this.#track('close()', connection.close(hostile(n), hostile(n >> 4)))
      case 'reconnect':
        return connection.reconnect(...([[], [4000 + (n % 999), 'again']][n % 2] as []))
      case 'reconnectBad':
        return connection.reconnect(hostile(n), hostile(n >> 4))
      case 'send':
        return this.#send(n)
      case 'sendOptions':
        return this.#send(n, [{ ttl: n % 4_000 }, { key: `${n % 3}` }, { ttl: 0, key: 'a' }][n % 3])
      case 'sendBad':
        if (n % 2) return this.#send(n, hostileOptions(n >> 1))
        return void connection.send(hostile(n >> 1))
      case 'sendMany':
        return this.#sendMany(n)
      case 'sendManyLate':
        return this.#sendMany(n, () => this.#call(undefined))
      case 'sendManyBad':
        return void connection.sendMany(
          hostileBatch(n, () => this.#call(undefined)),
          n % 5 ? undefined : hostileOptions(n >> 2),
        )
      case 'withdraw':
        return connection.withdraw().forEach((message) => this.#messages.settle(message, 'withdrawn'))
      case 'opened':
        return this.#track('opened()', connection.opened(wait))
      case 'drained':
        return this.#track('drained()', connection.drained(wait))
      case 'ended':
        return this.#track('ended()', connection.ended(wait))
      case 'waitBad':
        return this.#track(
          'a wait',
          connection[(['opened', 'drained', 'ended'] as const)[n % 3]!](hostileOptions(n >> 2)),
        )
      case 'giveUp':
        return n % 4 === 0 ? this.#waits.abort(new Mine('given up')) : undefined
      case 'messages':
        return void this.#iterators.push(
          connection.messages({
            limit: 1 + (n % 4),
            overflow: (['pause', 'drop-oldest', 'drop-newest'] as const)[n % 3],
            ...wait,
          }),
        )
      case 'messagesBad':
        return void this.#iterators.push(connection.messages(hostileOptions(n)))
      case 'next': {
        const iterator = this.#iterators[n % this.#iterators.length]
        return iterator && this.#track('next()', iterator.next())
      }
      case 'leave': {
        const iterator = this.#iterators[n % this.#iterators.length]
        return iterator && this.#track('return()', iterator.return!())
      }
      case 'readable': {
        const { readable } = connection
        return readable.locked ? undefined : void this.#readers.push(readable.getReader())
      }
      case 'read': {
        const reader = this.#readers[n % this.#readers.length]
        return reader && this.#track('read()', reader.read())
      }
      case 'cancel': {
        const reader = this.#readers[n % this.#readers.length]
        return reader && this.#track('cancel()', reader.cancel())
      }
      case 'writable': {
        const { writable } = connection
        if (!writable.locked) this.#writer = writable.getWriter()
        this.#writer?.closed.catch(() => {})
        return this.#writer?.ready.catch(() => {}) as undefined
      }
      case 'write': {
        if (this.#writer === undefined) return undefined
        const { id, message } = this.#message(n)
        this.#messages.offer(id, false)
        return this.#track('write()', this.#writer.write(message))
      }
      case 'writeBad':
        return this.#writer && this.#track('write()', this.#writer.write(hostile(n)))
      case 'endWriting':
      case 'abortWriting': {
        const writer = this.#writer
        // Writing to a closed stream fails an assertion in Node 20.
        this.#writer = undefined
        if (act === 'endWriting') return writer && this.#track('writer.close()', writer.close().catch(streamError))
        return writer && this.#track('writer.abort()', writer.abort(new Mine('aborted')))
      }
      case 'on':
        return void this.#offs.push(
          connection.on(types[n % types.length]!, () => this.#event(types[n % types.length]), {
            once: n % 2 > 0,
            ...wait,
          }),
        )
      case 'onBad':
        return void connection.on(
          n % 3 ? types[n % types.length]! : hostile(n >> 3),
          n % 3 === 1 ? hostile(n >> 3) : () => {},
          n % 3 === 2 ? hostileOptions(n >> 3) : undefined,
        )
      case 'off': {
        // Except for the observing ones.
        const at = types.length + 1 + (n % 8)
        return this.#offs[at]?.()
      }
      case 'subscribe':
        return void this.#offs.push(
          connection.subscribe((status) => (this.#compare('state', status), this.#event('state'))),
        )
      case 'inspect':
        return void this.#offs.push(connection.inspect(n % 4 ? () => this.#event() : hostile(n >> 2)))
      case 'binaryType':
        return void (connection.binaryType = n % 2 ? 'blob' : 'arraybuffer')
      case 'binaryTypeBad':
        return void (connection.binaryType = hostile(n))
      case 'markHealthy':
        return connection.markHealthy()
      case 'look':
        return this.#look()
      case 'misbehave':
        return void this.#moods.push(n % 2 ? 'throw' : 'reject')
      case 'abort':
        return n % 8 === 0 ? this.#signal.abort(n % 16 ? undefined : hostile(n)) : undefined
      case 'serve':
        // Slow, so it runs elsewhere.
        return undefined
      case 'accept':
        return server.line?.socket.accept()
      case 'refuse':
        if (server.line?.socket.open === false) {
          server.line.socket.refuse(
            [{}, { status: 503, retryAfter: n % 5_000 }, { status: 401 }, { error: hostile(n) as Error }][n % 4],
          )
        }
        return undefined
      case 'refuseForGood':
        if (server.line?.socket.open === false) server.line.socket.refuse({ status: 426, fatal: n % 2 > 0 })
        return undefined
      case 'end':
        return server.line?.socket.end({ code: codes[n % codes.length]!, reason: 'why' })
      case 'endForGood':
        return server.line?.socket.end({ code: lastCodes[n % lastCodes.length]! })
      case 'say':
        return server.speak((socket) => socket.message(n % 3 ? `i${n}` : new ArrayBuffer(n % 50)))
      case 'sayGarbage':
        return server.speak((socket) => socket.message(n % 2 ? 'garbage' : 'promised garbage'))
      case 'pong':
        return server.speak((socket) => (n % 2 ? socket.pong() : socket.message('pong')))
      case 'ping':
        return server.speak((socket) => (n % 2 ? socket.serverPing() : socket.message('server ping')))
      case 'buffer':
        if (server.line !== undefined) server.line.socket.bufferedAmount = n % 3 ? 0 : 1 << 21
        return undefined
      case 'balk':
        if (server.line !== undefined) server.line.balks = true
        return undefined
      case 'late':
        return this.#late(n)
      case 'environment':
        return this.#environment.emit(signals[n % signals.length]!)
      case 'provide': {
        const question = this.#questions.shift()
        if (n % 4 === 0) return question?.reject(new Mine('no ticket'))
        return question?.resolve((n % 4 === 1 ? hostile(n) : 'ws://server.test/') as never)
      }
      case 'prepared': {
        const hook = this.#hooks.shift()
        return n % 4 === 0 ? hook?.reject(new Mine('not you')) : hook?.resolve()
      }
      case 'pass':
        return this.#clock.advanceSync(n % 500)
      case 'passLong':
        return this.#clock.advanceSync(n % 40_000)
      case 'block':
        return this.#clock.block(n % 5_000)
      case 'sleep':
        return this.#clock.sleep(n % 100_000)
      default:
        return act satisfies never
    }
  }

  /** A runtime that keeps calling after the socket is over. */
  #late(n: number): void {
    const over = this.#server.lines.filter(({ socket }) => socket.over)
    const sink = over[n % over.length]?.socket.lateSink
    if (sink === undefined) return
    const { status } = this.#connection
    const acts = [
      () => sink.opened({ protocol: '', extensions: '' }),
      () => sink.message('late'),
      () => sink.alive('pong'),
      () => sink.failed({ error: new Error('late'), fatal: true }),
      () => sink.closed({ code: 1000, reason: '', wasClean: true }),
    ]
    acts[n % acts.length]!()
    if (this.#connection.status !== status) this.#breach('a socket that is over changed the status')
  }

  /** The server and all other dependencies do what leads to an open link. */
  async #serve(): Promise<void> {
    await settle()
    this.#questions.shift()?.resolve('ws://server.test/' as never)
    await settle()
    this.#server.line?.socket.accept()
    await settle()
    this.#hooks.shift()?.resolve()
    this.#server.speak((socket) => socket.message('welcome'))
    await settle()
  }

  // Invariants.

  #look(): void {
    const connection = this.#connection
    const { status, state, readyState, counters } = connection
    if (connection.getSnapshot() !== status || status.state !== state || status.readyState !== readyState) {
      this.#breach('two statuses at once')
    }
    const all = [
      connection.url,
      connection.protocol,
      connection.extensions,
      connection.binaryType,
      connection.bufferedAmount,
    ]
    if (all.includes(undefined as never) || counters.queued < 0) this.#breach('something cannot be read')
    if (!status.willRetry && state === 'ended' && this.#server.alive > 0) this.#breach('a socket after the end')
  }

  async #finish(): Promise<void> {
    this.#later.length = 0
    this.#moods = []
    this.#patience = 0
    await settle()
    this.#track('the last close()', this.#connection.close())
    await this.#clock.advance(60_000)
    if (this.#connection.state !== 'ended') this.#breach(`close() led to ${this.#connection.state}`)
    // Iterators end once they are read to the end; so do those of a stream.
    for (const iterator of this.#iterators) await this.#drain(() => iterator.next())
    for (const reader of this.#readers) await this.#drain(() => reader.read(), true)
    await settle()
    const { bufferedAmount, counters } = this.#connection
    const lost = this.#messages.waiting
    if (lost > 0) this.#breach(`${lost} accepted messages were neither sent nor reported`)
    if (counters.queued > 0) this.#breach(`${counters.queued} messages wait after the end`)
    if (bufferedAmount > 0) this.#breach(`bufferedAmount is ${bufferedAmount} after the end`)
    if (this.#pending.size > 0) this.#breach(`not settled: ${[...this.#pending].join(', ')}`)
    if (this.#clock.pending > 0) this.#breach(`${this.#clock.pending} timers are left`)
    if (this.#environment.listeners > 0)
      this.#breach(`${this.#environment.listeners} listeners of the environment are left`)
    if (this.#server.alive > 0) this.#breach(`${this.#server.alive} sockets are left`)
    const held = getEventListeners(this.#signal.signal, 'abort').length
    if (held > 0) this.#breach(`${held} listeners of the signal are left`)
  }

  /** An iterator rejects once and is then done; an errored stream stays errored. */
  async #drain(next: () => Promise<{ done?: boolean | undefined }>, isStream = false): Promise<void> {
    for (let reads = 0; reads < 2_000; reads++) {
      try {
        if ((await next()).done) return
      } catch (thrown) {
        this.#check('reading to the end', thrown)
        if (isStream) return
      }
    }
    this.#breach('a reader does not come to an end')
  }

  #breach(what: string): void {
    this.breaches.push(what)
  }
}

/** Closing a closed or errored stream is the platform's TypeError. */
function streamError(error: unknown): void {
  if (!(error instanceof TypeError)) throw error
}

function isWrapped(message: unknown): message is { readonly text: string } {
  return typeof message === 'object' && message !== null && 'text' in message
}

import { getEventListeners, setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createConnection,
  fullJitter,
  type CloseEvent,
  type Connection,
  type ConnectionError,
  type ConnectionStatus,
  type SendResult,
} from '../../src/index.js'
import { createFaultServer, type FaultServer } from '../../src/tools/testing/index.js'
import { Dials, dialOf, textOf, type Dial } from './dials.js'
import { Draw, seedOf } from './draw.js'
import type { Figures, LaneOptions } from './lane.types.js'
import { MessageLog } from './message-log.js'
import { mutated } from './mutants.js'
import { describe, stepOf } from './plan.js'
import type { Message, Rig } from './rig.js'
import { impatience, times, transports, type Over } from './settings.js'
import { Traffic } from './traffic.js'
import { Journal, Violation } from './violation.js'
import { Watch } from './watch.js'
import { TestEnvironment } from './environment.js'

/** One connection, its server, and everything known about both. */
export class Lane implements Rig {
  readonly over: Over
  readonly #journal = new Journal()
  readonly #messages = new MessageLog((what) => this.fail(what))
  readonly environment = new TestEnvironment(() => (this.#causes += 1))
  readonly #dials: Dials
  readonly server: FaultServer
  readonly connection: Connection
  readonly #options: LaneOptions
  readonly #number: number
  readonly #lasting = new AbortController()
  readonly #stop = new AbortController()
  readonly #traffic = new Traffic(
    () => this.#dials,
    (what) => this.fail(what),
  )
  readonly #watch = new Watch(this.#stop.signal, () => {
    this.fail(`still ${JSON.stringify(this.connection.status)}, much too late`)
  })
  readonly #jitter: Draw
  #laters: (() => void)[] = []
  /**
   * Causes for a dial (a command, a scheduled retry, an environment signal) and dials made: a dial without a cause is a
   * busy loop.
   */
  #causes = 0
  #attempts = 0
  #rules = 0
  #steps = 0
  #opens = 0
  #losses = 0
  /** The last link that ended, until its `close` event. */
  #unreported: Dial | undefined
  #closing = false
  readonly #healed = new Set<number>()

  static async start(options: LaneOptions): Promise<Lane> {
    const lane: { at?: Lane } = {}
    const server = await createFaultServer({
      logFrames: false,
      logLimit: 100,
      onMessage: (message, socket, link) => lane.at!.#traffic.arrived(textOf(message), socket, link),
    })
    lane.at = new Lane(options, server)
    return lane.at
  }

  private constructor(options: LaneOptions, server: FaultServer) {
    const { over, seed, tracker, mutant, signal } = options
    this.#options = options
    this.over = over
    this.#number = over === 'ws' ? 1 : 2
    this.server = server
    this.#jitter = new Draw(seedOf(seed, this.#number, -1))
    setMaxListeners(0, this.#lasting.signal, this.#stop.signal)
    signal.addEventListener('abort', this.#interrupted)
    const { transport, heartbeat } = transports[over]
    this.#dials = new Dials(transport(tracker), tracker, {
      violated: (what) => this.fail(what),
      dialed: ({ number }) => {
        this.#journal.note(`dial ${number}`)
        if (this.#unreported !== undefined) this.fail(`dial ${this.#unreported.number} ended without a close event`)
      },
      over: (dial) => (this.#unreported = dial),
      written: (message) => this.#messages.written(message),
      forgotten: (dial) => this.#traffic.forgotten(dial),
    })
    const jitter = fullJitter({ floor: times.floor, base: times.base, cap: times.cap })
    this.connection = createConnection(() => this.#url(), {
      transport: mutated(this.#dials, mutant, this.#lasting.signal),
      heartbeat,
      // A separate generator: the one in the option `random` also shortens delays, which must take milliseconds here.
      backoff: (input) => jitter({ ...input, random: this.#jitter.random }),
      random: () => this.#jitter.random() / 50,
      connectTimeout: times.connect,
      closeTimeout: times.close,
      stableAfter: times.stable,
      queue: { messages: 20, bytes: 100_000, overflow: 'drop-oldest' },
      environment: this.environment,
      signal: this.#lasting.signal,
      autoOpen: false,
    })
    this.connection.on('open', () => this.#opened())
    this.connection.on('message', (message) => this.#traffic.heard(message))
    this.connection.on('close', (event) => this.#lost(event))
    this.connection.on('backoff', ({ delay }) => this.#scheduled(delay))
    this.connection.on('dropped', ({ data, reason }) => this.#dropped(textOf(data), reason))
    this.connection.on('state', (status) => this.#state(status))
    this.connection.on('error', (error) => this.#error(error))
  }

  get signal(): AbortSignal {
    return this.#lasting.signal
  }

  get figures(): Figures {
    const { accepted, queued, dropped } = this.#messages
    return {
      reconnects: Math.max(0, this.#opens - 1),
      dials: this.#dials.count,
      accepted,
      queued,
      dropped,
      ...this.#traffic.sums,
    }
  }

  /** A signal that outlives every link, and its number of listeners. */
  get listeners(): number {
    return getEventListeners(this.#lasting.signal, 'abort').length + this.environment.listeners
  }

  /**
   * May be called anywhere, including from listeners, where a throw would count as the app's error. The first failure
   * counts.
   */
  fail(what: string): void {
    if (this.#stop.signal.aborted) return
    this.#journal.note(`VIOLATION ${what}`)
    this.#stop.abort(new Violation(`over ${this.over}, step ${this.#steps}: ${what}`, { cause: this.#journal.latest }))
  }

  readonly #interrupted = (): void => this.#stop.abort(this.#options.signal.reason)

  async run(reconnects: number, each: () => Promise<void>): Promise<void> {
    this.command('open')
    await this.#watch.until(() => this.#opens > 0)
    while (this.#opens <= reconnects) {
      await this.#step()
      await each()
    }
  }

  async #step(): Promise<void> {
    this.#steps += 1
    const step = stepOf(this.#options.seed, this.#number, this.#steps)
    this.#journal.note(`step ${this.#steps}: ${describe(step)}`)
    this.#late()
    for (const { act, pause } of step.acts) {
      act.run(this)
      if (pause > 0) await sleep(pause)
    }
    // Rules not yet used up by a dial wait for the next ones.
    for (const arrival of this.#rules > 3 ? [] : step.arrivals) {
      const fault = arrival.fault(this.#dials)
      this.#rules += 1
      const counted = { name: 'counted', requested: () => void (this.#rules -= 1) }
      this.server.use({ fault: [counted, fault], times: 1 })
    }
    const before = this.#opens
    await step.ending.run(this)
    await this.#watch.until(() => this.#opens > before && this.connection.state === 'open')
    for (const later of this.#laters.splice(0)) later()
    this.#messages.compare(this.connection.counters.queued)
  }

  /** Links the client has abandoned notice it late: held data is released now, and they end a step later. */
  #late(): void {
    for (const link of this.server.links) {
      if (link.request.path !== '' && dialOf(link) === this.#dials.live?.number) continue
      if (this.#healed.delete(link.id)) link.reset()
      else {
        this.#healed.add(link.id)
        link.heal()
      }
    }
    if (this.#healed.size > 100) this.#healed.clear()
  }

  send({ size = 0, binary = false, ttl, key }: Message = {}): void {
    const message = this.#messages.begin()
    const text = `m ${message} ${'x'.repeat(size)}`
    let result: SendResult | undefined
    try {
      result = this.connection.send(binary ? Buffer.from(text) : text, {
        ...(ttl === undefined ? {} : { ttl }),
        ...(key === undefined ? {} : { key }),
      })
    } catch (error) {
      const { code } = error as ConnectionError
      if (code !== 'ERR_ENDED') this.fail(`send threw ${code}`)
    }
    this.#messages.returned(message, result)
  }

  say(count: number): void {
    this.#traffic.say(this.server.links, count)
  }

  command(name: 'open' | 'close' | 'reconnect'): void {
    this.#journal.note(`${name}() while ${this.connection.state}`)
    this.#causes += 1
    this.#closing = name === 'close'
    if (name === 'close') void this.connection.close()
    else this.connection[name]()
  }

  later(step: () => void): void {
    this.#laters.push(step)
  }

  loss(): Promise<void> {
    const before = this.#losses
    return this.#watch.until(() => this.#losses > before)
  }

  ended(): Promise<void> {
    return this.#watch.until(() => this.connection.state === 'ended')
  }

  /** Ends everything, and checks that every message has its fate. */
  async close(): Promise<void> {
    for (const later of this.#laters.splice(0)) later()
    this.#closing = true
    await this.connection.close()
    this.#options.signal.removeEventListener('abort', this.#interrupted)
    this.#messages.compare(0)
    await this.server.close()
    this.#dials.forget(Infinity)
    this.#stop.signal.throwIfAborted()
  }

  #url(): string {
    this.#attempts += 1
    if (this.#attempts > this.#causes) this.fail(`attempt ${this.#attempts} was neither scheduled nor commanded`)
    return `${this.server.url}/?dial=${this.#attempts}`
  }

  #scheduled(delay: number): void {
    this.#causes += 1
    if (delay < times.floor) this.fail(`a wait of ${delay} ms is below the floor of the policy`)
  }

  #opened(): void {
    this.#opens += 1
    this.#journal.note(`open, ${this.#opens}`)
    this.#watch.changed()
  }

  #lost({ code, reason, wasClean, error, uncertain, willRetry, delay }: CloseEvent): void {
    this.#losses += 1
    this.#journal.note(`close ${code} ${reason} ${error?.code ?? ''} ${willRetry ? `retry in ${delay}` : 'no retry'}`)
    const dial = this.#unreported
    this.#unreported = undefined
    // The server has answered the close frame, so it has read everything before it.
    const answered = this.#closing && wasClean && uncertain.messages === 0
    const unread = dial === undefined ? 0 : dial.written.length - dial.received
    if (answered && unread > 0) this.fail(`the close of dial ${dial!.number} was answered, and ${unread} were not read`)
    if (dial !== undefined) dial.uncertain = uncertain.messages
    this.#watch.changed()
  }

  #dropped(text: string, reason: string): void {
    if (reason !== 'unread') this.#messages.drop(Number(/^m (\d+) /.exec(text)?.[1]))
  }

  /** The app reopens what a policy ended, and does not wait as long as a server asks. */
  #state(status: ConnectionStatus): void {
    const { state } = status
    if (state === 'ended' && !this.#closing) setTimeout(() => this.#insist('ended', 'open'), 5)
    if (state === 'backoff' && status.delay > impatience) setTimeout(() => this.#insist('backoff', 'reconnect'), 5)
    this.#watch.changed()
  }

  #insist(state: string, command: 'open' | 'reconnect'): void {
    if (this.connection.state === state && !this.#closing) this.command(command)
  }

  #error(error: ConnectionError): void {
    const { cause } = error
    if (error.code === 'ERR_LISTENER' && cause instanceof Error && cause.message === 'a bug of the app') return
    this.fail(`an error of ours: ${error.code} ${error.message} ${String(cause)}`)
  }
}

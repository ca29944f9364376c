import { getEventListeners, setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import {
  createConnection,
  fullJitter,
  protocolPing,
  textHeartbeat,
  webSocketTransport,
  type BackoffEvent,
  type CloseEvent,
  type Connection,
  type ConnectionError,
  type ConnectionStatus,
  type Frame,
  type Heartbeat,
  type SendResult,
  type Transport,
  type UrlContext,
} from '../../src/index.js'
import { createFaultServer, type FaultServer, type Link } from '../../src/testing/index.js'
import { wsTransport } from '../../src/transports/ws.js'
import { Dials, dialOf, speak, textOf, type Dial } from './dials.js'
import { Draw, seedOf } from './draw.js'
import { Ledger } from './ledger.js'
import { mutated, type Mutant } from './mutants.js'
import { describe, stepOf, type Answer } from './plan.js'
import type { Message, Rig } from './rig.js'
import type { Tracker } from './tracker.js'
import { Journal, Violation } from './violation.js'
import { World } from './world.js'

export type Over = 'ws' | 'global'

export interface LaneOptions {
  readonly over: Over
  readonly seed: number
  readonly tracker: Tracker
  readonly mutant: Mutant | undefined
  /** Ends the lane early. */
  readonly signal: AbortSignal
}

export interface Figures {
  reconnects: number
  dials: number
  accepted: number
  queued: number
  dropped: number
  received: number
  /** Not received, and counted as uncertain. */
  uncertain: number
  /** Not received, and on their way while a frame came in: the statement of the library leaves these out. */
  crossed: number
  heard: number
}

/** Milliseconds. A loaded machine is to lose links by faults, not by its load: then nothing would be tested but this. */
const times = { interval: 50, timeout: 60, connect: 200, close: 50, floor: 2, base: 4, cap: 16 }

/** How long the way back to `open` may take before it counts as lost. Generous: it includes probes of 5 s, and the machine may be busy. */
const patience = 60_000

/** The app does not wait longer than this for a server that asks it to. */
const impatience = 100

const kinds: Record<Over, { transport: (tracker: Tracker) => Transport; heartbeat: Heartbeat }> = {
  ws: {
    transport: (tracker) => wsTransport({ WebSocket: tracker.tracked(WebSocket) }),
    heartbeat: protocolPing({ interval: times.interval, timeout: times.timeout }),
  },
  global: {
    transport: (tracker) => webSocketTransport({ WebSocket: tracker.tracked(globalThis.WebSocket) }),
    heartbeat: textHeartbeat({ interval: times.interval, timeout: times.timeout, ping: 'ping', pong: 'ping' }),
  },
}

/** One connection, its server, and all that is known of both. */
export class Lane implements Rig {
  readonly over: Over
  readonly journal = new Journal()
  readonly ledger = new Ledger((what) => this.fail(what))
  readonly world = new World(() => this.#caused())
  readonly dials: Dials
  readonly server: FaultServer
  readonly connection: Connection
  readonly #options: LaneOptions
  readonly #number: number
  readonly #lasting = new AbortController()
  readonly #stop = new AbortController()
  readonly #sums = { received: 0, uncertain: 0, crossed: 0, heard: 0 }
  readonly #jitter: Draw
  #laters: (() => void)[] = []
  #answers: Answer[] = []
  #rules = 0
  #steps = 0
  #opens = 0
  #losses = 0
  #changed: (() => void) | undefined
  /** What may dial: a command, a scheduled retry, a word of the world. Each is good for one attempt. */
  #causes = 0
  #attempts = 0
  /** The link that ended last, until its `close` event. */
  #untold: Dial | undefined
  #wait: { readonly since: number; readonly delay: number } | undefined
  /** How long retries were to wait, and did. Milliseconds. */
  readonly #waits = { owed: 0, kept: 0 }
  #closing = false
  readonly #healed = new Set<number>()

  static async start(options: LaneOptions): Promise<Lane> {
    const lane: { at?: Lane } = {}
    const server = await createFaultServer({
      logFrames: false,
      logLimit: 100,
      onMessage: (message, socket, link) => lane.at!.#arrived(textOf(message), socket, link),
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
    const { transport, heartbeat } = kinds[over]
    this.dials = new Dials(transport(tracker), tracker, {
      violated: (what) => this.fail(what),
      dialled: ({ number }) => {
        this.journal.note(`dial ${number}`)
        if (this.#untold !== undefined) this.fail(`dial ${this.#untold.number} ended, and no close event told so`)
      },
      over: (dial) => (this.#untold = dial),
      written: (message) => this.ledger.written(message),
      forgotten: (dial) => this.#forgotten(dial),
    })
    const jitter = fullJitter({ floor: times.floor, base: times.base, cap: times.cap })
    this.connection = createConnection((context) => this.#url(context), {
      transport: mutated(this.dials, mutant, this.#lasting.signal),
      heartbeat,
      // Its own numbers: those of the option `random` also shorten a wait, which is to take milliseconds here.
      backoff: (input) => jitter({ ...input, random: this.#jitter.random }),
      random: () => this.#jitter.random() / 50,
      connectTimeout: times.connect,
      closeTimeout: times.close,
      stableAfter: 20,
      queue: { messages: 20, bytes: 100_000, overflow: 'drop-oldest' },
      environment: this.world,
      signal: this.#lasting.signal,
      autoOpen: false,
    })
    this.connection.on('open', () => this.#opened())
    this.connection.on('message', (message) => this.#heard(message))
    this.connection.on('close', (event) => this.#lost(event))
    this.connection.on('backoff', (event) => this.#mayRetry(event))
    this.connection.on('dropped', ({ data, reason }) => this.#dropped(textOf(data), reason))
    this.connection.on('state', (status) => this.#state(status))
    this.connection.on('error', (error) => this.#error(error))
  }

  get signal(): AbortSignal {
    return this.#lasting.signal
  }

  get figures(): Figures {
    const { accepted, queued, dropped } = this.ledger
    return {
      reconnects: Math.max(0, this.#opens - 1),
      dials: this.dials.count,
      accepted,
      queued,
      dropped,
      ...this.#sums,
    }
  }

  /** What outlives a link, and how many listen to it. */
  get listeners(): number {
    return getEventListeners(this.#lasting.signal, 'abort').length + this.world.listeners
  }

  /** From anywhere, listeners included: a throw there would be taken for a bug of the app. The first one counts. */
  fail(what: string): void {
    if (this.#stop.signal.aborted) return
    this.journal.note(`VIOLATION ${what}`)
    this.#stop.abort(new Violation(`over ${this.over}, step ${this.#steps}: ${what}`))
  }

  readonly #interrupted = (): void => this.#stop.abort(this.#options.signal.reason)

  async run(reconnects: number, progress: () => void): Promise<void> {
    this.command('open')
    await this.#until(() => this.#opens > 0)
    while (this.#opens <= reconnects) {
      await this.#step()
      progress()
    }
  }

  async #step(): Promise<void> {
    this.#steps += 1
    const step = stepOf(this.#options.seed, this.#number, this.#steps)
    this.journal.note(`step ${this.#steps}: ${describe(step)}`)
    this.#late()
    for (const { act, pause } of step.acts) {
      act.run(this)
      if (pause > 0) await sleep(pause)
    }
    // Rules that no dial has used up wait for the next ones.
    for (const arrival of this.#rules > 3 ? [] : step.arrivals) {
      const fault = arrival.fault(this.dials)
      this.#rules += 1
      const counted = { name: 'counted', requested: () => void (this.#rules -= 1) }
      this.server.use({ fault: [counted, fault], times: 1 })
    }
    this.#answers.push(...step.provider)
    const before = this.#opens
    await step.ending.run(this)
    await this.#until(() => this.#opens > before && this.connection.state === 'open')
    for (const later of this.#laters.splice(0)) later()
    this.ledger.compare(this.connection.counters.queued)
  }

  /** Links that the client has left hear of it late: what they held goes on now, and they end a step later. */
  #late(): void {
    for (const link of this.server.links) {
      if (link.request.path !== '' && dialOf(link) === this.dials.live?.number) continue
      if (this.#healed.delete(link.id)) link.reset()
      else {
        this.#healed.add(link.id)
        link.heal()
      }
    }
    if (this.#healed.size > 100) this.#healed.clear()
  }

  send({ size = 0, binary = false, ttl, key }: Message = {}): void {
    const message = this.ledger.begin()
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
    this.ledger.told(message, result)
  }

  say(count: number): void {
    for (const { socket, ...link } of this.server.links.map((each) => ({ socket: each.socket, dial: dialOf(each) }))) {
      for (let n = 0; n < count && socket?.readyState === 1; n++) {
        const said = speak(this.dials, link.dial)
        if (said !== undefined) socket.send(said)
      }
    }
  }

  command(name: 'open' | 'close' | 'reconnect'): void {
    this.journal.note(`${name}() while ${this.connection.state}`)
    this.#caused()
    this.#closing = name === 'close'
    if (name === 'close') void this.connection.close()
    else this.connection[name]()
  }

  later(step: () => void): void {
    this.#laters.push(step)
  }

  loss(): Promise<void> {
    const before = this.#losses
    return this.#until(() => this.#losses > before)
  }

  ended(): Promise<void> {
    return this.#until(() => this.connection.state === 'ended')
  }

  /** Ends everything, and asks whether every account is settled. */
  async close(): Promise<void> {
    for (const later of this.#laters.splice(0)) later()
    this.#closing = true
    await this.connection.close()
    this.#options.signal.removeEventListener('abort', this.#interrupted)
    this.ledger.compare(0)
    await this.server.close()
    this.dials.forget(Infinity)
    this.#stop.signal.throwIfAborted()
  }

  async #until(condition: () => boolean): Promise<void> {
    const { signal } = this.#stop
    const deadline = performance.now() + patience
    for (; ; signal.throwIfAborted()) {
      if (condition()) return signal.throwIfAborted()
      if (performance.now() > deadline)
        this.fail(`still ${JSON.stringify(this.connection.status)} after ${patience} ms`)
      // Looked at again after each change, and now and then.
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000)
        this.#changed = () => {
          clearTimeout(timer)
          resolve()
        }
        if (signal.aborted) this.#changed()
      })
      this.#changed = undefined
    }
  }

  #caused(): void {
    this.#causes += 1
    this.#wait = undefined
  }

  #url({ signal }: UrlContext): string | Promise<string> {
    this.#attempts += 1
    const number = this.#attempts
    if (number > this.#causes) this.fail(`attempt ${number} was neither scheduled nor commanded: a hot loop`)
    if (this.#wait !== undefined) {
      const { since, delay } = this.#wait
      this.#waits.owed += delay
      this.#waits.kept += Math.min(delay, performance.now() - since)
      // A timer of Node counts from the beginning of the turn that set it, so one that was set late in a long turn is early.
      if (this.#waits.kept < this.#waits.owed / 2 - 200) {
        this.fail(`attempts came after ${this.#waits.kept} ms in all, and were to wait ${this.#waits.owed}: a hot loop`)
      }
    }
    this.#wait = undefined
    const url = `${this.server.url}/?dial=${number}`
    switch (this.#answers.shift() ?? 'now') {
      case 'now':
        return url
      case 'late':
        return sleep(3, url, { signal })
      case 'throws':
        throw new Error('no ticket')
      case 'rejects':
        return sleep(1).then(() => Promise.reject(new Error('no ticket')))
    }
  }

  #arrived(text: string, socket: WebSocket, link: Link): void {
    if (text === 'ping') return socket.send('ping')
    const dial = this.dials.get(dialOf(link))
    const message = Number(/^m (\d+) /.exec(text)?.[1])
    if (dial === undefined) return this.fail(`message ${message} arrives over a link that nobody dialled`)
    const expected = dial.written[dial.received]
    if (message !== expected)
      this.fail(`message ${message} arrives over dial ${dial.number}, after which ${expected} was due`)
    dial.received += 1
    this.#sums.received += 1
    const said = speak(this.dials, dial.number)
    if (said !== undefined && socket.readyState === 1) socket.send(message % 5 === 0 ? Buffer.from(said) : said)
  }

  #heard(message: Frame): void {
    const [, number, index] = /^s (\d+) (\d+)$/.exec(textOf(message)) ?? []
    const { live } = this.dials
    this.#sums.heard += 1
    if (live === undefined || live.number !== Number(number)) {
      return this.fail(
        `a listener hears dial ${number} while ${live === undefined ? 'none' : `dial ${live.number}`} lives`,
      )
    }
    if (Number(index) !== live.heard + 1) this.fail(`a listener hears ${index} of dial ${number} after ${live.heard}`)
    live.heard += 1
  }

  #opened(): void {
    this.#opens += 1
    this.journal.note(`open, ${this.#opens}`)
    this.#changed?.()
  }

  #lost({ code, reason, wasClean, error, uncertain, willRetry, delay }: CloseEvent): void {
    this.#losses += 1
    this.journal.note(`close ${code} ${reason} ${error?.code ?? ''} ${willRetry ? `retry in ${delay}` : 'no retry'}`)
    const dial = this.#untold
    this.#untold = undefined
    // The server has answered our farewell, so it has read what came before it.
    const answered = this.#closing && wasClean && uncertain.messages === 0
    if (answered && dial !== undefined && dial.received < dial.written.length) {
      this.fail(
        `the close of dial ${dial.number} was answered, and ${dial.written.length - dial.received} messages were not read`,
      )
    }
    const { messages, bytes } = (answered ? undefined : dial?.unproven) ?? { messages: 0, bytes: 0 }
    if (uncertain.messages !== messages || uncertain.bytes !== bytes) {
      this.fail(
        `dial ${dial?.number} left ${messages} messages (${bytes} bytes) unproven, and close calls ${uncertain.messages} (${uncertain.bytes}) uncertain`,
      )
    }
    if (dial !== undefined) dial.uncertain = uncertain.messages
    this.#changed?.()
  }

  #mayRetry({ delay }: BackoffEvent): void {
    this.#caused()
    this.#wait = { since: performance.now(), delay }
    if (delay < times.floor) this.fail(`a wait of ${delay} ms is below the floor of the policy`)
  }

  #dropped(text: string, reason: string): void {
    if (reason !== 'unread') this.ledger.drop(Number(/^m (\d+) /.exec(text)?.[1]))
  }

  /** The app is stubborn: it opens again what a policy ended, and does not wait as long as a server would like. */
  #state(status: ConnectionStatus): void {
    const { state } = status
    if (state === 'ended' && !this.#closing) setTimeout(() => this.#insist('ended', 'open'), 5)
    if (state === 'backoff' && status.delay > impatience) setTimeout(() => this.#insist('backoff', 'reconnect'), 5)
    this.#changed?.()
  }

  #insist(state: string, command: 'open' | 'reconnect'): void {
    if (this.connection.state === state && !this.#closing) this.command(command)
  }

  #error(error: ConnectionError): void {
    const { cause } = error
    if (error.code === 'ERR_LISTENER' && cause instanceof Error && cause.message === 'a bug of the app') return
    this.fail(`an error of ours: ${error.code} ${error.message} ${String(cause)}`)
  }

  #forgotten({ written, received, uncertain }: Dial): void {
    const missing = written.length - received
    this.#sums.uncertain += Math.min(missing, uncertain)
    this.#sums.crossed += Math.max(0, missing - uncertain)
  }
}

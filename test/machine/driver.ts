import { expect } from 'vitest'
import type { ConnectionEvent, EnvironmentSignal } from '../../machines/index.js'
import { createConnection } from '../../src/create-connection.js'
import type { Connection } from '../../src/core/connection.types.js'
import type { Environment } from '../../src/core/environment/environment.js'
import { protocolPing, serverPing } from '../../src/core/policies/heartbeat.js'
import type { RetryInput } from '../../src/core/policies/retry.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport, type FakeSocket } from '../../src/tools/testing/transport.js'
import type { MessageData, Socket, SocketSink, Target } from '../../src/core/transport.js'
import { FakeHost, start, stateName, step, type Column, type Snapshot, type Step, type TimerEvent } from './model.js'

// A real connection beside the pure chart: each step is caused from outside, the chart predicts the result, and the
// public state is compared with it. Every number below is also the fake host's, so that both use the same times.

const ownDelay = 3_000
const hintedDelay = 7_000
/** A close reason that requests a delay. */
export const hint = `retry-after=${hintedDelay / 1_000}`
const hastened = 500
const held = 60_000
/** A pause long enough for a probe: half the interval of the profile that can pause. */
const longPause = 500
/** More than a second: the event loop was blocked, and `grace` lasts a second. */
const late = 1_100

/**
 * Proves liveness if no ping is outstanding: a message that cannot be classified counts as a pong, since it may be one.
 */
const proof = 'unrecognizable'

interface Pending<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
  settled: boolean
}

function pending<T>(): Pending<T> {
  let resolve!: (value: T) => void
  let reject!: (error: Error) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject, settled: false }
}

/** The chart, with the durations of its timers. */
class Model {
  readonly host = new FakeHost()
  snapshot: Snapshot
  now = 0
  /** The number of requested pings. */
  pings = 0
  /** When the link was last opened. */
  openedAt = 0
  /** No attempt may come before this time, at the server's request. */
  notBefore = -Infinity
  readonly #timers = new Map<string, number>()

  constructor() {
    this.snapshot = start(this.host).snapshot
  }

  get state(): string {
    return stateName(this.snapshot)
  }

  get gen(): number {
    return this.snapshot.context.gen
  }

  get timers(): number {
    return this.#timers.size
  }

  due(id: string): number | undefined {
    return this.#timers.get(id)
  }

  /** The next timer; of two at the same time, the one set first. */
  next(): { readonly id: string; readonly due: number } | undefined {
    const [first] = [...this.#timers].map(([id, due]) => ({ id, due })).toSorted((one, other) => one.due - other.due)
    return first
  }

  apply(event: ConnectionEvent | TimerEvent): void {
    const watched = this.#watchesEnvironment
    const { snapshot, started, canceled, effects } = step(this.snapshot, event)
    this.pings += effects.filter((effect) => effect === 'ping').length
    if (effects.includes('announceOpen')) this.openedAt = this.now
    this.snapshot = snapshot
    this.#timers.delete(event.type)
    for (const id of canceled) this.#timers.delete(id)
    for (const { id, delay } of started) {
      // A timer set again comes last.
      this.#timers.delete(id)
      this.#timers.set(id, this.now + delay)
    }
    // Traffic does not replace pings while the page is hidden; a new watch starts without that knowledge.
    if (this.#watchesEnvironment && !watched) this.host.trafficCounts = true
    else if (watched && event.type === 'environment.hidden') this.host.trafficCounts = false
    else if (event.type === 'environment.visible' || event.type === 'environment.restored')
      this.host.trafficCounts = true
  }

  get #watchesEnvironment(): boolean {
    return this.state !== 'idle' && this.state !== 'ended'
  }

  /** Stops before a retry decision, which the caller provides. */
  advance(by: number): void {
    const until = this.now + by
    for (let timer = this.next(); timer !== undefined && timer.due <= until; timer = this.next()) {
      this.now = Math.max(this.now, timer.due)
      this.apply({ type: timer.id as TimerEvent['type'] })
    }
    this.now = until
  }

  waitAfter(signal: EnvironmentSignal): number {
    const left = Math.max(0, this.notBefore - this.now)
    return signal === 'offline' || signal === 'bfcached' ? Math.max(held, left) : left + hastened
  }
}

class FakeEnvironment implements Environment {
  readonly isOnline: boolean
  /** Listeners are never removed: signals to one that was stopped must be ignored. */
  readonly #listeners: ((signal: EnvironmentSignal) => void)[] = []

  constructor(isOnline: boolean) {
    this.isOnline = isOnline
  }

  online(): boolean {
    return this.isOnline
  }

  subscribe(notify: (signal: EnvironmentSignal) => void): () => void {
    this.#listeners.push(notify)
    return () => {}
  }

  emit(signal: EnvironmentSignal): void {
    for (const listener of this.#listeners) listener(signal)
  }
}

class WatchedTransport extends FakeTransport {
  readonly byGeneration = new Map<number, FakeSocket>()
  /** How often a socket was created while another one existed. */
  overlaps = 0
  readonly #generation: () => number

  constructor(generation: () => number) {
    super()
    this.#generation = generation
  }

  override connect(target: Target, sink: SocketSink): Socket {
    if (this.alive > 0) this.overlaps++
    const socket = super.connect(target, sink)
    // The system's buffer is full, and nothing moves.
    this.last.bytes = { read: 0, written: 0, waiting: 1 }
    this.byGeneration.set(this.#generation(), this.last)
    return socket
  }
}

function classify(frame: MessageData): undefined {
  // oxlint-disable-next-line typescript/only-throw-error -- the original value
  if (frame === proof) throw proof
}

export interface DriverOptions {
  /** No ping is sent: the heartbeat only listens. */
  readonly canPing?: boolean
  readonly online?: boolean
  readonly stableAfter?: number
}

/** How a step is caused. `later`: by a promise, so not during a policy call. */
interface Cause {
  readonly act: () => unknown
  readonly later?: boolean
}

export class Driver {
  readonly model = new Model()
  readonly connection: Connection
  readonly clock = new TestClock()
  readonly transport = new WatchedTransport(() => this.model.gen)
  /** The rest of the path; its next step decides on a loss. */
  readonly queue: Step[] = []
  /** Called during the retry decision, before the path's next step. */
  whileJudging: (() => void) | undefined
  /** The retry decision if the path has none. */
  decideRetry: () => boolean = () => true
  /** The close reason of the next close. */
  reason = ''
  readonly #environment: FakeEnvironment
  readonly #canPing: boolean
  readonly #providers = new Map<number, Pending<string>>()
  readonly #hooks = new Map<number, Pending<void>>()
  readonly #impossible: string[] = []
  /** What was thrown in a callback, such as a failed expectation in a policy. */
  readonly #thrown: unknown[] = []
  #inspected = ''
  #judging = false

  constructor({ canPing = true, online = true, stableAfter = this.model.host.stableAfter }: DriverOptions = {}) {
    const { host } = this.model
    Object.assign(host, { canPing, stableAfter, dialledOffline: !online })
    this.#canPing = canPing
    this.#environment = new FakeEnvironment(online)
    // With `proof: 'pong'` a message proves nothing, so that reading can be paused in any heartbeat state.
    const heartbeat = canPing
      ? { ...protocolPing({ interval: host.checkInterval, timeout: host.timeout, proof: 'pong' }), classify }
      : serverPing({ interval: 2 * host.checkInterval, timeout: host.timeout - host.checkInterval })
    this.connection = createConnection(() => this.#provide().promise, {
      autoOpen: false,
      transport: this.transport,
      clock: this.clock,
      environment: this.#environment,
      random: () => 0.5,
      heartbeat,
      stableAfter,
      connectTimeout: host.connectDeadline,
      closeTimeout: host.closeTimeout,
      retry: (loss) => this.#decideRetry(loss),
      backoff: () => ownDelay,
      prepare: () => this.#prepare().promise,
    })
    this.connection.on('error', (error) => error.cause !== proof && this.#thrown.push(error.cause ?? error))
    this.connection.inspect((event) => {
      if (event.type !== '@xstate.snapshot' || event.actorRef.id === 'socket') return
      this.#inspected = stateName(event.snapshot as Pick<Snapshot, 'value'>)
    })
    this.compare()
  }

  /** Follows the path. Returns a step that cannot be caused from outside; then the path was not completed. */
  async run(path: readonly Step[]): Promise<string[]> {
    this.queue.push(...path)
    for (let each = this.queue.shift(); each !== undefined; each = this.queue.shift()) {
      if (!(await this.step(each))) this.#impossible.push(this.#describe(each))
      if (this.#impossible.length > 0) break
    }
    return this.#impossible
  }

  /** `false`: there is no way to cause this now. */
  async step(next: Step): Promise<boolean> {
    const cause = this.#causeOf(next)
    if (cause === undefined) return false
    if (next.facts.heard && this.model.state.startsWith('open (resting')) this.#prove()
    if (next.facts.moving && this.model.state.startsWith('open')) this.#move()
    if (next.facts.paused && this.model.state.startsWith('open')) this.pause()
    const acting = cause.act()
    if (acting instanceof Promise) await acting
    // A command takes effect before it returns; so does an environment signal.
    if (cause.later !== true) this.compare()
    await settle()
    // There was nothing to close.
    if (this.model.state === 'closing' && !this.transport.byGeneration.has(this.model.gen)) {
      this.model.apply({ type: 'socket.closed', gen: this.model.gen, code: 1006 })
    }
    this.compare()
    return true
  }

  /** Whether a step can be caused now. */
  can(next: Step): boolean {
    return this.#causeOf(next) !== undefined
  }

  /** Time passes without a gap. */
  async advance(by: number): Promise<void> {
    this.model.advance(by)
    await this.clock.advance(by)
    this.compare()
  }

  /** Compares the public state with the chart. */
  compare(): void {
    const expected = { ...this.#expected(), overlaps: 0, thrown: [] }
    const actual = { ...this.#actual(expected), overlaps: this.transport.overlaps, thrown: this.#thrown }
    // This runs after every step of thousands of paths, so it uses a matcher only for a difference.
    if (JSON.stringify(actual) === JSON.stringify(expected)) return
    expect(actual, `in ${this.model.state}`).toEqual(expected)
    expect.unreachable('two descriptions that differ as JSON must not be equal')
  }

  #expected(): Record<string, unknown> {
    const { model, transport } = this
    const { state, snapshot } = model
    const { why, failures, wait, hinted } = snapshot.context
    const [name = '', below = ''] = state.split(/[. ]/)
    const waits = name === 'backoff' || name === 'suspended'
    const active = name !== 'idle' && name !== 'ended'
    return {
      sockets: snapshot.children.socket !== undefined && transport.byGeneration.has(model.gen) ? 1 : 0,
      // The state before the decision is still shown during it.
      ...(state === 'deciding'
        ? {}
        : {
            state: name,
            readyState: ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].findIndex((tag) => snapshot.tags.has(tag)),
            why,
            attempt: failures + 1,
            willRetry: active && name !== 'closing',
            ...(name === 'connecting' ? { phase: below } : {}),
            ...(name === 'open' ? { stable: state.endsWith('stable)') } : {}),
            ...(waits ? { delay: wait, hinted, wakesIn: model.next()!.due - model.now } : {}),
          }),
      // The connection runs its tasks after the policy has returned; until then its wake ticker may be out of date.
      ...(this.#judging
        ? {}
        : {
            now: model.now,
            // The heartbeat state is in no status: an inspector sees it, and the server its pings.
            inspected: state,
            pings: this.#canPing ? model.pings : 0,
            // One is the wake ticker, which exists while the connection wants to be open.
            timers: model.timers + (active ? 1 : 0),
          }),
    }
  }

  /** The connection's value, as far as it is expected. */
  #actual(expected: Record<string, unknown>): Record<string, unknown> {
    const { connection, clock, transport } = this
    const { status } = connection
    const shown: Record<string, unknown> = {
      ...status,
      state: connection.state,
      readyState: connection.readyState,
      wakesIn: (status.retryAt ?? Number.NaN) - clock.wall(),
      sockets: transport.alive,
      now: clock.now(),
      inspected: this.#inspected,
      pings: transport.sockets.reduce((sum, socket) => sum + socket.count('ping'), 0),
      timers: clock.pending,
    }
    return Object.fromEntries(Object.keys(expected).map((key) => [key, shown[key]]))
  }

  /** A full reader stops the socket. */
  pause(): () => Promise<void> {
    const reader = this.connection.messages({ limit: 1, overflow: 'pause' })
    this.#message()
    this.model.host.paused = true
    expect(this.transport.last.actions.at(-1)).toEqual({ type: 'pause' })
    return async () => {
      this.model.host.paused = false
      await reader.next()
      expect(this.transport.last.actions.map(({ type }) => type)).toContain('resume')
      await reader.return?.()
    }
  }

  #describe({ column, current, facts }: Step): string {
    const notable = Object.entries(facts)
      .filter(([name, holds]) => holds !== (name === 'canPing'))
      .map(([name, holds]) => (holds ? `, ${name}` : `, not ${name}`))
    return `${this.model.state} × ${column}${current ? '' : ', stale'}${notable.join('')}`
  }

  #provide(): Pending<string> {
    const provider = pending<string>()
    this.#providers.set(this.model.gen, provider)
    return provider
  }

  #prepare(): Pending<void> {
    const hook = pending<void>()
    this.#hooks.set(this.model.gen, hook)
    return hook
  }

  #prove(): void {
    this.model.host.livenessCount++
    this.transport.last.message(proof)
  }

  /** The system writes more of its buffer. */
  #move(): void {
    this.model.host.moving = true
    this.transport.last.bytes = { read: 0, written: 1, waiting: 0 }
  }

  #message(): void {
    if (!this.#canPing) this.model.host.livenessCount++
    this.transport.last.message('a message')
  }

  /** The app's policy, called in the middle of a turn: the path's next step in `deciding` happens here. */
  #decideRetry({ close }: RetryInput): boolean {
    expect(this.model.state).toBe('deciding')
    const { gen } = this.model
    this.#judging = true
    this.whileJudging?.()
    while (this.queue.length > 0 && this.model.state === 'deciding' && !this.queue[0]!.column.startsWith('policy.')) {
      this.stepWhileJudging(this.queue.shift()!)
    }
    const hinted = close.reason === hint
    const delay = ownDelay + (hinted ? hintedDelay : 0)
    const planned = this.queue[0]?.column.startsWith('policy.') ? this.queue.shift() : undefined
    const retry = planned === undefined ? this.decideRetry() : planned.column === 'policy.retry'
    if (planned !== undefined) {
      const { event } = planned
      const given = 'gen' in event && event.gen === gen && (!('hinted' in event) || event.hinted === hinted)
      if (!given) this.#impossible.push(this.#describe(planned))
    }
    if (retry) {
      this.model.notBefore = this.model.now + (hinted ? hintedDelay : 0)
      this.model.apply({ type: 'policy.retry', gen, delay, hinted })
    } else {
      this.model.apply({ type: 'policy.stop', gen })
    }
    this.#judging = false
    return retry
  }

  stepWhileJudging(next: Step): void {
    const cause = this.#causeOf(next)
    if (cause === undefined || cause.later === true) {
      this.#impossible.push(this.#describe(next))
      return
    }
    cause.act()
    this.compare()
  }

  #causeOf({ column, event }: Step): Cause | undefined {
    const apply = (): void => this.model.apply(event)
    if (column.startsWith('after ')) return this.#timeCause(column, event.type)
    if (column.startsWith('environment.')) {
      const signal = column.slice('environment.'.length) as EnvironmentSignal
      return {
        act: () => {
          // An event without listeners does not reach the chart, which would ignore it anyway.
          this.model.apply({ type: `environment.${signal}`, wait: this.model.waitAfter(signal) })
          this.#environment.emit(signal)
        },
      }
    }
    const { connection } = this
    const commands: Partial<Record<Column, () => unknown>> = {
      OPEN: () => connection.open(),
      CLOSE: () => void connection.close(),
      RECONNECT: () => connection.reconnect(),
      HEALTHY: () => connection.markHealthy(),
    }
    const command = commands[column]
    if (command !== undefined) {
      return {
        act: () => {
          apply()
          command()
        },
      }
    }
    return 'gen' in event ? this.#socketCause(column, event.gen, apply) : undefined
  }

  #timeCause(column: Column, id: string): Cause | undefined {
    const due = this.model.due(id)
    if (due === undefined || this.#judging) return undefined
    const by = due - this.model.now
    // A loss in this turn is decided after the model has gone as far as it can.
    if (column !== 'after timeout' && column !== 'after probe') return { act: () => this.#elapse(by) }
    return {
      act: async () => {
        this.clock.block(by + late)
        this.model.now = due + late
        this.model.host.grace = 1_000
        this.model.apply({ type: id as TimerEvent['type'] })
        await this.clock.advance(0)
      },
    }
  }

  async #elapse(by: number): Promise<void> {
    this.model.advance(by)
    await this.clock.advance(by)
  }

  #socketCause(column: Column, gen: number, apply: () => void): Cause | undefined {
    const socket = this.transport.byGeneration.get(gen)
    const isCurrent = gen === this.model.gen && this.model.snapshot.children.socket !== undefined
    const provider = this.#providers.get(gen)
    const hook = this.#hooks.get(gen)
    const settleOne = <T>(one: Pending<T> | undefined, act: (one: Pending<T>) => void): Cause | undefined => {
      if (one === undefined || one.settled) return undefined
      return {
        later: true,
        act: () => {
          one.settled = true
          apply()
          act(one)
        },
      }
    }
    const causedNow = (call: () => void): Cause => ({
      act: () => {
        apply()
        call()
      },
    })
    switch (column) {
      case 'socket.resolved':
        return settleOne(provider, (one) => one.resolve('ws://server.test/'))
      case 'socket.prepared':
        return settleOne(hook, (one) => one.resolve())
      case 'socket.closed': {
        if (socket === undefined) return settleOne(provider, (one) => one.reject(new Error('no ticket')))
        const [upcoming] = this.queue
        const asked = upcoming !== undefined && 'hinted' in upcoming.event && upcoming.event.hinted
        const close = { code: 1006, reason: asked ? hint : this.reason, wasClean: false }
        return causedNow(() => (socket.over ? socket.lateSink.closed(close) : socket.end(close)))
      }
      case 'socket.opened': {
        if (socket === undefined) return undefined
        const greets = isCurrent && this.model.state === 'connecting.handshaking'
        return causedNow(() => (greets ? socket.accept() : socket.lateSink.opened({ protocol: '', extensions: '' })))
      }
      case 'socket.alive':
        if (socket === undefined) return undefined
        return {
          act: () => {
            const asked = /^open \((?:waiting|probing|grace)/.test(this.model.state)
            if (isCurrent) this.model.host.livenessCount++
            apply()
            if (asked) socket.lateSink.alive('pong')
            else socket.lateSink.message(proof)
          },
        }
      case 'socket.resumed':
        return this.#pauseCause(isCurrent, apply)
      default:
        return undefined
    }
  }

  #pauseCause(isCurrent: boolean, apply: () => void): Cause | undefined {
    if (!isCurrent || !this.model.state.startsWith('open') || this.#judging) return undefined
    return {
      act: async () => {
        const resume = this.pause()
        await this.#elapse(this.#canPing ? longPause : 2 * longPause)
        apply()
        await resume()
      },
    }
  }
}

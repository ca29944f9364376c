import { explain, isConnectionError, isRefused, makeError, type ConnectionError } from './errors.js'
import { ignore, isThenable, onRejection, soon } from './guards.js'
import type {
  CloseInfo,
  ControlFrame,
  SendData,
  FailureDetail,
  MessageData,
  Socket,
  SocketSink,
  Target,
} from './transport.js'
import type { UrlContext, UrlProvider, UrlTarget } from './target/provider.types.js'
import { append } from './lists.js'
import type { Core } from './core.js'
import type { Preparing } from './feature.js'

/** Details of a failed attempt beyond its close code. */
export interface Failure {
  readonly error: ConnectionError
  readonly status?: number | undefined
  readonly retryAfter?: number | undefined
  readonly fatal?: boolean | undefined
}

/** An unanswered ping. Its reply proves that everything handed to the socket before it has arrived. */
interface Ping {
  readonly at: number
  readonly messages: number
  readonly bytes: number
}

/**
 * The maximum number of unanswered pings. The oldest are kept: matching a reply to a later ping would prove too much.
 */
const mostPings = 1_000
/** The minimum time to read an overdue reply, because a blocked event loop could not read it. Milliseconds. */
const leastLeft = 1_000

const none: readonly never[] = []

/** One generation: resolves the URL, dials, and receives the socket's events. Sends events to the chart and decides nothing. */
export class Attempt implements SocketSink {
  readonly gen: number
  readonly dialledOffline: boolean
  url = ''
  protocol = ''
  extensions = ''
  socket: Socket | undefined
  /** How it ended, unless this side abandoned it. */
  close: CloseInfo | undefined
  /** The peer's close frame answered this side's. */
  answered = false
  failure: Failure | undefined
  /** The result of `prepare`. */
  prepared: unknown
  /** The link is prepared and, as far as is known, its socket is open. */
  ready = false
  /** Receives messages while `prepare` runs. */
  preparation: Preparing | undefined
  /** A ping is pending, without proof of life since. */
  expecting = false
  pinged = false
  /**
   * Messages handed to the socket, and how many certainly arrived. Bytes count bytes of binary messages plus characters of text.
   */
  messages = 0
  bytes = 0
  provenMessages = 0
  provenBytes = 0
  readonly #core: Core
  #pings: readonly Ping[] = none
  #pingedAt = 0
  #abort: AbortController | undefined
  #released = false
  #over = false
  #leaving = false

  constructor(gen: number, core: Core) {
    this.gen = gen
    this.#core = core
    this.dialledOffline = core.environment?.online === false
  }

  /** Aborted when this attempt ends. Created lazily; few attempts need it. */
  get signal(): AbortSignal {
    this.#abort ??= this.#core.address?.controller() ?? new AbortController()
    if (this.#released) this.#abort.abort()
    return this.#abort.signal
  }

  /** False once abandoned, closing or ended. */
  get wanted(): boolean {
    return !this.#over && !this.#leaving
  }

  async start(): Promise<void> {
    const core = this.#core
    // Closed in the tick it was opened.
    if (this.#leaving) return
    let target: Omit<Target, 'binaryType'>
    try {
      target = await (core.address?.resolve(this) ?? plainTarget(core, this))
    } catch (thrown) {
      const error = isConnectionError(thrown) ? thrown : providerFailure(thrown)
      this.fail({ error, fatal: error.code !== 'ERR_PROVIDER' })
      return
    }
    if (!this.wanted) return
    this.url = core.lastUrl = target.url
    core.chart({ type: 'socket.resolved', gen: this.gen })
    // A listener may have closed it.
    if (!this.wanted) return
    try {
      const protocols = core.parts.reduce((list, part) => part.offer?.(list) ?? list, target.protocols)
      this.socket = checkSocket(
        core.options.transport.connect({ ...target, protocols, binaryType: core.socketBinaryType }, this),
      )
    } catch (thrown) {
      this.fail({ error: makeError('ERR_TRANSPORT', 'connect-threw', [], { cause: thrown }) })
    }
  }

  /** The handshake is done: runs the `prepare` hooks. */
  prepare(): void {
    const { preparation } = this.#core
    if (preparation === undefined) this.done(undefined)
    else this.preparation = preparation.begin(this)
  }

  /** `prepare` resolved. */
  done(prepared: unknown): void {
    if (!this.wanted) return
    this.prepared = prepared
    this.#core.chart({ type: 'socket.prepared', gen: this.gen })
  }

  /** Starts the closing handshake. Without a socket, ends the attempt in a microtask. */
  startClosing(code: number | undefined, reason: string | undefined): void {
    this.#leaving = true
    if (this.socket !== undefined) return this.socket.close(code, reason)
    soon(() => this.fail(undefined))
    this.#giveUp()
  }

  /** In a chart turn: only drops the socket. `release` notifies app code. */
  abandon(code: number, reason: string): void {
    this.#over = true
    this.ready = this.expecting = false
    try {
      this.socket?.abandon(code, reason)
    } catch {
      // A transport that breaks its contract must not break the chart.
    }
  }

  /** After the turn: rejects pending reads and aborts `signal`. */
  release(): void {
    this.preparation?.end()
    this.#giveUp()
  }

  #giveUp(): void {
    this.#released = true
    this.#abort?.abort()
  }

  fail(failure: Failure | undefined): void {
    if (this.#over) return
    this.failure ??= failure
    this.#core.chart({ type: 'socket.closed', gen: this.gen, code: 1006 })
  }

  // Called by the socket.

  opened({ protocol, extensions }: { readonly protocol: string; readonly extensions: string }): void {
    if (this.#over) return
    this.protocol = protocol
    this.extensions = extensions
    try {
      this.protocol = this.#core.framing?.selected?.(protocol) ?? protocol
    } catch (cause) {
      return this.fail({ error: makeError('ERR_PREPARE', 'prepare-threw', [], { cause }) })
    }
    this.#core.chart({ type: 'socket.opened', gen: this.gen })
  }

  /** The receive path: the transport's listener, this, `deliver`, the listeners. Each message is a turn. */
  message(data: MessageData): void {
    if (this.#over) return
    const core = this.#core
    const outermost = core.begin()
    try {
      core.received++
      if (this.expecting && core.anyProves) this.#alive()
      if (core.classify !== undefined && this.#isHeartbeat(data)) return
      if (this.preparation === undefined) core.deliver(data)
      else this.preparation.take(data)
    } finally {
      core.end(outermost)
    }
  }

  alive(frame: ControlFrame): void {
    if (this.#over) return
    const core = this.#core
    core.received++
    core.beats++
    // By contract it replies to a protocol ping. If pings are messages, it replies to none.
    if (frame === 'pong' && core.heartbeat.ping === 'protocol') {
      this.#pong(true)
      this.#prove()
    } else if (this.expecting && core.anyProves) this.#alive()
  }

  failed({ error, ...detail }: FailureDetail): void {
    if (!this.#over) this.failure ??= { error: asConnectionError(error, detail.status), ...detail }
  }

  closed(close: CloseInfo, answered = false): void {
    if (this.#over) return
    this.close = close
    this.answered = answered
    this.#core.chart({ type: 'socket.closed', gen: this.gen, code: close.code })
  }

  // The heartbeat. The chart decides when to ping.

  /** The remaining timeout of the pending ping; the whole timeout if there is none. Milliseconds. */
  get left(): number {
    const { timeout, timers } = this.#core
    const left = this.expecting ? this.#pingedAt + timeout - timers.now() : 0
    // If overdue, the machine slept or reading was paused.
    return left > 0 ? Math.max(leastLeft, left) : timeout
  }

  ping(): void {
    const core = this.#core
    const { ping } = core.heartbeat
    this.expecting = true
    this.#pingedAt = core.timers.now()
    if (ping === 'none') return
    let data: SendData | undefined
    try {
      if (ping !== 'protocol') data = core.check(ping())
    } catch (thrown) {
      core.fail('ERR_POLICY', 'heartbeat.ping', thrown)
      // No ping was sent, so silence proves nothing.
      this.#alive()
      return
    }
    const { messages, bytes } = this
    if (this.#pings.length < mostPings) this.#pings = append(this.#pings, { at: this.#pingedAt, messages, bytes })
    this.sendNow(data)
  }

  /**
   * Bypasses queue and framing; `undefined` sends a protocol ping. If the socket throws, it has closed and its close event is
   * pending.
   */
  sendNow(data: SendData | undefined): void {
    try {
      if (data === undefined) this.socket!.ping?.()
      else this.socket!.send(data)
    } catch {
      // See above.
    }
  }

  /** Whether to withhold this message as a server's ping or the reply to a pending ping. */
  #isHeartbeat(data: MessageData): boolean {
    const core = this.#core
    const { answer, ping } = core.heartbeat
    let kind: 'ping' | 'pong' | undefined
    try {
      kind = core.classify!(data)
      if (isThenable(kind)) throw notAtOnce(kind)
      const reply = kind === 'ping' ? answer?.(data) : undefined
      if (isThenable(reply)) throw notAtOnce(reply)
      if (reply !== undefined) this.#reply(core.check(reply))
    } catch (thrown) {
      core.fail('ERR_POLICY', kind === 'ping' ? 'heartbeat.answer' : 'heartbeat.classify', thrown)
      // It may have been the pong: a defect in `classify` must not end the link.
      if (kind !== 'ping') {
        kind = undefined
        this.#prove()
      }
    }
    // Unless pings are messages, a message that looks like a pong belongs to the app.
    const isOurs = kind === 'ping' || (kind === 'pong' && typeof ping === 'function' && this.#pong(false))
    if (!isOurs || !core.withholds) return false
    core.beats++
    return true
  }

  #reply(data: SendData): void {
    const { pressure } = this.#core
    if (pressure === undefined) this.sendNow(data)
    else pressure.answer(data)
  }

  /** Whether this is the reply to a pending ping. If so, reports its round-trip time. */
  #pong(isProtocol: boolean): boolean {
    const core = this.#core
    // RFC 6455 §5.5.3: a peer may answer only the latest of several pings, and the transport reports only that reply.
    const ping = this.#pings[isProtocol ? this.#pings.length - 1 : 0]
    if (ping === undefined) return false
    this.#pings = isProtocol ? none : this.#pings.slice(1)
    const rtt = Math.max(0, core.timers.now() - ping.at)
    const proved = Math.max(0, ping.bytes - this.provenBytes)
    if (ping.messages > this.provenMessages) {
      this.provenMessages = ping.messages
      this.provenBytes = ping.bytes
    }
    core.patience?.answered(rtt, proved)
    core.schedule(() => core.events.emit('heartbeat', { rtt }))
    if (!isProtocol) this.#prove()
    return true
  }

  #prove(): void {
    this.#core.pongs++
    if (this.expecting) this.#alive()
  }

  #alive(): void {
    this.expecting = false
    this.#core.chart({ type: 'socket.alive', gen: this.gen })
  }
}

/** The target of an attempt, unchecked; the feature `checks` checks it. */
async function plainTarget({ url, options, status }: Core, attempt: Attempt): Promise<Omit<Target, 'binaryType'>> {
  const { attempt: number, loss: previous } = status
  const answer = typeof url === 'string' ? url : await ask(url, { attempt: number, signal: attempt.signal, previous })
  const given = typeof answer === 'object' && 'url' in answer ? answer : { url: answer }
  const { protocols = options.protocols ?? none } = given
  return {
    ...given,
    url: String(given.url),
    protocols: typeof protocols === 'string' ? [protocols] : protocols,
    headers: given.headers ?? {},
  }
}

/** Wraps exceptions, even a `ConnectionError`, which would belong to another connection. */
async function ask(url: UrlProvider, context: UrlContext): Promise<string | URL | UrlTarget> {
  try {
    return await url(context)
  } catch (thrown) {
    throw providerFailure(thrown)
  }
}

/** The error for an exception of the `url` function. A `Refused` ends the connection. */
function providerFailure(cause: unknown): ConnectionError {
  return isRefused(cause)
    ? makeError('ERR_REFUSED', 'refused-by-provider', [], { cause })
    : makeError('ERR_PROVIDER', 'provider-threw', [], { cause })
}

/** The error for a function that returned a promise. The promise's outcome is ignored. */
export function notAtOnce(promise: unknown): TypeError {
  onRejection(promise, ignore)
  return new TypeError(explain('ERR_POLICY', 'promised', []))
}

function checkSocket(socket: Socket): Socket {
  if (!isThenable(socket) && typeof (socket as Partial<Socket> | null | undefined)?.abandon === 'function')
    return socket
  onRejection(socket, ignore)
  throw new TypeError(explain('ERR_TRANSPORT', 'not-a-socket', []))
}

function asConnectionError(error: unknown, status: number | undefined): ConnectionError {
  if (isConnectionError(error)) return error
  const detail = { cause: error, status }
  if (status === undefined) return makeError('ERR_SOCKET', 'socket-failed', [], detail)
  return makeError('ERR_HANDSHAKE', 'handshake', [status], detail)
}

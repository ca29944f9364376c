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

/** Why an attempt failed, beyond what its close says. */
export interface Failure {
  readonly error: ConnectionError
  readonly status?: number | undefined
  readonly retryAfter?: number | undefined
  readonly fatal?: boolean | undefined
}

/** A ping that has no answer yet, and what its answer will prove: all that was handed to the socket before it. */
interface Ping {
  readonly at: number
  readonly messages: number
  readonly bytes: number
}

/**
 * How many pings may wait for an answer. The oldest are kept: an answer taken for that of a later ping would prove too much.
 */
const mostPings = 1_000
/** A loop that was held up could not read the answer: it gets at least this long to do so. Milliseconds. */
const leastLeft = 1_000

const none: readonly never[] = []

/** One generation: asks for the URL, dials, and is what the socket reports to. Reports to the chart, decides nothing. */
export class Attempt implements SocketSink {
  readonly gen: number
  readonly dialledOffline: boolean
  url = ''
  protocol = ''
  extensions = ''
  socket: Socket | undefined
  /** How it ended, once it did by itself. */
  close: CloseInfo | undefined
  /** The peer's Close was the answer to ours. */
  answered = false
  failure: Failure | undefined
  /** What `prepare` resolved with. */
  prepared: unknown
  /** The link is prepared, and as far as we know its socket is open. */
  ready = false
  /** While `prepare` runs, it gets the messages. */
  preparation: Preparing | undefined
  /** A ping is out, and nothing has proved life since. */
  expecting = false
  pinged = false
  /** What the socket was given, and how much of it has arrived for certain: messages, and bytes of binary plus characters of text. */
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

  /** Aborted when this attempt is given up. Few ask for it, so it is made when it is asked for. */
  get signal(): AbortSignal {
    this.#abort ??= this.#core.address?.controller() ?? new AbortController()
    if (this.#released) this.#abort.abort()
    return this.#abort.signal
  }

  /** It was not given up, and has not ended. */
  get wanted(): boolean {
    return !this.#over && !this.#leaving
  }

  async start(): Promise<void> {
    const core = this.#core
    // Closed in the tick that opened it.
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
    // The app was told, and may have changed its mind.
    if (!this.wanted) return
    try {
      const protocols = core.parts.reduce((list, part) => part.offer?.(list) ?? list, target.protocols)
      this.socket = checkSocket(
        core.options.transport.connect({ ...target, protocols, binaryType: core.binaryType }, this),
      )
    } catch (thrown) {
      this.fail({ error: makeError('ERR_TRANSPORT', 'connect-threw', [], { cause: thrown }) })
    }
  }

  /** The handshake is done: authentication and the like, before anything else is sent. */
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

  /** Starts the closing handshake, or reports soon that there was nothing to close. */
  startClosing(code: number | undefined, reason: string | undefined): void {
    this.#leaving = true
    if (this.socket !== undefined) return this.socket.close(code, reason)
    soon(() => this.fail(undefined))
    this.#giveUp()
  }

  /** Inside a turn of the chart: the socket goes, and nothing else happens. The app hears of it by `release`. */
  abandon(code: number, reason: string): void {
    this.#over = true
    this.ready = this.expecting = false
    try {
      this.socket?.abandon(code, reason)
    } catch {
      // A transport that breaks its contract must not break the chart.
    }
  }

  /** Outside the turn: tells the URL function and `prepare` that this attempt is over. */
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

  // What the socket calls.

  opened({ protocol, extensions }: { readonly protocol: string; readonly extensions: string }): void {
    if (this.#over) return
    this.protocol = protocol
    this.extensions = extensions
    this.#core.chart({ type: 'socket.opened', gen: this.gen })
  }

  /** The whole way in: the listener of the transport, this, `deliver`, the listeners. A message is a turn, for what they lead to. */
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
    // By contract it is an answer; where the ping is a message, it is the answer to nothing.
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

  // The heartbeat. When and whether to ping, the chart decides.

  /** How much of the timeout is left to the ping that is out; all of it if none is. Milliseconds. */
  get left(): number {
    const { timeout, timers } = this.#core
    const left = this.expecting ? this.#pingedAt + timeout - timers.now() : 0
    // One that is overdue was not waited for: the machine slept, or we did not read.
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
      // Nothing was asked, so the silence that follows proves nothing.
      this.#alive()
      return
    }
    const { messages, bytes } = this
    if (this.#pings.length < mostPings) this.#pings = append(this.#pings, { at: this.#pingedAt, messages, bytes })
    this.sendNow(data)
  }

  /** Past queue and framing; `undefined` is a ping of the protocol. A socket that refuses it has closed, and its close is on the way. */
  sendNow(data: SendData | undefined): void {
    try {
      if (data === undefined) this.socket!.ping?.()
      else this.socket!.send(data)
    } catch {
      // See above.
    }
  }

  /** Whether it is the server's ping, or the answer to one of ours that is outstanding, and is to be withheld. */
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
      // It may have been the pong: a defect in recognizing it must not kill the link.
      if (kind !== 'ping') {
        kind = undefined
        this.#prove()
      }
    }
    // Where the ping is none or of the protocol, what looks like a pong is a message of the app.
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

  /** Whether it is the answer to a ping that is outstanding. If so, its round trip is reported. */
  #pong(isProtocol: boolean): boolean {
    const core = this.#core
    // RFC 6455 §5.5.3: a peer may answer only the latest of several pings, and the transport reports no other answer.
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
    core.tell(() => core.events.emit('heartbeat', { rtt }))
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

/** What a URL function gives, unchecked. `address` checks it. */
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

/** Also an error of another connection says nothing of this one. */
async function ask(url: UrlProvider, context: UrlContext): Promise<string | URL | UrlTarget> {
  try {
    return await url(context)
  } catch (thrown) {
    throw providerFailure(thrown)
  }
}

/** What the URL function threw: the attempt has failed, or with a `Refused` the connection has ended. */
function providerFailure(cause: unknown): ConnectionError {
  return isRefused(cause)
    ? makeError('ERR_REFUSED', 'refused-by-provider', [], { cause })
    : makeError('ERR_PROVIDER', 'provider-threw', [], { cause })
}

/** The error of a function that answers with a promise; how that promise settles does not matter. */
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

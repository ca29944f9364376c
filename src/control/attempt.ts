import type { SocketEvent } from '../../machines/connection.types.js'
import { ConnectionError, isConnectionError, isRefused, type Reporter } from '../errors.js'
import { ignore, isThenable, onRejection, soon } from '../guards.js'
import type { Inbound } from '../data/inbound.js'
import { PreparingLink, type Link } from '../data/link.js'
import type {
  CloseInfo,
  ControlFrame,
  FailureDetail,
  Frame,
  Socket,
  SocketSink,
  Target,
  Transport,
} from '../transports/transport.js'
import { guardedController } from './guarded-controller.js'

export type Prepare = (link: Link, context: { readonly signal: AbortSignal }) => unknown

/** What one attempt needs of the connection. */
export interface AttemptHost extends Reporter {
  readonly settings: { readonly transport: Transport; readonly prepare: Prepare | undefined }
  readonly inbound: Pick<Inbound<unknown>, 'alive' | 'hold'>
  /** To the chart. */
  readonly control: { send(event: SocketEvent): void }
  /** Asks the URL provider and checks its answer; rejects with the `ConnectionError` that says what is wrong. */
  resolve(attempt: Attempt): Target | Promise<Target>
  /** A message has come. */
  take(frame: Frame): void
}

/** Why an attempt failed, beyond what its close tells. */
export interface Failure {
  readonly error: ConnectionError
  readonly status?: number | undefined
  readonly retryAfter?: number | undefined
  readonly fatal?: boolean | undefined
}

/** One generation: the provider is asked, a socket is made and prepared, and in the end dropped. Reports to the chart, decides nothing. */
export class Attempt implements SocketSink {
  readonly gen: number
  /** The URL that was dialled; '' while the provider is being asked. */
  url = ''
  protocol = ''
  extensions = ''
  socket: Socket | undefined
  /** How it ended, once it did by itself. */
  close: CloseInfo | undefined
  /** The peer's Close was the answer to ours. */
  answered = false
  failure: Failure | undefined
  readonly dialledOffline: boolean
  /** When it was announced as open, how many frames there had been by then, and whether it was pinged since. */
  openedAt: number | undefined
  framesAtOpen = 0
  pinged = false
  readonly #host: AttemptHost
  /** Most attempts ask nobody who could be told to stop, so it is made when it is asked for. */
  #abort: AbortController | undefined
  #released = false
  #link: PreparingLink | undefined
  #over = false
  #leaving = false

  constructor(gen: number, dialledOffline: boolean, host: AttemptHost) {
    this.gen = gen
    this.dialledOffline = dialledOffline
    this.#host = host
  }

  /** Aborted when nobody waits for this attempt any more. */
  get signal(): AbortSignal {
    this.#abort ??= guardedController((thrown) => this.#host.fail('ERR_LISTENER', "an 'abort' listener", thrown))
    if (this.#released) this.#abort.abort()
    return this.#abort.signal
  }

  /** Nobody has given it up, nor has it ended. */
  get wanted(): boolean {
    return !this.#over && !this.#leaving
  }

  async start(): Promise<void> {
    // Closed in the tick that opened it.
    if (this.#leaving) return
    let target: Target
    try {
      target = await this.#host.resolve(this)
    } catch (thrown) {
      const error = asProviderError(thrown)
      this.#fail({ error, fatal: error.code !== 'ERR_PROVIDER' })
      return
    }
    if (!this.wanted) return
    this.url = target.url
    this.#send({ type: 'socket.resolved', gen: this.gen })
    // The app was told, and may have thought better of it.
    if (!this.wanted) return
    try {
      this.socket = checkSocket(this.#host.settings.transport.connect(target, this))
    } catch (thrown) {
      const message = 'the transport threw in connect, or returned no socket: report it to the author of the transport'
      this.#fail({ error: new ConnectionError('ERR_TRANSPORT', message, { cause: thrown }) })
    }
  }

  /** The handshake is done: authentication and the like, before anything else is sent. */
  prepare(): void {
    const { prepare } = this.#host.settings
    const done = (): void => {
      if (this.wanted) this.#send({ type: 'socket.prepared', gen: this.gen })
    }
    if (prepare === undefined) {
      done()
      return
    }
    const link = new PreparingLink(this.socket!, this.protocol, (error) => this.#fail({ error }))
    this.#link = link
    this.#host.inbound.hold(link)
    // Begun inside a promise, so that a hook that throws and one that rejects are the same.
    new Promise((resolve) => resolve(prepare(link, { signal: this.signal }))).then(done, (thrown: unknown) => {
      const detail = { cause: thrown }
      if (isRefused(thrown)) {
        const message = 'prepare refused to connect, so it is over: see the cause'
        this.#fail({ error: new ConnectionError('ERR_REFUSED', message, detail), fatal: true })
        return
      }
      const message = 'prepare threw or rejected, so the attempt failed: see the cause'
      this.#fail({ error: new ConnectionError('ERR_PREPARE', message, detail) })
    })
  }

  /** What `prepare` left unread. */
  takeUnread(): Frame[] {
    return this.#link?.end() ?? []
  }

  /** Starts the closing handshake, or reports at the next chance that there was nothing to close. */
  sayGoodbye(code: number | undefined, reason: string | undefined): void {
    this.#leaving = true
    if (this.socket !== undefined) {
      this.socket.close(code, reason)
      return
    }
    soon(() => this.#fail(undefined))
    this.#giveUp()
  }

  /** Inside a turn of the chart: the socket goes, and nothing else happens. The app hears of it by `release`. */
  abandon(code: number, reason: string): void {
    this.#over = true
    try {
      this.socket?.abandon(code, reason)
    } catch {
      // A transport that breaks its contract must not break the chart.
    }
  }

  /** Outside: tells provider and hook that nobody waits for them any more. */
  release(): void {
    this.#link?.end()
    this.#giveUp()
  }

  #giveUp(): void {
    this.#released = true
    this.#abort?.abort()
  }

  #send(event: SocketEvent): void {
    this.#host.control.send(event)
  }

  #fail(failure: Failure | undefined): void {
    if (this.#over) return
    this.failure ??= failure
    this.#send({ type: 'socket.closed', gen: this.gen, code: 1006 })
  }

  // What the socket calls.

  opened({ protocol, extensions }: { readonly protocol: string; readonly extensions: string }): void {
    if (this.#over) return
    this.protocol = protocol
    this.extensions = extensions
    this.#send({ type: 'socket.opened', gen: this.gen })
  }

  message(data: Frame): void {
    if (!this.#over) this.#host.take(data)
  }

  alive(frame: ControlFrame): void {
    if (!this.#over) this.#host.inbound.alive(frame)
  }

  failed({ error, ...detail }: FailureDetail): void {
    if (!this.#over) this.failure ??= { error: asConnectionError(error, detail.status), ...detail }
  }

  closed(close: CloseInfo, answered = false): void {
    if (this.#over) return
    this.close = close
    this.answered = answered
    this.#send({ type: 'socket.closed', gen: this.gen, code: close.code })
  }
}

/** Whatever else was thrown is of the app: only what is known to be wrong with the target can't get better. */
function asProviderError(thrown: unknown): ConnectionError {
  if (isConnectionError(thrown)) return thrown
  const message = 'the URL provider failed, so the attempt failed: see the cause'
  return new ConnectionError('ERR_PROVIDER', message, { cause: thrown })
}

function checkSocket(socket: Socket): Socket {
  if (!isThenable(socket) && typeof (socket as Partial<Socket> | null | undefined)?.abandon === 'function')
    return socket
  onRejection(socket, ignore)
  throw new TypeError('connect must return a socket, with all methods that a socket has to have')
}

function asConnectionError(error: unknown, status: number | undefined): ConnectionError {
  if (isConnectionError(error)) return error
  const detail = { cause: error, status }
  if (status === undefined) {
    return new ConnectionError('ERR_SOCKET', 'the WebSocket failed: see the cause, if the runtime tells one', detail)
  }
  const message = `the server answered the upgrade with HTTP ${status}: look at the URL, the credentials and the proxies on the way`
  return new ConnectionError('ERR_HANDSHAKE', message, detail)
}

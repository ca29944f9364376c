import type { SocketEvent } from '../../machines/connection.types.js'
import { ConnectionError } from '../errors.js'
import type { Inbound } from '../data/inbound.js'
import { PreparingLink, type Link } from '../data/link.js'
import type { CloseInfo, Frame, Socket, SocketSink, Target, Transport } from '../transports/transport.js'

export type Prepare = (link: Link, context: { readonly signal: AbortSignal }) => unknown

/** What one attempt needs of the connection. */
export interface AttemptParts {
  readonly transport: Transport
  readonly inbound: Pick<Inbound<unknown>, 'message' | 'alive' | 'hold'>
  /** Asks the URL provider and checks its answer; rejects with the `ConnectionError` that says what is wrong. */
  readonly resolve: (signal: AbortSignal) => Target | Promise<Target>
  readonly prepare: Prepare | undefined
  readonly dialledOffline: boolean
  /** To the chart. */
  readonly send: (event: SocketEvent) => void
}

/** Why an attempt failed, beyond what its close tells. */
export interface Failure {
  readonly error: ConnectionError
  readonly status?: number
  readonly retryAfter?: number
  readonly fatal?: boolean
}

/** One generation: the provider is asked, a socket is made and prepared, and in the end dropped. Reports to the chart, decides nothing. */
export class Attempt {
  readonly gen: number
  /** The URL that was dialled; '' while the provider is being asked. */
  url = ''
  protocol = ''
  extensions = ''
  socket: Socket | undefined
  /** How it ended, once it did by itself. */
  close: CloseInfo | undefined
  failure: Failure | undefined
  readonly dialledOffline: boolean
  readonly #parts: AttemptParts
  readonly #abort = new AbortController()
  #link: PreparingLink | undefined
  #over = false
  #leaving = false

  constructor(gen: number, parts: AttemptParts) {
    this.gen = gen
    this.#parts = parts
    this.dialledOffline = parts.dialledOffline
  }

  async start(): Promise<void> {
    // Closed in the tick that opened it.
    if (this.#leaving) return
    let target: Target
    try {
      target = await this.#parts.resolve(this.#abort.signal)
    } catch (thrown) {
      this.#fail({ error: thrown as ConnectionError, fatal: (thrown as ConnectionError).code !== 'ERR_PROVIDER' })
      return
    }
    if (this.#over || this.#leaving) return
    this.url = target.url
    this.#parts.send({ type: 'socket.resolved', gen: this.gen })
    // The app was told, and may have thought better of it.
    if (this.#over || this.#leaving) return
    try {
      this.socket = this.#parts.transport.connect(target, this.#sink())
    } catch (thrown) {
      const message = 'the transport threw in connect, which it must not: report it to the author of the transport'
      this.#fail({ error: new ConnectionError('ERR_TRANSPORT', message, { cause: thrown }) })
    }
  }

  /** The handshake is done: authentication and the like, before anything else is sent. */
  prepare(): void {
    const { prepare, inbound, send } = this.#parts
    const done = (): void => {
      if (!this.#over && !this.#leaving) send({ type: 'socket.prepared', gen: this.gen })
    }
    if (prepare === undefined) {
      done()
      return
    }
    const link = new PreparingLink(this.socket!, this.protocol)
    this.#link = link
    inbound.hold(link)
    // Begun inside a promise, so that a hook that throws and one that rejects are the same.
    new Promise((resolve) => resolve(prepare(link, { signal: this.#abort.signal }))).then(done, (thrown: unknown) => {
      const message = 'prepare threw or rejected, so the attempt failed: see the cause'
      this.#fail({ error: new ConnectionError('ERR_PREPARE', message, { cause: thrown }) })
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
    queueMicrotask(() => this.#fail(undefined))
    this.#abort.abort()
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
    this.#abort.abort()
  }

  #fail(failure: Failure | undefined): void {
    if (this.#over) return
    this.failure ??= failure
    this.#parts.send({ type: 'socket.closed', gen: this.gen, code: 1006 })
  }

  #sink(): SocketSink {
    const { inbound, send } = this.#parts
    return {
      opened: ({ protocol, extensions }) => {
        if (this.#over) return
        this.protocol = protocol
        this.extensions = extensions
        send({ type: 'socket.opened', gen: this.gen })
      },
      message: (data) => {
        if (!this.#over) inbound.message(data)
      },
      alive: (frame) => {
        if (!this.#over) inbound.alive(frame)
      },
      failed: ({ error, ...detail }) => {
        if (!this.#over) this.failure ??= { error: asConnectionError(error, detail.status), ...detail }
      },
      closed: (close) => {
        if (this.#over) return
        this.close = close
        send({ type: 'socket.closed', gen: this.gen, code: close.code })
      },
    }
  }
}

function asConnectionError(error: unknown, status: number | undefined): ConnectionError {
  if (error instanceof ConnectionError) return error
  if (status !== undefined) {
    const message = `the server answered the upgrade with HTTP ${status}: look at the URL, the credentials and the proxies on the way`
    return new ConnectionError('ERR_HANDSHAKE', message, { cause: error, status })
  }
  return new ConnectionError('ERR_SOCKET', 'the WebSocket failed: see the cause, if the runtime tells one', {
    cause: error,
  })
}

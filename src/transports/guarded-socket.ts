import { isConnectionError, makeError } from '../core/errors.js'
import { soon } from '../core/guards.js'
import type { BinaryType, CloseInfo, SendData, FailureDetail, SocketSink, Target } from '../core/transport.js'

/** The members that the sockets of all runtimes share. */
export interface RuntimeSocket {
  readonly readyState: number
  readonly bufferedAmount: number
  binaryType: string
  close(code?: number, reason?: string): void
}

/**
 * Wraps a runtime's socket and enforces the `Transport` contract on it: the sink is not called while a call into the
 * runtime is on the stack; `failed` is reported only before an unclean `closed`; `closed` is reported once, last;
 * nothing is reported after `abandon`.
 *
 * Message listeners call the sink directly if `busy` is 0 and the socket is not over, so that a message costs one call.
 */
export abstract class GuardedSocket<Runtime extends RuntimeSocket> {
  socket: Runtime | undefined
  /** `undefined` after `closed` or `abandon`. */
  sink: SocketSink | undefined
  isOpened = false
  /** True once the end was reported or scheduled, or the socket was abandoned. */
  isOver = false
  /**
   * Calls into the runtime that are on the stack, plus reports that wait for a microtask. Reports are deferred until it
   * is 0.
   */
  busy = 0
  /** The class ignored `binaryType = 'blob'`, as `ws` 7 does. */
  lacksBlobs = false
  #detail: FailureDetail | undefined
  #binaryType: BinaryType

  constructor(target: Target, sink: SocketSink) {
    this.sink = sink
    this.#binaryType = target.binaryType
  }

  /** Releases the resources of the handshake and the link. Called once, at the end or on `abandon`. */
  protected abstract release(isAbandoned: boolean): void
  protected abstract write(socket: Runtime, data: SendData): void

  /** Runs a call into the runtime, and defers what the runtime reports until the call has returned. */
  protected during(call: () => void): void {
    this.busy++
    try {
      call()
    } finally {
      this.busy--
    }
  }

  /** Runs `make`, which sets `socket`. If it throws, this socket ends. */
  protected dial(target: Target, make: () => void): void {
    this.during(() => {
      try {
        make()
        this.binaryType = target.binaryType
      } catch (error) {
        this.fail(failureOf(error, target))
        this.end(abnormal)
        startClosing(this.socket)
      }
    })
  }

  opened({ protocol, extensions }: { readonly protocol: string; readonly extensions: string }): void {
    if (this.isOver || this.isOpened) return
    this.isOpened = true
    this.report((sink) => sink.opened({ protocol: protocol ?? '', extensions: extensions ?? '' }))
  }

  /** Records the cause for the `closed` that follows. Only the first one counts; later failures are consequences. */
  fail(detail: FailureDetail): void {
    this.#detail ??= detail
  }

  end(close: CloseInfo, answered = false): void {
    if (this.isOver) return
    this.isOver = true
    this.release(false)
    this.report((sink) => {
      // workerd reports an error if the peer closes TCP first, even after a complete closing handshake.
      if (this.#detail !== undefined && !close.wasClean) sink.failed(this.#detail)
      // A `failed` handler may have called `abandon`.
      if (this.sink === undefined) return
      this.sink = undefined
      sink.closed(close, answered)
    })
  }

  /** Calls the sink now, or after the calls on the stack have returned. */
  report(call: (sink: SocketSink) => void): void {
    if (this.busy === 0) return call(this.sink!)
    this.busy++
    soon(() => {
      this.busy--
      if (this.sink !== undefined) call(this.sink)
    })
  }

  get isOpen(): boolean {
    return !this.isOver && this.socket?.readyState === 1
  }

  get bufferedAmount(): number {
    return this.socket?.bufferedAmount ?? 0
  }

  get binaryType(): BinaryType {
    return this.#binaryType
  }

  set binaryType(type: BinaryType) {
    this.#binaryType = type
    const { socket } = this
    if (socket === undefined) return
    socket.binaryType = type
    this.lacksBlobs = socket.binaryType !== type
  }

  send(data: SendData): void {
    if (!this.isOpen) throw makeError('ERR_TRANSPORT', 'not-open', [])
    // `during` inlined, to avoid a closure per message.
    this.busy++
    try {
      this.write(this.socket!, data)
    } finally {
      this.busy--
    }
  }

  abandon(code?: number, reason?: string): void {
    this.isOver = true
    this.sink = undefined
    // Never decremented, so later reports of the runtime are deferred, and find no sink.
    this.busy++
    startClosing(this.socket, code, reason)
    this.release(true)
  }
}

/** The close of a link that ended without a closing handshake (RFC 6455 §7.1.5). */
export const abnormal: CloseInfo = /* @__PURE__ */ Object.freeze({ code: 1006, reason: '', wasClean: false })

/**
 * Closes with as many arguments as the class accepts, since some classes refuse codes that others accept. Cancels a
 * pending handshake.
 */
export function startClosing(socket: RuntimeSocket | undefined, code?: number, reason?: string): void {
  try {
    if (code === undefined) socket?.close()
    else if (reason === undefined) socket?.close(code)
    else socket?.close(code, reason)
  } catch {
    if (code !== undefined) startClosing(socket)
  }
}

/**
 * Maps an error thrown by the constructor to a failure. `error.message` stays in the cause, because it may quote the
 * URL and so a token.
 */
function failureOf(error: unknown, { url }: Target): FailureDetail {
  if (isConnectionError(error)) return { error, fatal: true }
  const detail = { cause: error }
  // By name: an error of another realm is not an instance of this realm's `Error`.
  const name = nameOf(error)
  // The standard throws the same `SyntaxError` for an invalid URL and invalid protocols.
  if (name === 'SecurityError' || (name === 'SyntaxError' && !isDialable(url)))
    return { error: makeError('ERR_URL', 'url-refused', [], detail), fatal: true }
  if (name === 'SyntaxError' || name === 'TypeError' || name === 'RangeError')
    return { error: makeError('ERR_OPTION', 'arguments-refused', [], detail), fatal: true }
  return { error: makeError('ERR_SOCKET', 'not-constructed', [], detail) }
}

function nameOf(error: unknown): unknown {
  try {
    return (error as { readonly name?: unknown } | null | undefined)?.name
  } catch {
    return undefined
  }
}

function isDialable(url: string): boolean {
  try {
    return /^(?:ws|http)s?:[^#]*$/i.test(new URL(url).href)
  } catch {
    return false
  }
}

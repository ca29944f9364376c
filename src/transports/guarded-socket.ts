import { isConnectionError, makeError } from '../core/errors.js'
import { soon } from '../core/guards.js'
import type { BinaryType, CloseInfo, SendData, FailureDetail, SocketSink, Target } from '../core/transport.js'

/** What the sockets of all runtimes have in common. */
export interface RuntimeSocket {
  readonly readyState: number
  readonly bufferedAmount: number
  binaryType: string
  close(code?: number, reason?: string): void
}

/**
 * A runtime's socket and the sink it reports to. Keeps the contract whatever the runtime does: the sink is not called while a
 * call into the runtime is on the stack, `failed` comes only before a `closed` that was not clean, `closed` comes once and last, and
 * nothing comes after `abandon`.
 *
 * A message listener calls the sink itself, if `busy` is 0 and the socket is not over: a message costs one call.
 */
export abstract class GuardedSocket<Runtime extends RuntimeSocket> {
  socket: Runtime | undefined
  /** `undefined` once it must not be called again. */
  sink: SocketSink | undefined
  isOpened = false
  /** The end was reported, or is about to be, or the socket was abandoned. */
  isOver = false
  /** Calls into the runtime on the stack, plus reports that wait for a microtask. While it is not 0, reports wait. */
  busy = 0
  /** The class knows no Blobs, as `ws` 7, and ignored the type. */
  lacksBlobs = false
  #detail: FailureDetail | undefined
  #binaryType: BinaryType

  constructor(target: Target, sink: SocketSink) {
    this.sink = sink
    this.#binaryType = target.binaryType
  }

  /** Forgets what belongs to the handshake and the link. Called once, at the end or when abandoned. */
  protected abstract release(isAbandoned: boolean): void
  protected abstract write(socket: Runtime, data: SendData): void

  /** Calls into the runtime. What it reports meanwhile waits until the call has returned. */
  protected during(call: () => void): void {
    this.busy++
    try {
      call()
    } finally {
      this.busy--
    }
  }

  /** Runs `make`, which sets `socket`. What it throws ends this socket. */
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

  /** Notes the cause of the `closed` to come. Later ones are consequences of the first. */
  fail(detail: FailureDetail): void {
    this.#detail ??= detail
  }

  end(close: CloseInfo, answered = false): void {
    if (this.isOver) return
    this.isOver = true
    this.release(false)
    this.report((sink) => {
      // workerd reports an error when the peer is done with TCP first, though the closing handshake was completed.
      if (this.#detail !== undefined && !close.wasClean) sink.failed(this.#detail)
      // `failed` may have led to `abandon`.
      if (this.sink === undefined) return
      this.sink = undefined
      sink.closed(close, answered)
    })
  }

  /** Calls the sink: now, or once the calls on the stack have returned. */
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
    // As `during` does, without a function for each message.
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
    // For good: whatever the runtime still reports waits for a sink that is gone.
    this.busy++
    startClosing(this.socket, code, reason)
    this.release(true)
  }
}

/** What a link that broke without a closing handshake reports. */
export const abnormal: CloseInfo = /* @__PURE__ */ Object.freeze({ code: 1006, reason: '', wasClean: false })

/** Closes with as many arguments as the class accepts: some refuse codes that others take. Cancels a pending handshake. */
export function startClosing(socket: RuntimeSocket | undefined, code?: number, reason?: string): void {
  try {
    if (code === undefined) socket?.close()
    else if (reason === undefined) socket?.close(code)
    else socket?.close(code, reason)
  } catch {
    if (code !== undefined) startClosing(socket)
  }
}

/** What a constructor that threw means. `error.message` stays in the cause: it may quote the URL, and so a token. */
function failureOf(error: unknown, { url }: Target): FailureDetail {
  if (isConnectionError(error)) return { error, fatal: true }
  const detail = { cause: error }
  // By name: what a class of another realm throws is no instance of our Error.
  const name = nameOf(error)
  // The standard has one SyntaxError for both arguments.
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

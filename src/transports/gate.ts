import { ConnectionError, isConnectionError } from '../errors.js'
import { soon } from '../guards.js'
import type { CloseInfo, ControlFrame, FailureDetail, Frame, SocketSink, Target } from './transport.js'

/** A socket of any class, as far as it can be closed. */
export interface Closable {
  close(code?: number, reason?: string): void
}

/**
 * The one way from a runtime's socket to a sink. Keeps the contract whatever the runtime does: nothing while one of our
 * own calls is on the stack, `failed` only together with a `closed` that was not clean, `closed` once and last, nothing after `drop`.
 */
export class SinkGate {
  #sink: SocketSink | undefined
  #detail: FailureDetail | undefined
  #opened = false
  #shut = false
  /** Our calls on the stack, plus reports that wait for a microtask: what comes now must queue behind them. */
  #held = 0

  constructor(sink: SocketSink) {
    this.#sink = sink
  }

  /** Whether the socket is over, as far as the sink is or will be concerned. */
  get shut(): boolean {
    return this.#shut
  }

  enter(): void {
    this.#held += 1
  }

  leave(): void {
    this.#held -= 1
  }

  opened(info: { readonly protocol: string; readonly extensions: string }): void {
    if (this.#shut || this.#opened) return
    this.#opened = true
    this.#report((sink) => sink.opened(info))
  }

  message(data: Frame): void {
    if (this.#shut) return
    // The hot path: no closure unless there is something to wait for.
    if (this.#held === 0) this.#sink!.message(data)
    else this.#report((sink) => sink.message(data))
  }

  alive(frame: ControlFrame): void {
    if (!this.#shut) this.#report((sink) => sink.alive(frame))
  }

  /** Notes detail for the `closed` to come. The first is the cause, later ones are consequences. */
  fail(detail: FailureDetail): void {
    this.#detail ??= detail
  }

  closed(close: CloseInfo, answered = false): void {
    if (this.#shut) return
    this.#shut = true
    this.#report((sink) => {
      // workerd tells of an error when the peer is done with TCP first, though both had said goodbye.
      if (this.#detail !== undefined && !close.wasClean) sink.failed(this.#detail)
      // `failed` may have led to `abandon`.
      if (this.#sink === undefined) return
      this.#sink = undefined
      sink.closed(close, answered)
    })
  }

  drop(): void {
    this.#shut = true
    this.#sink = undefined
  }

  #report(report: (sink: SocketSink) => void): void {
    if (this.#held === 0) return report(this.#sink!)
    this.#held += 1
    soon(() => {
      this.#held -= 1
      if (this.#sink !== undefined) report(this.#sink)
    })
  }
}

/** What a link that broke without a closing handshake reports. */
export const ABNORMAL: CloseInfo = Object.freeze({ code: 1006, reason: '', wasClean: false })

/** An `error` listener for the rest of a socket's life. */
export function absorb(): void {}

/** Closes with as much as the class accepts: some refuse codes that others take. Cancels a pending handshake. */
export function farewell(socket: Closable | undefined, code?: number, reason?: string): void {
  try {
    if (code === undefined) socket?.close()
    else if (reason === undefined) socket?.close(code)
    else socket?.close(code, reason)
  } catch {
    if (code !== undefined) farewell(socket)
  }
}

export function notOpen(): ConnectionError {
  return new ConnectionError('ERR_TRANSPORT', 'send needs an open socket, and this one is not')
}

/** What a constructor that threw means. `error.message` stays in the cause: it may quote the URL, and so a token. */
export function refusal(error: unknown, { url }: Target): FailureDetail {
  if (isConnectionError(error)) return { error, fatal: true }
  // By name: what a class of another realm throws is no instance of our Error.
  const name = nameOf(error)
  // The standard has one SyntaxError for both arguments.
  if (name === 'SecurityError' || (name === 'SyntaxError' && !dialable(url))) {
    return {
      error: new ConnectionError('ERR_URL', 'the WebSocket class refused the URL', { cause: error }),
      fatal: true,
    }
  }
  if (name === 'SyntaxError' || name === 'TypeError' || name === 'RangeError') {
    const message = 'the WebSocket class refused its arguments (subprotocols, headers or options)'
    return { error: new ConnectionError('ERR_OPTION', message, { cause: error }), fatal: true }
  }
  return { error: new ConnectionError('ERR_SOCKET', 'the WebSocket could not be constructed', { cause: error }) }
}

function nameOf(error: unknown): unknown {
  try {
    return (error as { readonly name?: unknown } | null | undefined)?.name
  } catch {
    return undefined
  }
}

function dialable(url: string): boolean {
  try {
    return /^(?:ws|http)s?:[^#]*$/i.test(new URL(url).href)
  } catch {
    return false
  }
}

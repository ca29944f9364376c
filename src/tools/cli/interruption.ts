import { isUnread } from './readers.js'

/** The exit codes of a shell for a process that a signal ended: 128 + its number. */
const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGPIPE: 141 } as const

type SignalName = keyof typeof codes

/** How often to look whether the command is orphaned. Milliseconds. */
const orphanInterval = 2_000

/**
 * What ends a command from outside: a signal, Ctrl-C in raw mode, an output that was closed or takes no more, or a parent that is
 * gone when nothing can read the output. The first one asks, the second insists.
 */
export class Interruption {
  readonly #controller = new AbortController()
  readonly #onSignal = (name: NodeJS.Signals): void => this.interrupt(name as SignalName)
  readonly #onPipeError = (error: NodeJS.ErrnoException): void => {
    // The reader has closed the pipe, as in `statewire lab | head`. EIO is the same for a terminal.
    if (error.code === 'EPIPE' || error.code === 'EIO') return this.interrupt('SIGPIPE')
    if (this.#exitCode !== undefined) return
    // Such as a full disk. Every write from now on would fail as well.
    process.stderr.write(`statewire: what was to be written cannot be: ${error.message}\n`)
    this.#exitCode = 1
    this.#controller.abort()
  }
  readonly #orphanCheck: NodeJS.Timeout
  #exitCode: number | undefined

  /** `out`: the stdout of the command. */
  constructor(out: NodeJS.WritableStream & { readonly fd?: number }) {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, this.#onSignal)
    out.on('error', this.#onPipeError)
    const { fd } = out
    const parent = process.ppid
    // A command that writes nothing gets no error from a closed pipe. One started on purpose to outlive its parent writes to a
    // file, a device or another program.
    this.#orphanCheck = setInterval(() => {
      if (process.ppid !== parent && fd !== undefined && isUnread(fd)) this.interrupt('SIGPIPE')
    }, orphanInterval).unref()
  }

  /** Aborted when it is time to tidy up and leave. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Resolves when it is. */
  come(): Promise<void> {
    const { signal } = this.#controller
    return new Promise((resolve) => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  /** Set once interrupted. */
  get exitCode(): number | undefined {
    return this.#exitCode
  }

  interrupt(name: SignalName): void {
    if (this.#exitCode === undefined) {
      this.#exitCode = codes[name]
      this.#controller.abort()
    } else if (name !== 'SIGPIPE') {
      // Tidying up takes too long for somebody. `exit` listeners still give the terminal back.
      process.exit(codes[name])
    }
  }

  stop(): void {
    clearInterval(this.#orphanCheck)
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, this.#onSignal)
    // The output's errors go on being absorbed: what is still in its buffer may fail after us.
  }
}

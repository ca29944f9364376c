import type { CloseEvent, Connection, ConnectionError, Loss } from '../../../index.js'
import type { RelayLink } from '../../inspect/index.js'
import type { Surroundings } from '../command.js'
import { showTo } from '../inspect/show.js'
import type { Interruption } from '../interruption.js'
import { describeEnding, seconds, type Ending } from '../status/ending.js'
import { describeHappening } from '../status/journal.js'
import { printable } from '../terminal/untrusted.js'
import { complaintsOf, normal } from './complaints.js'
import { RunSession } from './continuity.js'
import { dial, placeOf } from './dial.js'
import { whenWithoutLink } from './give-up.js'
import { hintFor } from './hints.js'
import { Incoming } from './incoming.js'
import { linesOf, messagesOf } from './lines.js'
import { sendLines } from './outgoing.js'
import { StdoutWriter } from './stdout-writer.js'
import type { Recording } from './recording.js'
import { Lines, Live, type Reporter } from './reporter.js'
import { statusRow } from './row.js'
import type { Settings, StatusForm } from './settings.js'
import type { Tls } from './tls.js'
import type { BinaryFiles } from './binary-files.js'

/** The default time to listen after the end of piped input. Milliseconds. */
export const defaultWait = 1_000

/** The maximum time to finish after an interruption. Milliseconds. */
const closeLimit = 2_000

/** Refresh intervals: while a countdown is shown, and otherwise. Milliseconds. */
const countdownInterval = 100
const idleInterval = 1_000

/** The opened resources that the settings name. */
export interface Resources {
  readonly tls: Tls
  readonly binaryFiles: BinaryFiles | undefined
  readonly recording: Recording | undefined
  readonly status: StatusForm
}

/** One run of `statewire connect`: sends stdin to the server and writes its messages to stdout until one side ends. */
export class Session {
  readonly #settings: Settings
  readonly #around: Surroundings
  readonly #interruption: Interruption
  readonly #connection: Connection
  readonly #session: RunSession
  readonly #incoming: Incoming
  readonly #relay: RelayLink | undefined
  readonly #recording: Recording | undefined
  readonly #reporter: Reporter
  readonly #began = performance.now()
  /** Everything was sent, so no further link is needed. */
  #isLast = false
  #closing = false
  #sentBefore = 0
  /** The number of sent messages when the last message arrived. */
  #sentAtLastMessage = 0
  #isOpen = false
  #wasOpen = false
  /** Failed attempts since the last link, or since the start. */
  #failed = 0
  #rtt: number | undefined
  #uncertain = 0
  #unsent = 0
  #failure: string | undefined
  #ticker: NodeJS.Timeout | undefined

  constructor(
    settings: Settings,
    around: Surroundings,
    interruption: Interruption,
    { tls, binaryFiles, recording, status }: Resources,
  ) {
    this.#settings = settings
    this.#around = around
    this.#interruption = interruption
    const { connection, resumed } = dial(settings, tls, (loss) => (this.#isOver(loss) ? false : undefined))
    this.#connection = connection
    this.#session = new RunSession(resumed)
    this.#relay = showTo(around.env, connection, { name: 'statewire connect', session: resumed })
    this.#recording = recording
    recording?.follow(connection, resumed)
    this.#reporter = this.#reporterFor(status)
    const { stdout } = around
    const shared = stdout.isTTY && status === 'live'
    const writer = new StdoutWriter(
      stdout,
      shared ? (write) => this.#reporter.aside(write) : (write) => write(),
      interruption.signal,
    )
    const { json, binary } = settings
    const form = { json, binary, binaryFiles, escapes: stdout.isTTY, resumed }
    this.#incoming = new Incoming(this.#connection, writer, form)
    this.#report()
  }

  /** Resolves to the exit code. */
  async run(): Promise<number> {
    const { once, giveUpAfter } = this.#settings
    this.#tick()
    let stopLimit = (): void => {}
    const givenUp = new Promise<void>((resolve) => {
      if (giveUpAfter === undefined) return
      stopLimit = whenWithoutLink(this.#connection, giveUpAfter, () => {
        this.#failure = `gave up after ${seconds(giveUpAfter)} without a link (--give-up-after)`
        resolve()
      })
    })
    const writing = this.#incoming.write(once ? 1 : Infinity)
    const all = [writing, this.#send(), this.#connection.ended(), this.#interruption.come(), givenUp]
    try {
      await Promise.race(all)
      this.#closing = true
      await this.#leave()
      // Messages received before the close are still written.
      if (!once) await writing
    } catch (error) {
      this.#failure = (error as Error).message
      this.#closing = true
      await this.#leave()
    } finally {
      stopLimit()
      this.#incoming.finish()
      clearTimeout(this.#ticker)
      this.#reporter.stop()
      this.#around.stdin.destroy()
      this.#relay?.close()
      await this.#recording?.close()
    }
    return this.#finish()
  }

  #reporterFor(status: StatusForm): Reporter {
    const { stdin, stderr } = this.#around
    if (status !== 'live') return new Lines(status === 'off' ? undefined : stderr)
    const keyboard = { input: stdin, interrupt: () => this.#interruption.interrupt('SIGINT') }
    return new Live(stderr, (width) => this.#row(width), stdin.isTTY ? keyboard : undefined)
  }

  #row(width: number): ReturnType<typeof statusRow> {
    const { status, counters } = this.#connection
    const { unacknowledged, uncertain: lost } = this.#session
    const uncertain = this.#uncertain + lost
    return statusRow({ status, counters, wall: Date.now(), rtt: this.#rtt, uncertain, unacknowledged }, width)
  }

  #report(): void {
    const connection = this.#connection
    const tell = (text: string, stays = false): void => this.#reporter.changed(printable(text), stays)
    const { proxy, insecure } = this.#settings
    const by = proxy === undefined ? '' : ` through ${proxy.protocol}//${proxy.host}`
    tell(`connecting to ${placeOf(connection.url || this.#settings.url)}${by}`)
    if (insecure) tell("the server's certificate is not verified (--insecure)", true)
    connection.on('open', ({ attempt }) => {
      const isBack = this.#wasOpen || this.#failed > 0
      this.#isOpen = true
      this.#wasOpen = true
      this.#failed = 0
      const flushed = connection.counters.sent - this.#sentBefore
      tell(describeHappening({ at: 0, what: 'open', attempt, flushed }), isBack)
    })
    connection.on('close', (event) => {
      const what = this.#isOpen ? 'lost' : 'failed'
      this.#isOpen = false
      this.#sentBefore = connection.counters.sent
      this.#rtt = undefined
      const { status } = connection
      // What a session leaves uncertain is in its own event.
      const lost = this.#session.exists || this.#isFinished(event) ? 0 : event.uncertain.messages
      this.#uncertain += lost
      if (this.#closing && event.wasClean) return
      const hinted = status.state === 'backoff' && status.hinted
      if (what === 'failed') this.#failed++
      // Of several failed attempts, only the first stays visible.
      tell(describeHappening({ at: 0, what, event, unechoed: lost, hinted }), what === 'lost' || this.#failed === 1)
      if (event.willRetry && !this.#wasOpen && this.#failed === 1) this.#hint(event)
    })
    this.#session.report(tell)
    connection.on('message', () => (this.#sentAtLastMessage = connection.counters.sent))
    connection.on('heartbeat', ({ rtt }) => (this.#rtt = rtt))
    connection.on('dropped', ({ reason }) => (this.#unsent += reason === 'unread' ? 0 : 1))
    connection.on('state', () => this.#reporter.refresh())
    connection.on('error', ({ message }) => this.#reporter.aside(() => this.#complain(message)))
  }

  /**
   * Whether a clean close confirms all messages. The server answers a Close after reading everything before it. If the
   * server closes first with a normal code, the conversation counts as finished if its last message came after the last
   * one sent.
   */
  #isFinished({ wasClean, code }: Pick<CloseEvent, 'wasClean' | 'code'>): boolean {
    if (!wasClean) return false
    return this.#closing || (normal.includes(code) && this.#sentAtLastMessage === this.#connection.counters.sent)
  }

  /** Whether not to retry: the input is finished, `--no-reconnect` is set, or retrying is pointless. */
  #isOver(loss: Loss): boolean {
    return this.#isLast || !this.#settings.reconnect || (!this.#wasOpen && hintFor(loss)?.isFinal === true)
  }

  /** Explains the first failed attempt, even with --quiet, because retries may go on indefinitely. */
  #hint(loss: Pick<Loss, 'error' | 'status'> & Ending): void {
    const remedy = hintFor(loss)?.remedy
    const { status, giveUpAfter } = this.#settings
    const isQuiet = status === 'off'
    const limit = giveUpAfter === undefined ? 'until it succeeds' : `for ${seconds(giveUpAfter)}`
    if (isQuiet) this.#complain(`not connected: ${describeEnding(loss)}; retrying ${limit}`)
    if (remedy === undefined) return
    if (isQuiet) this.#complain(remedy)
    else this.#reporter.changed(remedy, true)
  }

  #tick(): void {
    const { state } = this.#connection
    this.#reporter.refresh()
    this.#ticker = setTimeout(() => this.#tick(), state === 'open' ? idleInterval : countdownInterval)
  }

  /** Sends the input, then waits for answers. */
  async #send(): Promise<void> {
    const { stdin } = this.#around
    const { typed } = this.#reporter
    let lines = 0
    try {
      await sendLines(
        this.#connection,
        messagesOf(typed ?? linesOf(stdin), this.#settings.send),
        (count) => (lines += count),
      )
    } catch (error) {
      // The connection has ended; that is reported elsewhere.
      if (!this.#closing && (error as Partial<ConnectionError>).code !== 'ERR_ENDED') throw error
      await this.#connection.ended()
      return
    }
    await this.#linger(this.#waitAfter(lines))
  }

  #waitAfter(lines: number): number {
    const { wait, once } = this.#settings
    if (wait !== undefined) return wait
    if (once) return Infinity
    if (this.#around.stdin.isTTY) return 0
    // Without input, as from /dev/null, there is no request whose answer could be the last.
    return lines === 0 ? Infinity : defaultWait
  }

  async #linger(wait: number): Promise<void> {
    const { signal } = this.#interruption
    if (wait === Infinity) {
      await this.#connection.ended({ signal })
      return
    }
    await this.#connection.drained({ signal })
    await this.#session.handled(signal)
    this.#isLast = true
    await this.#incoming.becomeQuiet(wait)
  }

  async #leave(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const enough = this.#interruption
      .come()
      .then(() => new Promise((resolve) => (timer = setTimeout(resolve, closeLimit))))
    await Promise.race([this.#connection.close(1000), enough])
    clearTimeout(timer)
  }

  #complain(text: string): void {
    this.#around.stderr.write(`statewire: ${printable(text)}\n`)
  }

  /** Prints the final messages and returns the exit code. */
  #finish(): number {
    const { status, counters } = this.#connection
    const { once, status: form } = this.#settings
    const complaints = complaintsOf({
      status,
      failures: [this.#failure, this.#recording?.failure],
      wasOpen: this.#wasOpen,
      unsent: this.#unsent,
      undelivered: this.#session.undelivered,
      uncertain: this.#uncertain + this.#session.uncertain,
      isEmpty: once && this.#incoming.written === 0,
    })
    const { stderr } = this.#around
    for (const each of complaints) this.#complain(each)
    if (form !== 'off') {
      const length = seconds(performance.now() - this.#began)
      stderr.write(`statewire: ${length}, ${counters.sent} sent, ${counters.received} received\n`)
    }
    return complaints.length === 0 ? 0 : 1
  }
}

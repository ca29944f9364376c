import type { ReadStream, WriteStream } from 'node:tty'
import type { Interruption } from '../interruption.js'
import { ctrlC, ctrlD, Keyboard } from '../terminal/keyboard.js'
import { Screen } from '../terminal/screen.js'
import { styleFor } from '../terminal/style.js'
import { paintLine, type Tone } from '../terminal/text.js'
import { printable } from '../terminal/untrusted.js'
import { counted, seconds } from '../status/ending.js'
import { describeHappening } from '../status/journal.js'
import type { Rig } from './rig.js'
import { help, keyRows, liveRows, meaningOf, type CommandName } from './rows.js'
import { describeSettings, describeTerms } from './settings.js'

/** Between two refreshes: countdowns show tenths of a second. Milliseconds. */
const refreshEvery = 100

/** The terminal's view of the rig: a log, the current status below it, and keys that inject faults. */
class Panel {
  readonly #rig: Rig
  readonly #screen: Screen
  readonly #leave: () => void
  readonly #ignore: () => void

  constructor(rig: Rig, url: string, out: WriteStream, leave: () => void) {
    this.#rig = rig
    this.#leave = leave
    const paint = styleFor(out)
    this.#screen = new Screen(out, paint, (width) => {
      const rows = [...liveRows(liveOf(rig), width), ...keyRows(rig.fault, width)]
      return [paint('-'.repeat(width), 'faint'), ...rows.map((row) => paintLine(row, paint))]
    })
    this.#screen.say(
      `statewire lab: a connection to ${rig.server.url}, a server in this process that you can break on command.`,
    )
    for (const text of [describeSettings(), describeTerms()]) this.#screen.say(text, { tone: 'faint' })
    this.#screen.say(`See it in a browser: ${url}`, { tone: 'strong' })
    this.#screen.say('Press a letter to inject a fault, and watch the connection recover. ? lists the keys.')
    this.#ignore = rig.on((happening) => {
      const tone = happening.what === 'open' ? 'good' : happening.what === 'lost' ? 'bad' : 'plain'
      this.#log(describeHappening(happening), tone)
    })
  }

  refresh(): void {
    this.#screen.refresh()
  }

  press(key: string): void {
    const meaning = meaningOf(key)
    if (meaning === undefined) return
    if ('command' in meaning) return this.#run(meaning.command)
    this.#log(`you: ${meaning.fault.name}: ${meaning.fault.effect}`, 'strong')
    this.#attempt(this.#rig.inject(meaning.fault))
  }

  stop(): void {
    this.#ignore()
    const { sent, echoed, uncertain } = this.#rig.totals
    const { queued } = this.#rig.connection.counters
    this.#screen.stop()
    this.#screen.say(
      `${seconds(this.#rig.now())}: ${counted(sent, 'message')} sent, ${echoed} echoed, ${queued} still queued, ${uncertain} uncertain.`,
    )
  }

  #run(command: CommandName): void {
    const { connection, fault } = this.#rig
    switch (command) {
      case 'heal':
        this.#log(fault === undefined ? 'you: heal: no fault is active' : `you: heal: cleared ${fault.name}`, 'strong')
        this.#attempt(this.#rig.heal())
        return
      case 'close':
        if (connection.state === 'ended') return this.#log('you: close: already ended', 'strong')
        this.#log('you: close(1000)', 'strong')
        void connection.close(1000, 'by hand')
        return
      case 'open':
        return this.#open()
      case 'help':
        this.#screen.print(...help(this.#screen.width))
        return
      case 'quit':
        this.#leave()
    }
  }

  #open(): void {
    const { connection } = this.#rig
    const { state } = connection
    if (state === 'open' || state === 'connecting') return this.#log(`you: open: already ${state}`, 'strong')
    const waits = state === 'backoff' || state === 'suspended'
    this.#log(waits ? 'you: reconnect()' : 'you: open()', 'strong')
    if (waits) connection.reconnect()
    else connection.open()
  }

  /** Injecting and healing can fail: another process may have taken the port. */
  #attempt(work: Promise<void>): void {
    work.then(
      () => this.refresh(),
      (error: unknown) => this.#log(`failed: ${String(error)}`, 'bad'),
    )
  }

  #log(text: string, tone: Tone): void {
    this.#screen.say(`${seconds(this.#rig.now()).padStart(8)}  ${printable(text)}`, { indent: 10, tone })
  }
}

/** What the status rows show of a rig. */
export function liveOf(rig: Rig): Parameters<typeof liveRows>[0] {
  const { connection, totals, rtt, silence } = rig
  return { status: connection.status, wall: Date.now(), totals, queued: connection.counters.queued, rtt, silence }
}

/** Resolves on quit or interruption, with the terminal restored. */
export function interactive(
  rig: Rig,
  url: string,
  input: ReadStream,
  out: WriteStream,
  interruption: Interruption,
): Promise<void> {
  return new Promise((resolve) => {
    const leave = (): void => {
      clearInterval(ticker)
      keyboard.stop()
      panel.stop()
      resolve()
    }
    const panel = new Panel(rig, url, out, leave)
    const press = (key: string): void => {
      if (key === ctrlC) interruption.interrupt('SIGINT')
      else if (key === ctrlD) leave()
      else panel.press(key)
    }
    const keyboard = new Keyboard(input, press, leave)
    const ticker = setInterval(() => panel.refresh(), refreshEvery)
    if (interruption.signal.aborted) leave()
    else interruption.signal.addEventListener('abort', leave, { once: true })
  })
}

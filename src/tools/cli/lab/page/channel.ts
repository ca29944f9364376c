import type { Order, Told } from '../protocol.js'

const silent = 'The lab does not answer: its process has ended, or is busy.'

/** What this page is told by the process that serves it, and what it asks of that. */
export class Channel {
  readonly #told: (told: Told) => void
  readonly #complain: (text: string | undefined) => void
  #source: EventSource | undefined

  constructor(told: (told: Told) => void, complain: (text: string | undefined) => void) {
    this.#told = told
    this.#complain = complain
  }

  /** From now on; asked for again, it is told everything anew, as it is when the process was away. */
  listen(): void {
    this.#source?.close()
    const source = (this.#source = new EventSource('events'))
    source.addEventListener('message', ({ data }: MessageEvent<string>) => this.#told(JSON.parse(data) as Told))
    source.addEventListener('open', () => this.#complain(undefined))
    source.addEventListener('error', () => this.#complain(silent))
  }

  async ask(order: Order): Promise<void> {
    try {
      const response = await fetch('do', { method: 'POST', body: JSON.stringify(order) })
      this.#complain(response.ok ? undefined : `The lab could not do that: ${await response.text()}`)
    } catch {
      this.#complain(silent)
    }
  }
}

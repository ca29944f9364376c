import { systemClock } from '../../index.js'
import { about, type InspectionMessage } from './messages.js'
import { checkInterval, observe, type Observable, type ObserveOptions } from './observe.js'

interface Observed {
  readonly connection: Observable
  readonly options: ObserveOptions
  /** The id of the connection; empty before the first message. */
  id: string
  off: (() => void) | undefined
}

/** The connections to show in a viewer. They are observed only while a viewer is connected. */
export class ObservedConnections {
  readonly #post: (message: InspectionMessage) => void
  readonly #all = new Set<Observed>()
  #watched = false

  constructor(post: (message: InspectionMessage) => void) {
    this.#post = post
  }

  get watched(): boolean {
    return this.#watched
  }

  /** A viewer has connected and needs the current state; called again if it was reloaded. */
  begin(): void {
    this.end()
    this.#watched = true
    for (const observed of [...this.#all]) if (this.#watched) this.#attach(observed)
  }

  /** The viewer has disconnected. */
  end(): void {
    this.#watched = false
    for (const observed of this.#all) detach(observed)
  }

  /** Announces that each connection is no longer observed. */
  leave(): void {
    for (const observed of this.#all) if (observed.off !== undefined) this.#gone(observed)
  }

  show(connection: Observable, options: ObserveOptions = {}): () => void {
    checkInterval(options.every)
    const observed: Observed = { connection, options, id: '', off: undefined }
    this.#all.add(observed)
    if (this.#watched) this.#attach(observed)
    return () => {
      if (!this.#all.delete(observed) || observed.off === undefined) return
      detach(observed)
      this.#gone(observed)
    }
  }

  /** Removes all connections. */
  clear(): void {
    this.end()
    this.#all.clear()
  }

  #attach(observed: Observed): void {
    const off = observe(
      observed.connection,
      (message) => {
        observed.id = message.rootId
        this.#post(message)
      },
      observed.options,
    )
    // The viewer may have disconnected during the introduction.
    if (this.#watched) observed.off = off
    else off()
  }

  #gone({ id, options: { clock = systemClock } }: Observed): void {
    this.#post({ type: '@statewire.gone', ...about(id, id, clock.wall()) })
  }
}

function detach(observed: Observed): void {
  observed.off?.()
  observed.off = undefined
}

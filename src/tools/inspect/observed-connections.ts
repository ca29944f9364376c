import { systemClock } from '../../index.js'
import { about, type InspectionMessage } from './messages.js'
import { checkPace, observe, type Observable, type ObserveOptions } from './observe.js'

interface Shown {
  readonly connection: Observable
  readonly options: ObserveOptions
  /** The connection, once it was observed. */
  id: string
  off: (() => void) | undefined
}

/** Connections, and whether somebody looks: nothing is attached to them before, and nothing stays behind. */
export class Showing {
  readonly #post: (message: InspectionMessage) => void
  readonly #all = new Set<Shown>()
  #watched = false

  constructor(post: (message: InspectionMessage) => void) {
    this.#post = post
  }

  get watched(): boolean {
    return this.#watched
  }

  /** Somebody looks, and knows nothing: also when somebody had looked before. */
  begin(): void {
    this.end()
    this.#watched = true
    for (const shown of [...this.#all]) if (this.#watched) this.#attach(shown)
  }

  /** Nobody looks. */
  end(): void {
    this.#watched = false
    for (const shown of this.#all) detach(shown)
  }

  /** Says of each that nobody tells of it any more. */
  leave(): void {
    for (const shown of this.#all) if (shown.off !== undefined) this.#gone(shown)
  }

  show(connection: Observable, options: ObserveOptions = {}): () => void {
    checkPace(options.every)
    const shown: Shown = { connection, options, id: '', off: undefined }
    this.#all.add(shown)
    if (this.#watched) this.#attach(shown)
    return () => {
      if (!this.#all.delete(shown) || shown.off === undefined) return
      detach(shown)
      this.#gone(shown)
    }
  }

  /** Shows nothing any more. */
  clear(): void {
    this.end()
    this.#all.clear()
  }

  #attach(shown: Shown): void {
    const off = observe(
      shown.connection,
      (message) => {
        shown.id = message.rootId
        this.#post(message)
      },
      shown.options,
    )
    // They may have left while they were told.
    if (this.#watched) shown.off = off
    else off()
  }

  #gone({ id, options: { clock = systemClock } }: Shown): void {
    this.#post({ type: '@statewire.gone', ...about(id, id, clock.wall()) })
  }
}

function detach(shown: Shown): void {
  shown.off?.()
  shown.off = undefined
}

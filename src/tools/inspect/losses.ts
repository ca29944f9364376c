import type { CloseEvent, Connection, DropReason } from '../../index.js'
import type { Occurrence } from './messages.js'
import { continued, type ObservableSession } from './sessions.js'

/** Losses of a connection since observation began. Drops are counted between two samples, so that many of them are one message. */
export class Losses {
  dropped = 0
  /** Messages that may have been lost. */
  uncertain = 0
  readonly #session: ObservableSession | undefined
  readonly #reasons = new Map<DropReason, number>()
  /** The link has a session, whose own event counts what is uncertain. */
  #hasSession: boolean

  constructor(session: ObservableSession | undefined) {
    this.#session = session
    this.#hasSession = session !== undefined && session.state !== 'plain'
  }

  /** Adds its listeners, and returns what removes them. `post` reports what became of the session. */
  follow(listen: Connection['on'], post: (occurrence: Occurrence) => void): (() => void)[] {
    const session = this.#session
    const ends = [
      listen('open', () => (this.#hasSession = session !== undefined && session.state !== 'plain')),
      listen('close', (event) => this.#close(event)),
      listen('dropped', ({ reason }) => {
        this.dropped++
        this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
      }),
    ]
    if (session === undefined) return ends
    const end = session.on('continuity', (event) => {
      if (event.kind === 'lost') this.uncertain += event.uncertain.length
      post(continued(event))
    })
    return [...ends, end]
  }

  /** Returns the drops since the last call. */
  take(): Occurrence[] {
    const taken = [...this.#reasons].map(([reason, messages]): Occurrence => ({ kind: 'dropped', reason, messages }))
    this.#reasons.clear()
    return taken
  }

  #close({ uncertain }: CloseEvent): void {
    if (!this.#hasSession) this.uncertain += uncertain.messages
  }
}

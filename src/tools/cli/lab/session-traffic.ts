import { createConnection, type Connection, type Transport } from '../../../index.js'
import { resumable, type ResumeSession } from '../../../resume/index.js'
import { sessionHeartbeat, sessionOptions } from './settings.js'
import { Traffic } from './traffic.js'

/** What became of the messages of a session, both ways. */
export interface SessionCount {
  readonly state: string
  /** The node of the last attempt. */
  readonly node: string
  readonly sent: number
  /** How many the server handled, by its own count. */
  readonly handled: number
  readonly acknowledged: number
  readonly replayed: number
  /** Messages that arrived again, and that the session discarded. */
  readonly duplicates: number
  /** Messages, in either direction, that are missing or that the session reported as lost. */
  readonly lost: number
  /** Messages, in either direction, that were handled or delivered twice. */
  readonly doubled: number
}

/** A connection with a session to two nodes: after each loss it dials the other one. Runs in Node and in browsers. */
export class SessionTraffic extends Traffic {
  readonly session: ResumeSession
  #last = 0
  #handled = 0
  #missing = 0
  #doubled = 0
  #reported = 0
  readonly #dialed: () => string

  /** `nodes`: the names and addresses of the nodes. */
  static to(nodes: readonly { readonly name: string; readonly url: string }[], transport?: Transport): SessionTraffic {
    // Effects are counted by client, also across sessions.
    const client = crypto.randomUUID()
    const session = resumable({ auth: () => client, heartbeat: sessionHeartbeat })
    let attempts = 0
    const connection = createConnection(() => nodes[attempts++ % nodes.length]!.url, {
      ...sessionOptions(),
      ...(transport !== undefined && { transport }),
      features: [session],
    })
    return new SessionTraffic(connection, session, () => nodes[Math.max(0, attempts - 1) % nodes.length]!.name)
  }

  private constructor(connection: Connection, session: ResumeSession, dialed: () => string) {
    super(connection, { survives: true })
    this.session = session
    this.#dialed = dialed
    connection.on('message', (message) => {
      if (typeof message === 'string') this.#answered(message)
    })
    session.on('continuity', (event) => {
      if (event.kind !== 'lost') return
      this.#reported += event.undelivered.length + event.uncertain.length
      this.ledger.linkLost()
    })
  }

  get sessionCount(): SessionCount {
    const { session, ledger, connection } = this
    const { replayedOut, replayedIn, duplicates } = session.counters
    const sent = ledger.next - 1
    return {
      state: session.state,
      node: this.#dialed(),
      sent,
      handled: this.#handled,
      acknowledged: Math.max(0, sent - connection.counters.queued - session.unacknowledged.messages - this.#reported),
      replayed: replayedOut + replayedIn,
      duplicates,
      lost: this.#missing + this.#reported,
      doubled: this.#doubled,
    }
  }

  /** An answer: the number of the message, and how many the server had handled with it. */
  #answered(text: string): void {
    const [number, handled] = text.split(' ').map(Number)
    if (number === undefined || handled === undefined) return
    if (number <= this.#last) this.#doubled++
    else this.#missing += number - this.#last - 1
    this.#last = Math.max(this.#last, number)
    // Each handled once: then the counts are equal.
    this.#doubled += Math.max(0, handled - this.#handled - 1)
    this.#handled = Math.max(this.#handled, handled)
  }
}

import { make, setText } from './dom.js'
import type { SeenSession } from './session.js'
import type { Watched } from './watched.js'

export interface SessionParts {
  readonly section: HTMLElement
  readonly said: HTMLElement
  readonly totals: HTMLElement
}

type Total = Exclude<keyof SeenSession, 'state'>

const totals: readonly { readonly label: string; readonly field: Total; readonly hint: string }[] = [
  { label: 'Unacknowledged', field: 'unacknowledged', hint: 'Sent, and not yet handled by the server' },
  { label: 'Sent again', field: 'replayedOut', hint: 'Sent again on a new link' },
  { label: 'Received late', field: 'replayedIn', hint: 'Kept by the server while there was no link' },
  { label: 'Resumed', field: 'resumed', hint: 'Links that continued a session' },
  { label: 'Duplicates', field: 'duplicates', hint: 'Arrived again and discarded' },
  { label: 'Lost', field: 'lost', hint: 'Sessions that could not be continued' },
]

const words: Readonly<Record<SeenSession['state'], string>> = {
  fresh: 'Fresh: no link yet.',
  attached: 'Attached to a link.',
  away: 'Away: no link. It waits for the next one.',
  plain: 'Plain: this server does not support sessions.',
  ended: 'Ended with the connection.',
}

/** The session of one connection. Hidden if it has none. */
export class SessionView {
  readonly #parts: SessionParts
  readonly #values = new Map<Total, HTMLElement>()

  constructor(parts: SessionParts) {
    this.#parts = parts
    for (const { label, field, hint } of totals) {
      const value = make('dd', { 'data-name': field })
      this.#values.set(field, value)
      parts.totals.append(make('div', { title: hint }, make('dt', {}, label), value))
    }
  }

  render(watched: Watched | undefined): void {
    const { section, said } = this.#parts
    const session = watched?.session
    section.hidden = session === undefined
    if (session === undefined) return
    const { state, unacknowledgedBytes: bytes } = session
    const waiting = bytes === 0 ? '' : ` ${bytes.toLocaleString('en')} bytes are unacknowledged.`
    setText(said, words[state] + waiting)
    for (const [field, value] of this.#values) setText(value, session[field].toLocaleString('en'))
  }
}

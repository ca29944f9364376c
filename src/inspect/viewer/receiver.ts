import { Ring } from './ring.js'
import type { Fields } from './log-words.js'
import { isMessage, type Store } from './store.js'

const hello = '@statelyai.connected'
const goodbye = '@statewire.left'
const knock = '@statewire.knock'

/** The windows that may speak to us: the one that opened this page, and the one that it is in. */
export function speakers(): Window[] {
  const opener = window.opener as Window | null
  return [...(opener === null ? [] : [opener]), ...(window.parent === window ? [] : [window.parent])]
}

/** Hears whoever opened the page, and nobody else; keeps what was heard, so that it can be saved. */
export class Receiver {
  readonly heard = new Ring<Fields>(50_000)
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Says hello, and goodbye when the page goes. */
  start(): void {
    addEventListener('message', ({ data, source }: MessageEvent<unknown>) => {
      if (!speakers().some((speaker) => speaker === source)) return
      if ((data as { type?: unknown } | null)?.type === knock) {
        // Whoever knocks has begun anew, and tells again what is still there.
        this.#store.leaveAll()
        this.#say(hello)
      } else if (isMessage(data)) {
        this.heard.push(data)
        this.#store.take(data)
      }
    })
    addEventListener('pagehide', () => this.#say(goodbye))
    addEventListener('pageshow', ({ persisted }) => {
      if (persisted) this.#say(hello)
    })
    this.#say(hello)
  }

  #say(type: string): void {
    // Nothing in it is for anybody in particular.
    for (const speaker of speakers()) speaker.postMessage({ type }, '*')
  }
}

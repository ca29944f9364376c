import { goodbye, hello, knock } from '../words.js'
import type { Fields } from './log-words.js'
import { sizeOfMessage, type Store } from './store.js'
import { Tape } from './tape.js'

/** With a name and a text: JSON Lines, as if somebody had opened the file. */
const recording = '@statewire.recording'

/** The windows that may speak to us: the one that opened this page, and the one that it is in. */
export function speakers(): Window[] {
  const opener = window.opener as Window | null
  return [...(opener === null ? [] : [opener]), ...(window.parent === window ? [] : [window.parent])]
}

/** Hears whoever opened the page, and nobody else; keeps what was heard, so that it can be saved. */
export class Receiver {
  readonly heard = new Tape()
  /** Whoever speaks to us has a recording to be played. */
  onRecording: (file: File) => void = () => {}
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Says hello, and goodbye when the page goes. */
  start(): void {
    addEventListener('message', ({ data, source }: MessageEvent<unknown>) => {
      if (!speakers().some((speaker) => speaker === source)) return
      const { type, name, text } = (data ?? {}) as { type?: unknown; name?: unknown; text?: unknown }
      if (type === recording) {
        if (typeof name === 'string' && typeof text === 'string') this.onRecording(new File([text], name))
      } else if (type === knock) {
        // Whoever knocks has begun anew, and tells again what is still there.
        this.#store.leaveAll()
        this.#say(hello)
      } else {
        const size = sizeOfMessage(data)
        if (size === undefined) return
        this.heard.push(data as Fields, size)
        this.#store.take(data as Fields)
      }
    })
    addEventListener('pagehide', () => this.#say(goodbye))
    addEventListener('pageshow', ({ persisted }) => {
      if (persisted) this.#say(hello)
    })
    // Stately's inspector has the window of an iframe only once that has loaded, and what it is to post before is lost.
    if (document.readyState === 'complete') this.#say(hello)
    else addEventListener('load', () => setTimeout(() => this.#say(hello)))
  }

  #say(type: string): void {
    // Nothing in it is for anybody in particular.
    for (const speaker of speakers()) speaker.postMessage({ type }, '*')
  }
}

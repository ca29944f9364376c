import { goodbye, hello, knock } from '../foreign.js'
import { Tape } from './bounded.js'
import { sizeOfMessage, type Fields } from './message.js'
import type { Store } from './store.js'

/** A message with a name and a text in JSON Lines, handled like an opened file. */
const recording = '@statewire.recording'

/** The windows whose messages are accepted: the opener and the parent. */
export function senders(): Window[] {
  const opener = window.opener as Window | null
  return [...(opener === null ? [] : [opener]), ...(window.parent === window ? [] : [window.parent])]
}

/** Receives messages from the opener or the parent only, and records them so that they can be saved. */
export class Receiver {
  readonly received = new Tape()
  /** Called when a sender sends a recording to play. */
  onRecording: (file: File) => void = () => {}
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Starts listening. Sends `hello` now, and `goodbye` when the page is left. */
  start(): void {
    addEventListener('message', ({ data, source }: MessageEvent<unknown>) => {
      if (!senders().some((sender) => sender === source)) return
      const { type, name, text } = (data ?? {}) as { type?: unknown; name?: unknown; text?: unknown }
      if (type === recording) {
        if (typeof name === 'string' && typeof text === 'string') this.onRecording(new File([text], name))
      } else if (type === knock) {
        // The sender restarted. It reports again the connections that still exist.
        this.#store.leaveAll()
        this.#post(hello)
      } else {
        const size = sizeOfMessage(data)
        if (size === undefined) return
        this.received.push(data as Fields, size)
        this.#store.take(data as Fields)
      }
    })
    addEventListener('pagehide', () => this.#post(goodbye))
    addEventListener('pageshow', ({ persisted }) => {
      if (persisted) this.#post(hello)
    })
    // Stately's inspector loses messages posted before the iframe has loaded.
    if (document.readyState === 'complete') this.#post(hello)
    else addEventListener('load', () => setTimeout(() => this.#post(hello)))
  }

  #post(type: string): void {
    // It contains nothing confidential.
    for (const sender of senders()) sender.postMessage({ type }, '*')
  }
}

import type { Fields } from './log-words.js'

/** How many messages are kept to be saved, and how large they are in all. Characters, roughly. */
const mostMessages = 50_000
const mostText = 67_108_864

/** The last messages that came, oldest first. */
export class Tape {
  #messages: { readonly message: Fields; readonly size: number }[] = []
  #size = 0
  #first = 0

  get length(): number {
    return this.#messages.length - this.#first
  }

  push(message: Fields, size: number): void {
    this.#messages.push({ message, size })
    this.#size += size
    while (this.length > mostMessages || (this.#size > mostText && this.length > 1)) {
      this.#size -= this.#messages[this.#first++]!.size
    }
    // In one go: moving all that stay costs the same each time.
    if (this.#first <= this.#messages.length / 2) return
    this.#messages = this.#messages.slice(this.#first)
    this.#first = 0
  }

  toArray(): Fields[] {
    return this.#messages.slice(this.#first).map(({ message }) => message)
  }
}

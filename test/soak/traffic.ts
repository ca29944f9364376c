import type { WebSocket } from 'ws'
import type { MessageData } from '../../src/index.js'
import type { Link } from '../../src/tools/testing/index.js'
import { dialOf, speak, textOf, type Dial, type Dials } from './dials.js'

/** What arrives on each side, and what never does. */
export class Traffic {
  readonly sums = { received: 0, lost: 0, uncertain: 0, heard: 0 }
  readonly #dials: () => Dials
  readonly #violated: (what: string) => void

  constructor(dials: () => Dials, violated: (what: string) => void) {
    this.#dials = dials
    this.#violated = violated
  }

  /** The server sends this many numbered messages over each of its links. */
  say(links: readonly Link[], count: number): void {
    for (const link of links) {
      for (let n = 0; n < count; n++) this.#answer(link, false)
    }
  }

  /** The server received a message. */
  arrived(text: string, socket: WebSocket, link: Link): void {
    if (text === 'ping') return socket.send('ping')
    const dial = this.#dials().get(dialOf(link))
    const message = Number(/^m (\d+) /.exec(text)?.[1])
    if (dial === undefined) return this.#violated(`message ${message} arrives over a link that was never dialed`)
    const expected = dial.written[dial.received]
    if (message !== expected) {
      this.#violated(`message ${message} arrives over dial ${dial.number}, after which ${expected} was due`)
    }
    dial.received += 1
    this.sums.received += 1
    this.#answer(link, message % 5 === 0)
  }

  /** A listener of the app received a message. */
  heard(message: MessageData): void {
    const [, number, index] = /^s (\d+) (\d+)$/.exec(textOf(message)) ?? []
    const { live } = this.#dials()
    this.sums.heard += 1
    if (live === undefined || live.number !== Number(number)) {
      const lives = live === undefined ? 'none' : `dial ${live.number}`
      return this.#violated(`a listener hears dial ${number} while ${lives} lives`)
    }
    if (Number(index) !== live.heard + 1) {
      this.#violated(`a listener hears ${index} of dial ${number} after ${live.heard}`)
    }
    live.heard += 1
  }

  /** Nothing more can arrive. */
  forgotten({ number, written, received, uncertain }: Dial): void {
    const lost = written.length - received
    this.sums.lost += lost
    this.sums.uncertain += uncertain
    if (lost > uncertain)
      this.#violated(`dial ${number} lost ${lost} messages, and only ${uncertain} were called uncertain`)
  }

  #answer(link: Link, binary: boolean): void {
    const { socket } = link
    if (socket?.readyState !== 1) return
    const said = speak(this.#dials(), dialOf(link))
    if (said !== undefined) socket.send(binary ? Buffer.from(said) : said)
  }
}

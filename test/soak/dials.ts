import type { SendData, MessageData, Socket, SocketSink, Target, Transport } from '../../src/index.js'
import type { Link } from '../../src/tools/testing/index.js'
import type { Tracker } from './tracker.js'

/** One client socket, from `connect` to `closed` or `abandon`. */
export interface Dial {
  /** Also the query of its URL, so both sides can identify the socket. */
  readonly number: number
  live: boolean
  /** The app's messages passed to it, by number, in order. */
  readonly written: number[]
  /** How many of them have reached the server. */
  received: number
  /** The number of the server's last message, and of the last one delivered to a listener. */
  spoken: number
  heard: number
  /** How many messages the `close` event reported as uncertain. */
  uncertain: number
}

export interface DialsDelegate {
  violated(what: string): void
  dialed(dial: Dial): void
  over(dial: Dial): void
  /** The socket accepted a message of the app. */
  written(message: number, dial: Dial): void
  /** Old enough that nothing more can come from it. */
  forgotten(dial: Dial): void
}

/** A held link is healed within a step or two; this is ample. */
const remembered = 50

const decoder = new TextDecoder()

export function textOf(data: SendData | MessageData): string {
  return typeof data === 'string' ? data : decoder.decode(data as ArrayBuffer)
}

/** `s DIAL NUMBER`, sent by the server. */
export function speak(dials: Dials, number: number): string | undefined {
  const dial = dials.get(number)
  return dial && `s ${number} ${(dial.spoken += 1)}`
}

export function dialOf(link: Link): number {
  return Number(/dial=(\d+)/.exec(link.request.path)?.[1] ?? 0)
}

/** Sits between the connection and its transport, counts live sockets and records what each carried. */
export class Dials implements Transport {
  count = 0
  live: Dial | undefined
  readonly #inner: Transport
  readonly #tracker: Tracker
  readonly #delegate: DialsDelegate
  readonly #known = new Map<number, Dial>()

  constructor(inner: Transport, tracker: Tracker, delegate: DialsDelegate) {
    this.#inner = inner
    this.#tracker = tracker
    this.#delegate = delegate
  }

  get(number: number): Dial | undefined {
    return this.#known.get(number)
  }

  connect(target: Target, sink: SocketSink): Socket {
    const number = Number(/dial=(\d+)/.exec(target.url)?.[1])
    const dial: Dial = {
      number,
      live: true,
      written: [],
      received: 0,
      spoken: 0,
      heard: 0,
      uncertain: 0,
    }
    this.count += 1
    if (this.#known.has(number)) this.#delegate.violated(`the attempt ${number} dialed twice`)
    if (this.live !== undefined)
      this.#delegate.violated(`dial ${number} while dial ${this.live.number} lives: two sockets`)
    this.live = dial
    this.#known.set(number, dial)
    this.forget(number - remembered)
    this.#delegate.dialed(dial)
    this.#tracker.watch(sink)
    const socket = this.#inner.connect(target, this.#watchedSink(dial, sink))
    this.#tracker.watch(socket)
    return this.#watchedSocket(dial, socket)
  }

  /** Everything, with Infinity. */
  forget(until: number): void {
    for (const [number, dial] of this.#known) {
      if (number > until) return
      this.#known.delete(number)
      this.#delegate.forgotten(dial)
    }
  }

  #over(dial: Dial): void {
    if (dial.live) this.#delegate.over(dial)
    dial.live = false
    if (this.live === dial) this.live = undefined
  }

  #watchedSink(dial: Dial, sink: SocketSink): SocketSink {
    const frame = (): void => {
      if (!dial.live) this.#delegate.violated(`dial ${dial.number} reports although it was abandoned`)
    }
    return {
      opened: (info) => sink.opened(info),
      message: (data) => {
        frame()
        sink.message(data)
      },
      alive: (kind) => {
        frame()
        sink.alive(kind)
      },
      failed: (detail) => sink.failed(detail),
      closed: (close, answered) => {
        if (!dial.live) this.#delegate.violated(`dial ${dial.number} closes although it was abandoned`)
        this.#over(dial)
        sink.closed(close, answered)
      },
    }
  }

  /** The same object, so its set of optional methods is unchanged. */
  #watchedSocket(dial: Dial, socket: Socket): Socket {
    const send = socket.send.bind(socket)
    const abandon = socket.abandon.bind(socket)
    socket.send = (data) => {
      const message = Number(/^m (\d+) /.exec(textOf(data).slice(0, 20))?.[1])
      if (!dial.live) this.#delegate.violated(`message ${message} is handed to dial ${dial.number}, which is over`)
      send(data)
      // A heartbeat.
      if (Number.isNaN(message)) return
      dial.written.push(message)
      this.#delegate.written(message, dial)
    }
    socket.abandon = (code, reason) => {
      this.#over(dial)
      abandon(code, reason)
    }
    return socket
  }
}

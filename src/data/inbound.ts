import { checkData } from '../bytes.js'
import type { Reporter } from '../errors.js'
import { ignore, isThenable, onRejection } from '../guards.js'
import type { Heartbeat } from '../policies/heartbeat.js'
import type { ControlFrame, Data, Frame } from '../transports/transport.js'
import { Listeners } from './listeners.js'

export interface InboundHost extends Reporter {
  /** The first proof of life since `expectProof`. */
  alive(): void
  /** A pong came. Returns whether it is the answer to a ping that is outstanding. */
  pong(): boolean
  /** The server's ping, in a dialect that wants this answer. */
  answer(data: Data): void
}

/** Frames kept back while `prepare` runs. */
export interface FrameTaker {
  take(frame: Frame): void
}

/** From the socket to the listener. A message costs a count and a call: no clock, no timer, no event of the chart. */
export class Inbound<In> {
  /** Messages and control frames of all sockets so far. */
  frames = 0
  /** Bytes of binary messages plus characters of text: what can be counted without a pass over the text. */
  size = 0
  readonly listeners: Listeners<In>
  readonly #host: InboundHost
  readonly #codec: { decode(frame: Frame): In } | undefined
  readonly #heartbeat: Heartbeat
  readonly #recognise: Heartbeat['recognise']
  readonly #anyFrameProves: boolean
  readonly #withholds: boolean
  #beats = 0
  #pongs = 0
  #expecting = false
  #taker: FrameTaker | undefined

  constructor(heartbeat: Heartbeat, codec: { decode(frame: Frame): In } | undefined, host: InboundHost) {
    this.#host = host
    this.#codec = codec
    this.#heartbeat = heartbeat
    this.#recognise = heartbeat.recognise
    this.#anyFrameProves = heartbeat.proof === 'any'
    this.#withholds = heartbeat.withhold !== false
    this.listeners = new Listeners((thrown) => host.fail('ERR_LISTENER', "a 'message' listener", thrown))
  }

  /** How many of the frames were messages for the app. */
  get messages(): number {
    return this.frames - this.#beats
  }

  /** How many frames have proved life; two readings that differ say that the link was alive between them. */
  get proofs(): number {
    return this.#anyFrameProves ? this.frames : this.#pongs
  }

  /** A ping is out, and nothing has proved life since. */
  get expecting(): boolean {
    return this.#expecting
  }

  /** The next proof of life is news. */
  expectProof(): void {
    this.#expecting = true
  }

  /** A new socket: what the old one owed us is owed no more. */
  reset(): void {
    this.#expecting = false
    this.#taker = undefined
  }

  /** Until `release`, messages go to the taker and not to the listeners. */
  hold(taker: FrameTaker): void {
    this.#taker = taker
  }

  release(): void {
    this.#taker = undefined
  }

  message(frame: Frame): void {
    this.frames++
    this.size += typeof frame === 'string' ? frame.length : 'byteLength' in frame ? frame.byteLength : frame.size
    if (this.#expecting && this.#anyFrameProves) this.#proved()
    if (this.#recognise !== undefined && this.#isHeartbeat(frame) && this.#withholds) {
      this.#beats++
      return
    }
    if (this.#taker !== undefined) this.#taker.take(frame)
    else this.deliver(frame)
  }

  /** A control frame of the protocol. */
  alive(kind: ControlFrame): void {
    this.frames++
    this.#beats++
    // By contract it is an answer; where the ping is a message, it is the answer to nothing.
    if (kind === 'pong' && this.#heartbeat.ping === 'protocol') {
      this.#host.pong()
      this.#prove()
    } else if (this.#expecting && this.#anyFrameProves) this.#proved()
  }

  deliver(frame: Frame): void {
    if (this.#codec === undefined) {
      this.listeners.emit(frame as In)
      return
    }
    let message: In
    try {
      message = this.#codec.decode(frame)
      if (isThenable(message)) throw notAtOnce(message)
    } catch (thrown) {
      this.#host.fail('ERR_DECODE', 'codec.decode', thrown)
      return
    }
    this.listeners.emit(message)
  }

  /** Whether it is the server's ping, or the answer to one of ours that is outstanding. */
  #isHeartbeat(frame: Frame): boolean {
    let kind: 'ping' | 'pong' | undefined
    let answer: Data | undefined
    try {
      const found = this.#recognise!(frame)
      if (isThenable(found)) throw notAtOnce(found)
      kind = found
      if (kind === 'ping') answer = checkAnswer(this.#heartbeat.answer?.(frame))
    } catch (thrown) {
      this.#host.fail('ERR_POLICY', kind === 'ping' ? 'heartbeat.answer' : 'heartbeat.recognise', thrown)
      // It may have been the pong: a defect in recognising it must not kill the link.
      if (kind === undefined) this.#prove()
    }
    if (answer !== undefined) this.#host.answer(answer)
    // Where the ping is none or of the protocol, what looks like a pong is a message of the app.
    return kind === 'ping' || (kind === 'pong' && typeof this.#heartbeat.ping === 'function' && this.#pong())
  }

  #pong(): boolean {
    const isAnswer = this.#host.pong()
    if (isAnswer) this.#prove()
    return isAnswer
  }

  #prove(): void {
    this.#pongs++
    if (this.#expecting) this.#proved()
  }

  #proved(): void {
    this.#expecting = false
    this.#host.alive()
  }
}

/** The error of a function that answers with a promise; whatever that promise comes to is of no interest. */
function notAtOnce(promise: unknown): TypeError {
  onRejection(promise, ignore)
  return new TypeError('it returned a promise, and must return its result at once')
}

function checkAnswer(answer: Data | undefined): Data | undefined {
  if (isThenable(answer)) throw notAtOnce(answer)
  return answer === undefined ? undefined : checkData(answer)
}

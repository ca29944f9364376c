import type { SendData } from '../../../src/core/transport.js'
import {
  encodeData,
  encodeJson,
  encodeNumber,
  parseHello,
  readFrame,
  type Hello,
  type Refusal,
} from '../../../src/resume/protocol.js'
import type { FakeSocket } from '../../../src/tools/testing/transport.js'

/** What the server knows of one session. */
interface Known {
  readonly id: string
  gen: number
  /** The messages that arrived, and how many of them were handled, and how many of these are stored. */
  readonly arrived: string[]
  done: number
  stored: number
  /** The messages for the client, all of them. */
  readonly out: string[]
  /** How many the client has acknowledged. */
  told: number
}

interface LinkOf {
  readonly socket: FakeSocket
  /** How many frames of the client were read. */
  read: number
  session: Known | undefined
  /** The last message of `out` that was sent on this link. */
  pumped: number
  over: boolean
}

/** A correct server of one client. It reads, handles, stores and sends only when it is told to; it throws if the client breaks a rule. */
export class ModelServer {
  readonly sessions = new Map<string, Known>()
  /** Every handled message, in order. */
  readonly handled: string[] = []
  link: LinkOf | undefined
  /** How the next hello of a known session is refused. */
  refusal: 'exact' | 'tried' | 'vague' | undefined
  /** Called with each acknowledgment of the client. */
  onAcknowledged: (session: Known, number: number) => void = () => {}
  #published = 0

  accept(socket: FakeSocket): void {
    this.link = { socket, read: 0, session: undefined, pumped: 0, over: false }
    socket.accept({ protocol: 'resume.v1' })
  }

  get session(): Known | undefined {
    return this.link?.session
  }

  /** Reads so many frames that the client sent on this link. */
  read(frames: number): void {
    const { link } = this
    if (link === undefined || link.socket.over) return
    const { sent } = link.socket
    for (let count = 0; count < frames && link.read < sent.length; count++) this.#frame(link, sent[link.read++]!)
  }

  #frame(link: LinkOf, data: SendData): void {
    const { kind, number, payload } = readFrame(data as string)
    const { session } = link
    if (kind === 'hello') return this.#hello(link, parseHello(payload as string)!)
    // It sent these before it knew of the refusal.
    if (link.over) return
    if (session === undefined) throw new Error(`${kind} before hello`)
    const { arrived } = session
    if (kind === 'data') {
      const known = arrived[number - 1]
      if (number > arrived.length + 1) throw new Error(`a gap: ${number} after ${arrived.length}`)
      if (known !== undefined && known !== payload) throw new Error(`${number} is another message than before`)
      arrived[number - 1] = payload as string
    } else if (kind === 'ack' || kind === 'ping' || kind === 'bye') {
      if (number > session.out.length) throw new Error('the client acknowledged what was never sent')
      this.onAcknowledged(session, number)
      session.told = Math.max(session.told, number)
      if (kind === 'ping') link.socket.message(encodeNumber('q', session.stored))
      if (kind !== 'bye') return
      if (session.stored < session.arrived.length) throw new Error('goodbye before everything was acknowledged')
      this.sessions.delete(session.id)
      link.over = true
    } else throw new Error(`the client sent ${kind}`)
  }

  #hello(link: LinkOf, { sid: id, gen, rx, ep }: Hello): void {
    const known = this.sessions.get(id)
    if (known === undefined) {
      if (ep !== undefined) return this.#send(link, encodeJson('r', { reason: 'unknown' }))
      if (rx !== 0) throw new Error('a new session has received something')
    } else {
      if (gen <= known.gen) throw new Error(`generation ${gen} after ${known.gen}`)
      if (rx < known.told || rx > known.out.length) throw new Error(`rx ${rx} of ${known.told} to ${known.out.length}`)
      if (this.refusal !== undefined) return this.#send(link, this.#refuse(known))
    }
    const session = known ?? { id, gen, arrived: [], done: 0, stored: 0, out: [], told: 0 }
    session.gen = gen
    session.told = Math.max(session.told, rx)
    this.sessions.set(id, session)
    link.session = session
    link.pumped = rx
    link.over = false
    const { stored, arrived, out } = session
    const welcome = {
      ep: 'e',
      rx: stored,
      seen: arrived.length,
      resumed: known !== undefined,
      ttl: 1_000,
      tail: out.length,
    }
    this.#send(link, encodeJson('w', welcome))
  }

  /** Ends the session, in the middle of a link or in answer to a hello. */
  #refuse(session: Known): string {
    this.sessions.delete(session.id)
    const { done, stored } = session
    const how = this.refusal
    this.refusal = undefined
    const rest: Partial<Refusal> =
      how === 'exact' ? { rx: done, exact: true } : how === 'tried' ? { rx: stored, tried: done } : {}
    return encodeJson('r', { reason: 'expired', ...rest })
  }

  refuseNow(how: NonNullable<ModelServer['refusal']>): void {
    const { link } = this
    if (link?.session === undefined || link.over) return
    this.refusal = how
    const frame = this.#refuse(link.session)
    link.over = true
    this.#send(link, frame)
  }

  #send({ socket }: LinkOf, frame: string | Uint8Array): void {
    socket.message(typeof frame === 'string' ? frame : (frame.buffer as ArrayBuffer))
  }

  handle(messages: number): void {
    const { session } = this
    if (session === undefined || this.sessions.get(session.id) !== session) return
    for (let count = 0; count < messages && session.done < session.arrived.length; count++) {
      this.handled.push(session.arrived[session.done++]!)
    }
  }

  /** Stores what was handled, and acknowledges it. */
  commit(): void {
    const { session, link } = this
    if (session === undefined || this.sessions.get(session.id) !== session) return
    session.stored = session.done
    if (link?.over === false) this.#send(link, encodeNumber('a', session.stored))
  }

  /** Another node has the session: what had arrived and was not handled is gone. */
  move(): void {
    const { session } = this
    if (session === undefined) return
    session.arrived.length = session.stored = session.done
    if (this.link !== undefined) this.link.over = true
  }

  publish(): void {
    this.session?.out.push(`s${++this.#published}`)
  }

  /** Sends so many of the messages for the client. */
  pump(messages: number): void {
    const { link } = this
    for (let count = 0; count < messages; count++) {
      const next = link?.session?.out[link.pumped]
      if (link === undefined || next === undefined || link.over) return
      this.#send(link, encodeData(++link.pumped, next))
    }
  }

  /** A defect in between: a message is missing, so the client must close the link. */
  skip(): void {
    const { link } = this
    if (link?.session === undefined || link.over || link.pumped + 1 >= link.session.out.length) return
    link.pumped++
    this.pump(1)
    link.over = true
  }
}

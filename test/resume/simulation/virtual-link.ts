import type { BinaryType, SendData, Socket, SocketSink, Target } from '../../../src/core/transport.js'
import type { TestClock } from '../../../src/tools/testing/browser.js'
import { FakeSocket } from '../../server/fake-socket.js'

/** Which way a fault works: from the client to the server, back, or both. */
export type Direction = 'up' | 'down' | 'both'

interface Parcel {
  readonly frame: SendData | Uint8Array
  readonly close?: { readonly code: number; readonly reason: string }
}

/** One way of a link: frames arrive in order after a delay, unless it is stalled or cut. */
class Lane {
  delay = 1
  /** What happens to the next frame. */
  next: 'lost' | 'doubled' | undefined
  #stalled = false
  #cut = false
  readonly #clock: TestClock
  readonly #arrive: (parcel: Parcel) => void
  #held: Parcel[] = []
  #last = 0

  constructor(clock: TestClock, arrive: (parcel: Parcel) => void) {
    this.#clock = clock
    this.#arrive = arrive
  }

  push(parcel: Parcel): void {
    if (this.#cut) return
    const { next } = this
    if (parcel.close === undefined) this.next = undefined
    if (next === 'lost' && parcel.close === undefined) return
    if (next === 'doubled') this.#take(parcel)
    this.#take(parcel)
  }

  #take(parcel: Parcel): void {
    if (this.#stalled) this.#held.push(parcel)
    else this.#travel(parcel)
  }

  stall(): void {
    this.#stalled = true
  }

  /** What was held arrives late, in order. */
  heal(): void {
    this.#stalled = false
    for (const parcel of this.#held.splice(0)) this.#travel(parcel)
  }

  cut(): void {
    this.#cut = true
    this.#held = []
  }

  #travel(parcel: Parcel): void {
    this.#last = Math.max(this.#last, this.#clock.now() + this.delay)
    this.#clock.setTimeout(() => {
      // A frame that was on its way when the lane stalled waits, too.
      if (this.#cut) return
      if (this.#stalled) this.#held.push(parcel)
      else this.#arrive(parcel)
    }, this.#last - this.#clock.now())
  }
}

/** The server's end: what it sends travels to the client. */
class ServerEnd extends FakeSocket {
  readonly #lane: Lane
  readonly #dropped: () => void

  constructor(protocol: string, lane: Lane, dropped: () => void) {
    super(protocol)
    this.#lane = lane
    this.#dropped = dropped
  }

  override send(frame: string | Uint8Array, options: object, written?: () => void): void {
    super.send(frame, options, written)
    this.#lane.push({ frame })
  }

  override close(code: number, reason: string): void {
    if (this.readyState === 1) this.#lane.push({ frame: '', close: { code, reason } })
    super.close(code, reason)
  }

  override terminate(): void {
    super.terminate()
    this.#dropped()
  }
}

/** A link between the real client and the real server, over a network that the test controls. Also the client's socket. */
export class VirtualLink implements Socket {
  readonly bufferedAmount = 0
  binaryType: BinaryType = 'arraybuffer'
  readonly server: ServerEnd
  /** Frames that the client has sent and received, by their first letter: `h`, `w`, `d` and so on. */
  readonly seen = { up: '', down: '' }
  /** Called with each frame that arrives at either end, before it is delivered. */
  onFrame: ((direction: 'up' | 'down', letter: string) => void) | undefined
  readonly #sink: SocketSink
  readonly #up: Lane
  readonly #down: Lane
  #state: 'connecting' | 'open' | 'over' = 'connecting'

  constructor(clock: TestClock, target: Target, sink: SocketSink) {
    this.#sink = sink
    this.#up = new Lane(clock, (parcel) => this.#atServer(parcel))
    this.#down = new Lane(clock, (parcel) => this.#atClient(parcel))
    this.server = new ServerEnd(target.protocols[0] ?? '', this.#down, () => this.#lost())
  }

  get over(): boolean {
    return this.#state === 'over'
  }

  open(): void {
    if (this.#state !== 'connecting') return
    this.#state = 'open'
    this.#sink.opened({ protocol: this.server.protocol, extensions: '' })
  }

  /** The node can't be reached. */
  refuse(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#sink.closed({ code: 1006, reason: '', wasClean: false })
  }

  // The network.

  slow(delay: number): void {
    this.#up.delay = this.#down.delay = delay
  }

  /** Nothing arrives, and neither end learns of it. */
  stall(direction: Direction): void {
    if (direction !== 'down') this.#up.stall()
    if (direction !== 'up') this.#down.stall()
  }

  heal(): void {
    this.#up.heal()
    this.#down.heal()
  }

  /** Both ends learn of it, and what is on its way is lost. */
  reset(): void {
    this.#up.cut()
    this.#down.cut()
    this.server.drop()
    this.#lost()
  }

  /** A proxy drops the next frame. */
  lose(direction: 'up' | 'down'): void {
    this.#lane(direction).next = 'lost'
  }

  /** A proxy sends the next frame twice. */
  double(direction: 'up' | 'down'): void {
    this.#lane(direction).next = 'doubled'
  }

  inject(direction: 'up' | 'down', frame: string): void {
    this.#lane(direction).push({ frame })
  }

  #lane(direction: 'up' | 'down'): Lane {
    return direction === 'up' ? this.#up : this.#down
  }

  /** Only one end learns of it. */
  resetOneEnd(direction: Direction): void {
    this.#up.cut()
    this.#down.cut()
    if (direction === 'up') this.#lost()
    else this.server.drop()
  }

  // The client's socket.

  send(data: SendData): void {
    this.#up.push({ frame: data })
  }

  close(code = 1005, reason = ''): void {
    if (this.#state === 'connecting') return this.refuse()
    this.#up.push({ frame: '', close: { code, reason } })
  }

  /** What is on its way still arrives at the server, which learns of the end only then. */
  abandon(): void {
    if (this.#state === 'open') this.#up.push({ frame: '', close: { code: 1006, reason: '' } })
    this.#state = 'over'
  }

  #atServer({ frame, close }: Parcel): void {
    if (close !== undefined) {
      // The server answers the close frame, unless it has closed already.
      if (this.server.readyState === 1 && close.code !== 1006) this.#down.push({ frame: '', close })
      this.server.drop()
      return
    }
    const letter = letterOf(frame)
    this.onFrame?.('up', letter)
    this.seen.up += letter
    this.server.receive(typeof frame === 'string' ? frame : new Uint8Array(frame as ArrayBuffer))
  }

  #atClient({ frame, close }: Parcel): void {
    if (this.#state !== 'open') return
    if (close !== undefined) {
      this.#state = 'over'
      this.#sink.closed({ ...close, wasClean: true }, false)
      return
    }
    const letter = letterOf(frame)
    this.onFrame?.('down', letter)
    if (this.#state !== ('open' as string)) return
    this.seen.down += letter
    this.#sink.message(typeof frame === 'string' ? frame : new Uint8Array(frame as Uint8Array).buffer)
  }

  #lost(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#sink.closed({ code: 1006, reason: '', wasClean: false })
  }
}

function letterOf(frame: SendData | Uint8Array): string {
  return typeof frame === 'string' ? frame.charAt(0) : String.fromCharCode(new Uint8Array(frame as ArrayBuffer)[0]!)
}

import type { WebSocket } from 'ws'
import type { FrameKind } from './frames.js'
import type { RequestHead } from './http.js'
import type { Direction } from './lane.js'

export type LinkDirection = Direction | 'both'

export interface SwallowOptions {
  /**
   * `false`: what is swallowed is held, and `heal` lets it through, as TCP retransmits after a partition. Once a lane
   * holds as much as the server's `window`, the sender is no longer read from, and feels backpressure.
   * `true`: what is swallowed is gone. If anything was, `heal` resets the link, as a NAT does that forgot the flow.
   * @default false
   */
  readonly lost?: boolean | undefined
}

/** What can be done to a link that exists. The server has the same acts, for all its links at once. */
export interface Acts {
  /**
   * Nothing passes any more, though both TCP connections stay up and acknowledge: no byte, no end, no reset.
   *
   * What the client does meanwhile (even closing its socket) the endpoint learns only after `heal`, and the other way
   * round. The log and the counters know at once, as long as the `window` is not full.
   */
  swallow(direction?: LinkDirection, options?: SwallowOptions): void
  /** Ends `swallow`, `delay`, `throttle` and `drop`: what was held goes on, in order and at once. */
  heal(): void
  /** Every byte arrives this much later, in order; a function is asked for each chunk, which makes jitter. */
  delay(ms: number | (() => number), direction?: LinkDirection): void
  /** At most so many bytes per second pass, and the sender feels it: it is not read from faster. `Infinity` lifts it. */
  throttle(bytesPerSecond: number, direction?: LinkDirection): void
  /** Leaves out all frames of these kinds from now on. Frames put in by `send` and the like are not affected. */
  drop(direction: Direction, ...kinds: FrameKind[]): void
  /** The endpoint no longer sees close frames: it lives on, goes on sending, and never answers. */
  ignoreClose(): void
  /** The endpoint's pongs no longer arrive. */
  noPong(): void
  /** Puts in a message, as if from the endpoint, between two of its frames. */
  send(data: string | Uint8Array): void
  /** Puts in a ping. */
  ping(payload?: string | Uint8Array): void
  /** Puts in bytes of any kind between two frames; see `illegalFrames`. */
  sendRaw(bytes: Uint8Array): void
  /** Resets the client's TCP connection (RST), now, whatever else is set. */
  reset(): void
  /** Ends the client's TCP connection (FIN) without a closing handshake, now: what a killed process leaves behind. */
  cut(): void
}

/** How the endpoint's 101 is changed on its way. */
export interface UpgradeChanges {
  /** Headers to replace or add; `undefined` removes one. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
  /** Bytes that arrive in the same packet, right behind the head. */
  readonly append?: Uint8Array | undefined
}

/** One connection of a client. */
export interface Link extends Acts {
  /** Counts from 1, in the order in which the connections were accepted. */
  readonly id: number
  /** The head of its request; empty strings until it has come in. */
  readonly request: RequestHead
  /** Whether a 101 was written to the client. */
  readonly upgraded: boolean
  /** The built-in endpoint's WebSocket, once upgraded. Never there in front of an `upstream`. */
  readonly socket: WebSocket | undefined
  /**
   * Closes with a closing handshake. A code or reason that the protocol forbids is sent all the same.
   * @default 1000
   */
  close(code?: number, reason?: string): void
  /** Runs `act` after so many milliseconds (0: at once), unless the link is over by then. */
  after(ms: number, act: () => void): void
  /** For faults: answers the request by hand with these bytes, and ends. */
  respond(bytes: Uint8Array): void
  /** For faults: changes the endpoint's 101 on its way. */
  changeUpgrade(changes: UpgradeChanges): void
  /** For faults: lets the answer to the request through only so many bytes at a time. */
  drip(every: number, bytes: number): void
}

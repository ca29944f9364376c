import type { WebSocket } from 'ws'
import type { FrameKind } from './frames.js'
import type { RequestHead } from './http.js'
import type { Direction } from './lane.js'

/** `in`: client to endpoint; `out`: endpoint to client. */
export type LinkDirection = Direction | 'both'

/** Options of `swallow`. */
export interface SwallowOptions {
  /**
   * `false`: swallowed bytes are held, and `heal` delivers them, as TCP retransmits after a partition. Once a direction
   * holds `window` bytes, the server stops reading the sender, which causes backpressure. `true`: swallowed bytes are
   * lost. If there were any, `heal` resets the link, like a NAT that has forgotten the flow.
   * @default false
   */
  readonly lost?: boolean | undefined
}

/** The faults for existing links. The server has the same methods, which apply to all its links. */
export interface Acts {
  /**
   * Stops all traffic while both TCP connections stay up and acknowledge: no bytes, no FIN, no reset pass.
   *
   * Each side learns what the other did in the meantime (even closing its socket) only after `heal`. The log and the
   * counters know immediately, unless `window` is full.
   */
  swallow(direction?: LinkDirection, options?: SwallowOptions): void
  /** Ends `swallow`, `delay`, `throttle` and `drop`, and delivers held bytes immediately, in order. */
  heal(): void
  /** Delays every byte by `ms` milliseconds, in order. A function is called for each chunk, to create jitter. */
  delay(ms: number | (() => number), direction?: LinkDirection): void
  /** Limits the rate, with backpressure on the sender. `Infinity` removes the limit. */
  throttle(bytesPerSecond: number, direction?: LinkDirection): void
  /** Drops all further frames of these kinds. Frames injected by `send` and the like are not affected. */
  drop(direction: Direction, ...kinds: FrameKind[]): void
  /** Drops the client's close frames: the endpoint keeps sending and never replies. */
  ignoreClose(): void
  /** Drops the endpoint's pongs. */
  noPong(): void
  /** Injects a message from the endpoint, between two of its frames. */
  send(data: string | Uint8Array): void
  /** Injects a ping from the endpoint. */
  ping(payload?: string | Uint8Array): void
  /** Injects raw bytes between two frames; see `illegalFrames`. */
  sendRaw(bytes: Uint8Array): void
  /** Resets the client's TCP connection (RST) immediately, whatever faults are active. */
  reset(): void
  /** Ends the client's TCP connection (FIN) immediately without a closing handshake, like a killed process. */
  cut(): void
}

/** Changes to the endpoint's 101 response. */
export interface UpgradeChanges {
  /** Headers to replace or add; `undefined` removes one. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
  /** Bytes that arrive in the same packet, right after the head. */
  readonly append?: Uint8Array | undefined
}

/** One client connection. */
export interface Link extends Acts {
  /** Counts from 1, in order of acceptance. */
  readonly id: number
  /** The request head; its fields are empty until the request has arrived. */
  readonly request: RequestHead
  /** Whether a 101 response was written to the client. */
  readonly upgraded: boolean
  /** The built-in endpoint's WebSocket, once upgraded; always `undefined` with `upstream`. */
  readonly socket: WebSocket | undefined
  /**
   * Closes with a closing handshake. Also sends codes and reasons that RFC 6455 §7.4 forbids.
   * @default 1000
   */
  close(code?: number, reason?: string): void
  /** Runs `act` after `ms` milliseconds (0: immediately), unless the link is over by then. */
  after(ms: number, act: () => void): void
  /** For faults: answers the request with these bytes and ends the connection. */
  respond(bytes: Uint8Array): void
  /** For faults: changes the endpoint's 101 response. */
  changeUpgrade(changes: UpgradeChanges): void
  /** For faults: delivers the response `bytes` bytes at a time, every `every` milliseconds. */
  drip(every: number, bytes: number): void
}

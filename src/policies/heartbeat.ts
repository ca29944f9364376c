import type { Data, Frame } from '../transports/transport.js'

/** How liveness is proved. Made by `protocolPing`, `textHeartbeat`, `serverPing` or `off`; a plain object of this shape will do. */
export interface Heartbeat {
  /** A ping goes out after at most this much silence. Milliseconds; `Infinity` when off. */
  readonly interval: number
  /** How long an answer may take before the link is judged dead. Milliseconds. */
  readonly timeout: number
  /** `idle`: ping only after silence. `always`: ping every interval, whatever else arrives. */
  readonly when: 'idle' | 'always'
  /** What proves life: `any` inbound frame, or only a `pong` (finds one-way loss). */
  readonly proof: 'any' | 'pong'
  /** What we send: a protocol ping (where the transport can), a message of the application's dialect, or nothing. */
  readonly ping: 'protocol' | 'none' | (() => Data)
  /** Tells heartbeat frames from messages; a recognised frame is not delivered to listeners. Called for every message. */
  readonly recognise?: (frame: Frame) => 'ping' | 'pong' | undefined
  /** What to send back when the server's ping is recognised. */
  readonly answer?: (ping: Frame) => Data | undefined
}

import type { IncomingMessage } from 'node:http'
import type { ServerOptions, WebSocket } from 'ws'
import type { Link } from './acts.js'

export interface FaultServerOptions {
  /** Where to listen. Anything but the loopback interface opens the server to others. @default '127.0.0.1' */
  readonly host?: string | undefined
  /** @default 0: a free one */
  readonly port?: number | undefined
  /**
   * Called with each WebSocket of the built-in endpoint; whoever gives it, answers.
   * @default echoes every message
   */
  readonly onConnection?: ((socket: WebSocket, request: IncomingMessage, link: Link) => void) | undefined
  /** Called with each message that reaches the built-in endpoint. @default echoes it, unless `onConnection` is given */
  readonly onMessage?: ((message: string | Buffer, socket: WebSocket, link: Link) => void) | undefined
  /** Options for the built-in `ws` server: `handleProtocols`, `perMessageDeflate`, `maxPayload` and so on. */
  readonly ws?: ServerOptions | undefined
  /**
   * A real server to stand in front of, as `ws://host:port`, instead of the built-in endpoint. Bytes are forwarded as
   * they are, so it is the client who asks for a path.
   */
  readonly upstream?: string | URL | undefined
  /** Bytes that may wait in one direction of a link before its sender is no longer read from. @default 1_048_576 */
  readonly window?: number | undefined
  /** Whether every frame gets an entry in the log. @default true */
  readonly logFrames?: boolean | undefined
  /** How many entries the log keeps, at least. @default 10_000 */
  readonly logLimit?: number | undefined
}

import type { Environment } from '../../../../src/index.js'
import { ReconnectingWebSocket, type ReconnectingWebSocketOptions } from '../../../../src/websocket/index.js'
import type { Over } from '../../../faults/support/room.js'

/** One socket of a client, and its traffic. */
export interface Passed {
  readonly socket: ReconnectingWebSocket
  /** What the client has sent. */
  readonly sent: unknown[]
  /** What was delivered to the client. */
  readonly heard: unknown[]
  readonly closes: { readonly code: number; readonly wasClean: boolean }[]
  /** The round trips of heartbeat pings. */
  readonly rtts: number[]
}

/** The class that a client is given, with a record of each socket that it creates. */
export function watchedClass(
  over: Over,
  options: ReconnectingWebSocketOptions,
): { WebSocket: typeof globalThis.WebSocket; made: Passed[] } {
  const made: Passed[] = []
  const Bound = ReconnectingWebSocket.with({ transport: over.transport(), maxRetries: 0, ...options })
  class Watched extends Bound {
    readonly #passed: Passed = { socket: this, sent: [], heard: [], closes: [], rtts: [] }

    constructor(...args: ConstructorParameters<typeof Bound>) {
      super(...args)
      const { heard, closes, rtts } = this.#passed
      made.push(this.#passed)
      this.addEventListener('message', ({ data }: MessageEvent<unknown>) => heard.push(data))
      this.addEventListener('close', (event) => closes.push(event))
      this.connection.on('heartbeat', ({ rtt }) => rtts.push(rtt))
    }

    override send(data: Parameters<ReconnectingWebSocket['send']>[0]): void {
      this.#passed.sent.push(data)
      super.send(data)
    }
  }
  return { WebSocket: Watched, made }
}

/** An environment that triggers a ping when the test asks for one. */
export class Prompter implements Environment {
  #notify: ((signal: 'visible') => void) | undefined

  online(): boolean {
    return true
  }

  subscribe(notify: (signal: 'visible') => void): () => void {
    this.#notify = notify
    return () => (this.#notify = undefined)
  }

  /** As if the page had become visible. */
  ping(): void {
    this.#notify?.('visible')
  }
}

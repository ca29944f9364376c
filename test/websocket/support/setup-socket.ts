import { settle, TestClock } from '../../../src/tools/testing/clock.js'
import { FakeTransport, type FakeSocket, type FakeTransportOptions } from '../../../src/tools/testing/transport.js'
import type { ReconnectingCloseEvent, ReconnectingErrorEvent } from '../../../src/websocket/events.js'
import {
  ReconnectingWebSocket,
  type ProtocolsProvider,
  type ReconnectingWebSocketOptions,
} from '../../../src/websocket/index.js'
import type { UrlProvider } from '../../../src/index.js'
import { FakeEnvironment } from '../../support/setup.js'

export interface SocketSetup {
  readonly ws: ReconnectingWebSocket
  readonly clock: TestClock
  readonly transport: FakeTransport
  readonly environment: FakeEnvironment
  /**
   * The fired events, in order: `open`, `message …`, `error …` (the code, or ''), `close …` (the code, and whether it
   * reconnects).
   */
  readonly events: string[]
  readonly closes: ReconnectingCloseEvent[]
  readonly errors: ReconnectingErrorEvent[]
  /** Lets it dial. */
  dial(): Promise<FakeSocket>
  /** Lets it dial and the server accept. */
  accept(): Promise<FakeSocket>
  /** Lets it dial and the handshake fail. */
  refuse(): Promise<FakeSocket>
}

/** A ReconnectingWebSocket in an environment where nothing happens by itself. */
export function setupSocket(
  options: ReconnectingWebSocketOptions & {
    readonly fake?: FakeTransportOptions
    readonly url?: string | UrlProvider
    readonly protocols?: string | string[] | ProtocolsProvider
  } = {},
): SocketSetup {
  const { fake, url = 'ws://server.test/', protocols = [], ...rest } = options
  const clock = new TestClock()
  const transport = new FakeTransport(fake)
  const environment = new FakeEnvironment()
  const seams = { clock, transport, environment, random: () => 0.5 }
  const ws = new ReconnectingWebSocket(url, protocols, { ...seams, ...rest })
  const events: string[] = []
  const closes: ReconnectingCloseEvent[] = []
  const errors: ReconnectingErrorEvent[] = []
  ws.addEventListener('open', () => void events.push('open'))
  ws.addEventListener('message', ({ data }) => void events.push(`message ${String(data)}`))
  ws.addEventListener('error', (event) => {
    errors.push(event)
    events.push(`error ${(event.error as { code?: string } | undefined)?.code ?? ''}`.trim())
  })
  ws.addEventListener('close', (event) => {
    closes.push(event)
    events.push(`close ${event.code}${event.willReconnect ? ', goes on' : ''}`)
  })
  const dial = async (): Promise<FakeSocket> => {
    await settle()
    return transport.last
  }
  const after = (act: (socket: FakeSocket) => void) => async (): Promise<FakeSocket> => {
    const socket = await dial()
    act(socket)
    await settle()
    return socket
  }
  return {
    ws,
    clock,
    transport,
    environment,
    events,
    closes,
    errors,
    dial,
    accept: after((socket) => socket.accept()),
    refuse: after((socket) => socket.refuse()),
  }
}

/** The delays in these tests: exactly a second. */
export const everySecond = {
  minReconnectionDelay: 1_000,
  maxReconnectionDelay: 1_000,
  reconnectionDelayGrowFactor: 1,
} as const satisfies ReconnectingWebSocketOptions

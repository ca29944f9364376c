import { createConnection, systemClock, type Connection, type ConnectionStatus, type Transport } from '../../index.js'
import type { InspectionMessage } from './messages.js'
import { ObservedConnections } from './observed-connections.js'
import type { ViewerLink } from './viewer-link.js'
import { goodbye, hello, wordOf } from './foreign.js'

/** Options of `linkRelay`. */
export interface RelayLinkOptions {
  /**
   * Creates the socket to the relay. Node 20 has no `WebSocket`; pass `wsTransport()` there.
   * @default webSocketTransport()
   */
  transport?: Transport | undefined
}

/** A link to a relay, created by `linkRelay`. */
export interface RelayLink extends ViewerLink {
  /** The status of the connection to the relay. `loss` tells why nothing is shown. */
  readonly status: ConnectionStatus
}

/** High-water mark for a slow relay: room for the charts of a thousand connections. Bytes. */
const roomForCharts = 67_108_864

/**
 * Shows connections of this process or page in the viewers of a relay, such as `statewire inspect`.
 *
 * `url` is the relay's address, including the token. Connections are observed only while a viewer is connected. If the
 * relay is not running or restarts, the link reconnects. If the relay can't keep up, messages are skipped and the
 * current state is sent again.
 *
 * An open link keeps a Node process alive; call `close()`.
 *
 * @throws ConnectionError as `createConnection` does for the URL.
 */
export function linkRelay(url: string | URL, { transport }: RelayLinkOptions = {}): RelayLink {
  const relay: Connection = createConnection(url, {
    ...(transport !== undefined && { transport }),
    // No queue: the current state is sent again after a gap.
    queue: { messages: 0, bytes: 0 },
    highWaterMark: roomForCharts,
    unref: true,
  })
  const connections = new ObservedConnections((message: InspectionMessage): void => {
    try {
      relay.send(JSON.stringify(message))
    } catch {
      connections.end()
      // Delayed: a dead socket whose close event is pending also reports an empty buffer.
      relay.drained().then(
        () => void systemClock.setTimeout(rejoin, 250),
        () => {},
      )
    }
  })
  /** Whether a viewer is connected, according to the relay. */
  let hasViewer = false
  const rejoin = (): void => {
    if (hasViewer && !connections.watched) connections.begin()
  }
  relay.on('message', (data) => {
    const word = typeof data === 'string' ? wordIn(data) : undefined
    if (word === hello) {
      hasViewer = true
      connections.begin()
    } else if (word === goodbye) {
      hasViewer = false
      // So that the relay forgets connections that are no longer observed.
      connections.leave()
      connections.end()
    }
  })
  relay.on('close', () => {
    hasViewer = false
    connections.end()
  })
  return {
    get watched() {
      return connections.watched
    },
    get status() {
      return relay.status
    },
    show: (connection, options) => connections.show(connection, options),
    close() {
      connections.clear()
      void relay.close()
    },
  }
}

function wordIn(text: string): unknown {
  try {
    return wordOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

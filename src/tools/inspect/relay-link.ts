import { createConnection, systemClock, type Connection, type ConnectionStatus, type Transport } from '../../index.js'
import type { InspectionMessage } from './messages.js'
import { Showing } from './observed-connections.js'
import type { ViewerLink } from './viewer-link.js'
import { goodbye, hello, wordOf } from './words.js'

export interface RelayLinkOptions {
  /**
   * What makes the link to the relay.
   * Trap: Node 20 has no WebSocket of its own; give it `wsTransport()`.
   * @default webSocketTransport()
   */
  transport?: Transport | undefined
}

export interface RelayLink extends ViewerLink {
  /** Of the link to the relay itself: `loss` says why nothing is shown. */
  readonly status: ConnectionStatus
}

/** Where the relay's own machine may be slow: the charts of a thousand connections. Bytes. */
const roomForCharts = 67_108_864

/**
 * Shows connections of this process or page in the viewers of a relay, such as `statewire inspect` on this machine.
 *
 * `url` is the relay's, token and all. Nothing is attached to a connection while nobody looks; a relay that is not there yet, or comes
 * back, is found by itself. When the relay cannot keep up, what is told has a gap, and then begins anew with the present.
 * Trap: an open link keeps a Node process alive; `close()` it.
 * Throws what `createConnection` throws for a URL that cannot be dialled.
 */
export function linkRelay(url: string | URL, { transport }: RelayLinkOptions = {}): RelayLink {
  const relay: Connection = createConnection(url, {
    ...(transport !== undefined && { transport }),
    // Nothing waits: what is told late is told anew.
    queue: { messages: 0, bytes: 0 },
    highWaterMark: roomForCharts,
    unref: true,
  })
  const showing = new Showing((message: InspectionMessage): void => {
    try {
      relay.send(JSON.stringify(message))
    } catch {
      showing.end()
      // Not at once: a socket that has died, and whose end is not told yet, takes nothing and has nothing waiting.
      relay.drained().then(
        () => void systemClock.setTimeout(rejoin, 250),
        () => {},
      )
    }
  })
  /** A viewer looks, as far as the relay has told. */
  let wanted = false
  const rejoin = (): void => {
    if (wanted && !showing.watched) showing.begin()
  }
  relay.on('message', (data) => {
    const word = typeof data === 'string' ? wordIn(data) : undefined
    if (word === hello) {
      wanted = true
      showing.begin()
    } else if (word === goodbye) {
      wanted = false
      // The relay is not to introduce what nobody tells of.
      showing.leave()
      showing.end()
    }
  })
  relay.on('close', () => {
    wanted = false
    showing.end()
  })
  return {
    get watched() {
      return showing.watched
    },
    get status() {
      return relay.status
    },
    show: (connection, options) => showing.show(connection, options),
    close() {
      showing.clear()
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

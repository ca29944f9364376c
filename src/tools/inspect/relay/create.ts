import { createRequire } from 'node:module'
import type { WebSocketServer } from 'ws'
import { ConnectionError } from '../../../index.js'
import { newToken } from './gate.js'
import { packagedViewer } from './page.js'
import { Relay, type Replay } from './relay.js'

/** Options of `createRelay`. */
export interface RelayOptions {
  /** The port to listen on. @default 0, any free port */
  readonly port?: number | undefined
  /**
   * The token in the applications' address, to keep the address stable: 22 or more letters, digits, `_` and `-`.
   * Generate it at random, for example with `openssl rand -hex 16`. The viewer's address has another token, new each
   * time.
   * @default a new random token
   */
  readonly token?: string | undefined
  /**
   * Origins of the pages that may report connections, such as `http://localhost:5173`. Programs have no origin and need
   * only the token. Only the relay's own page may view.
   * @default []
   */
  readonly origins?: readonly string[] | undefined
  /** The HTML of the viewer page. @default the one in this package */
  readonly viewer?: string | undefined
  /** A recording to show instead of live connections. */
  readonly replay?: Replay | undefined
  /**
   * The `WebSocketServer` class of `ws`. Required where `ws` cannot be resolved at run time, as in a bundle.
   * @default the class of the installed `ws`
   */
  readonly WebSocketServer?: typeof WebSocketServer | undefined
}

function load(): typeof WebSocketServer {
  try {
    return (createRequire(import.meta.url)('ws') as { WebSocketServer: typeof WebSocketServer }).WebSocketServer
  } catch (cause) {
    throw new ConnectionError(
      'ERR_MISSING_PEER',
      'statewire/inspect/relay needs the package ws, 8.23 or later, and could not load it; run `npm install ws`, or pass its class: createRelay({ WebSocketServer })',
      { cause },
    )
  }
}

function refuse(option: string, value: string, remedy: string): never {
  throw new ConnectionError('ERR_OPTION', `${option} (${value}) must ${remedy}`)
}

function checkPort(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  return refuse('port', String(port), 'be a whole number from 0 to 65535')
}

function checkOrigin(origin: string): string {
  if (URL.canParse(origin) && new URL(origin).origin === origin) return origin
  return refuse('origins', origin, 'be origins: only scheme, host and port')
}

/** At least 128 bits if random. The error does not show the token. */
function checkToken(token: string): string {
  if (/^[\w-]{22,128}$/.test(token)) return token
  return refuse('token', `of ${token.length} characters`, 'have 22 to 128 letters, digits, _ and -')
}

/**
 * Starts a relay: applications report their connections to it (`linkRelay`, or `createWebSocketInspector` of
 * `@statelyai/inspect`), and its own page shows them. `statewire inspect` runs it.
 *
 * It listens on 127.0.0.1 only. A request needs a token, the right `Host`, and an allowed origin; all others get the
 * same 401. The relay forwards messages without inspecting them, and stores only the current state of each connection.
 *
 * Messages about an application's own charts are shown as they are sent. Only what statewire reports about its
 * connections is free of secrets.
 *
 * @throws ConnectionError `ERR_MISSING_PEER` if `ws` is not installed.
 * @throws ConnectionError `ERR_OPTION` for an invalid option. Rejects with the system's error if the port is taken.
 */
export async function createRelay(options: RelayOptions = {}): Promise<Relay> {
  const { port = 0, token, origins = [], viewer, replay, WebSocketServer: given } = options
  const relay = new Relay({
    port: checkPort(port),
    token: token === undefined ? newToken() : checkToken(token),
    origins: origins.map(checkOrigin),
    WebSocketServer: given ?? load(),
    viewer: viewer ?? packagedViewer(),
    replay,
  })
  await relay.listen()
  return relay
}

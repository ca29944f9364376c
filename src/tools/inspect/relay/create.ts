import { createRequire } from 'node:module'
import type { WebSocketServer } from 'ws'
import { ConnectionError } from '../../../index.js'
import { newToken } from './gate.js'
import { packagedViewer } from './page.js'
import { Relay, type Replay } from './relay.js'

export interface RelayOptions {
  /** @default 0: a free one */
  readonly port?: number | undefined
  /**
   * What the address to tell ends with, where it is to be the same each time: 22 or more letters, digits, `_` and `-`. Make it at random,
   * such as with `openssl rand -hex 16`. The address to look is another one each time.
   * @default a new one
   */
  readonly token?: string | undefined
  /**
   * Pages that may tell, by their origins, such as `http://localhost:5173`. Programs have none, and may with the token alone. Nobody
   * but the relay's own page may look.
   * @default []
   */
  readonly origins?: readonly string[] | undefined
  /** The text of the viewer page. @default the one of this package */
  readonly viewer?: string | undefined
  /** Shown instead of what is live. */
  readonly replay?: Replay | undefined
  /**
   * The `WebSocketServer` class of `ws`. To be given where `ws` cannot be found at run time, as in a bundled file.
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
  return refuse('origins', origin, 'be origins: scheme, host and port, and nothing behind them')
}

/** 128 bits and more, if it was made at random. Its text is not shown. */
function checkToken(token: string): string {
  if (/^[\w-]{22,128}$/.test(token)) return token
  return refuse('token', `of ${token.length} characters`, 'have 22 to 128 letters, digits, _ and -')
}

/**
 * Starts a relay: applications tell it what their connections do (`linkRelay`, or `createWebSocketInspector` of `@statelyai/inspect`), and
 * a page of its own shows it. What `statewire inspect` runs.
 *
 * It listens on 127.0.0.1 only, and speaks to those who have its token, call it by its own name, and come from where they may; everybody
 * else gets 401 and learns nothing. It carries messages and keeps none but the present of each connection; it does not look into them.
 * Trap: what applications tell of charts of their own is as they send it. Only what statewire tells of its connections is free of secrets.
 *
 * Rejects with the system's error when the port is taken.
 * @throws ConnectionError `ERR_MISSING_PEER` when `ws` is not installed: it is an optional peer.
 * @throws ConnectionError `ERR_OPTION` for an option that cannot be honoured.
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

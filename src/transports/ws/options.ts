import type { ClientRequestArgs } from 'node:http'
import type { TcpSocketConnectOpts } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { ClientOptions, WebSocket } from 'ws'
import { count, isBoolean, oneOf, refuse } from '../../checks.js'
import { ConnectionError } from '../../errors.js'

/** Options of `ws` that the connection decides. */
type Owned = 'handshakeTimeout' | 'headers' | 'host' | 'protocol' | 'protocolVersion'
/** What Node's `http`, `net` and `tls` take besides, as far as `ws` passes it on. */
type OfHttp = Pick<
  ClientRequestArgs,
  | 'auth'
  | 'hints'
  | 'insecureHTTPParser'
  | 'joinDuplicateHeaders'
  | 'localPort'
  | 'lookup'
  | 'maxHeaderSize'
  | 'setHost'
>
type OfNet = Pick<
  TcpSocketConnectOpts,
  'autoSelectFamily' | 'autoSelectFamilyAttemptTimeout' | 'keepAlive' | 'keepAliveInitialDelay' | 'noDelay'
>
type OfTls = Pick<
  ConnectionOptions,
  'ALPNProtocols' | 'enableTrace' | 'minDHSize' | 'pskCallback' | 'secureContext' | 'servername' | 'session'
>

/** Under `exactOptionalPropertyTypes`, `undefined` is as good as left out. */
type OrUndefined<T> = { [K in keyof T]: T[K] | undefined }

/** What `ws` takes, less what the connection decides, and some options of our own. */
export interface WsClientOptions extends OrUndefined<Omit<ClientOptions, Owned> & OfHttp & OfNet & OfTls> {
  /** Sent with every upgrade. Headers that the URL provider returns win, name by name. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * The largest message that is received, in bytes, decompressed. A larger one ends the connection, because it would come
   * again. `0` or `Infinity` removes the limit.
   *
   * `ws` itself allows 100 MiB. A server, or an attacker in its place, can make the client hold that much for each link.
   *
   * @default 16_777_216
   */
  readonly maxPayload?: number | undefined
  /**
   * Whether to offer compression (permessage-deflate), and how.
   *
   * `ws` itself offers it. It costs about 300 kB of memory for each link, a thread for each message, and lets a small message
   * grow up to `maxPayload`. It pays where text is large and the network slow or expensive.
   *
   * @default false
   */
  readonly perMessageDeflate?: ClientOptions['perMessageDeflate'] | undefined
  /**
   * How many automatic pongs may wait for the network before the link is dropped. `0` or `Infinity` removes the limit.
   *
   * `ws` itself allows 60. A healthy server may have sent more while the event loop was blocked.
   *
   * @default 1_000
   */
  readonly maxPendingAutoPongs?: number | undefined
}

export interface WsTransportOptions extends WsClientOptions {
  /**
   * Whether a certificate that does not verify ends the connection. Retrying is the default, because certificates get
   * renewed and clocks get set; choose `fatal` where neither will happen.
   *
   * @default 'retry'
   */
  readonly certificateErrors?: 'retry' | 'fatal' | undefined
  /**
   * Whether what is sent in one tick of the event loop leaves in one write. It leaves when the tick is over, in order; a message
   * that is alone in its tick leaves at once.
   *
   * @default true
   */
  readonly coalesce?: boolean | undefined
  /**
   * The `WebSocket` class of `ws`. To be given where `ws` cannot be found at run time, as in a bundled file.
   *
   * @default the class of the installed `ws`, loaded when `wsTransport` is called
   */
  readonly WebSocket?: typeof WebSocket | undefined
}

/** What `wsTransport` sets where `ws` would be generous. */
export const wsDefaults = { maxPayload: 16_777_216, perMessageDeflate: false, maxPendingAutoPongs: 1_000 } as const

/** Options that `ws` or Node take elsewhere, and what to write instead. `ws` would drop most of them, and dial another place. */
const remedies: Readonly<Record<string, string>> = {
  // It restarts with every byte, so a slow trickle outlives it.
  handshakeTimeout: "the connection's connectTimeout is a deadline over the whole handshake",
  timeout: "the connection's connectTimeout is a deadline over the whole handshake, its heartbeat one over silence",
  closeTimeout: "the connection's closeTimeout is the deadline over closing",
  signal: "the connection's signal closes it",
  host: "the host is the URL's (a Host header goes into headers, an address into lookup)",
  hostname: "the host is the URL's (a Host header goes into headers, an address into lookup)",
  port: "the port is the URL's",
  defaultPort: "the port is the URL's",
  path: "the path is the URL's",
  socketPath: "a socket file is dialed by the URL, as in 'ws+unix:/run/app.sock:/path'",
  method: 'an upgrade is a GET',
  protocol: "subprotocols go into the connection's protocols, and the scheme is the URL's",
  protocols: "subprotocols go into the connection's protocols",
  protocolVersion: 'it is 13',
  socket: 'createConnection makes a socket for each attempt',
  fd: 'createConnection makes a socket for each attempt',
  onread: '`ws` reads the socket',
  readable: '`ws` reads the socket',
  writable: '`ws` writes to the socket',
  allowHalfOpen: '`ws` ends the socket',
}

/** All that is passed on, and that `ws` 8 or Node act on. */
const passedOn = new Set<string>([
  // ws
  'agent',
  'allowSynchronousEvents',
  'autoPong',
  'createConnection',
  'finishRequest',
  'followRedirects',
  'generateMask',
  'headers',
  'maxBufferedChunks',
  'maxFragments',
  'maxPayload',
  'maxPendingAutoPongs',
  'maxRedirects',
  'origin',
  'perMessageDeflate',
  'skipUTF8Validation',
  // node:http
  'auth',
  'insecureHTTPParser',
  'joinDuplicateHeaders',
  'maxHeaderSize',
  'setDefaultHeaders',
  'setHost',
  'uniqueHeaders',
  // node:net
  'autoSelectFamily',
  'autoSelectFamilyAttemptTimeout',
  'blockList',
  'family',
  'highWaterMark',
  'hints',
  'keepAlive',
  'keepAliveInitialDelay',
  'localAddress',
  'localPort',
  'lookup',
  'noDelay',
  // node:tls
  'ALPNProtocols',
  'allowPartialTrustChain',
  'ca',
  'cert',
  'checkServerIdentity',
  'ciphers',
  'clientCertEngine',
  'crl',
  'dhparam',
  'ecdhCurve',
  'enableTrace',
  'honorCipherOrder',
  'key',
  'maxVersion',
  'minDHSize',
  'minVersion',
  'passphrase',
  'pfx',
  'privateKeyEngine',
  'privateKeyIdentifier',
  'pskCallback',
  'rejectUnauthorized',
  'requestOCSP',
  'secureContext',
  'secureOptions',
  'secureProtocol',
  'servername',
  'session',
  'sessionIdContext',
  'sessionTimeout',
  'sigalgs',
  'ticketKeys',
])

/** Numbers that `ws` cuts to 32 bits, so that a larger one would be no limit at all. */
const limits = ['maxPayload', 'maxFragments', 'maxBufferedChunks', 'maxPendingAutoPongs'] as const
const largest = 2 ** 31 - 1

function checkName(name: string, value: unknown): void {
  if (passedOn.has(name)) return
  const remedy = Object.hasOwn(remedies, name) ? remedies[name] : undefined
  // Its value is not shown: it may be a token.
  throw new ConnectionError(
    'ERR_OPTION',
    remedy === undefined
      ? `wsTransport.${name} (a ${typeof value}) must not be given; ws and Node have no such option`
      : `wsTransport.${name} (a ${typeof value}) must not be given; ${remedy}`,
  )
}

function checkLimit(name: (typeof limits)[number], value: unknown): void {
  if (value === undefined || count(`wsTransport.${name}`, value) === Infinity) return
  if ((value as number) > largest) refuse(`wsTransport.${name}`, value, `be at most ${largest}, or Infinity`)
}

/** Throws `ERR_OPTION` for what `ws` would ignore or misunderstand. Gives what is to be passed on. */
export function checkOptions(options: WsTransportOptions): {
  readonly client: WsClientOptions
  readonly own: { readonly certificateErrors: 'retry' | 'fatal'; readonly coalesce: boolean }
} {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    refuse('wsTransport', options, 'be an object')
  }
  const { WebSocket: _, certificateErrors = 'retry', coalesce = true, ...rest } = options
  oneOf('wsTransport.certificateErrors', certificateErrors, ['retry', 'fatal'])
  isBoolean('wsTransport.coalesce', coalesce)
  // `undefined` is as good as left out; `ws` would take it for a limit that was removed.
  const given = Object.entries(rest).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) checkName(name, value)
  const client = Object.fromEntries(given) as WsClientOptions
  for (const name of limits) checkLimit(name, client[name])
  if (client.agent && client.createConnection) {
    refuse(
      'wsTransport.createConnection',
      client.createConnection,
      'not be given with an agent, which makes the sockets',
    )
  }
  return { client: { ...wsDefaults, ...client }, own: { certificateErrors, coalesce } }
}

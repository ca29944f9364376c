import type { ClientRequestArgs } from 'node:http'
import type { TcpSocketConnectOpts } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { ClientOptions, WebSocket } from 'ws'
import { count, isBoolean, oneOf, refuse } from '../../core/checks.js'
import { ConnectionError } from '../../core/errors.js'

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

const ofUrl = "it is the URL's"
const ofConnection = (option: string): string => `use the connection's ${option}`
const perAttempt = 'use createConnection, which makes one for each attempt'

/** Options that `ws` or Node take elsewhere, and what to write instead. `ws` would ignore most of them, and dial another place. */
const remedies = (): Readonly<Record<string, string>> => ({
  // It restarts with every byte, so a slow trickle outlives it.
  handshakeTimeout: ofConnection('connectTimeout'),
  timeout: ofConnection('connectTimeout and heartbeat'),
  closeTimeout: ofConnection('closeTimeout'),
  signal: ofConnection('signal'),
  host: `${ofUrl}; use headers for another Host header, lookup for another address`,
  hostname: `${ofUrl}; use lookup for another address`,
  port: ofUrl,
  defaultPort: ofUrl,
  path: ofUrl,
  socketPath: "dial a socket file by its URL, as in 'ws+unix:/run/app.sock:/path'",
  method: 'an upgrade is a GET',
  protocol: `${ofConnection('protocols')}; the scheme is the URL's`,
  protocols: ofConnection('protocols'),
  protocolVersion: 'it is 13',
  socket: perAttempt,
  fd: perAttempt,
  onread: 'ws reads the socket',
  readable: 'ws reads the socket',
  writable: 'ws writes to the socket',
  allowHalfOpen: 'ws ends the socket',
})

/** All that is passed on, and that `ws` 8 or `node:http`, `node:net` and `node:tls` act on. One text, because it is smaller. */
const passedOn =
  'agent allowSynchronousEvents autoPong createConnection finishRequest followRedirects generateMask headers maxBufferedChunks ' +
  'maxFragments maxPayload maxPendingAutoPongs maxRedirects origin perMessageDeflate skipUTF8Validation ' +
  'auth insecureHTTPParser joinDuplicateHeaders maxHeaderSize setDefaultHeaders setHost uniqueHeaders ' +
  'autoSelectFamily autoSelectFamilyAttemptTimeout blockList family highWaterMark hints keepAlive keepAliveInitialDelay ' +
  'localAddress localPort lookup noDelay ' +
  'ALPNProtocols allowPartialTrustChain ca cert checkServerIdentity ciphers clientCertEngine crl dhparam ecdhCurve enableTrace ' +
  'honorCipherOrder key maxVersion minDHSize minVersion passphrase pfx privateKeyEngine privateKeyIdentifier pskCallback ' +
  'rejectUnauthorized requestOCSP secureContext secureOptions secureProtocol servername session sessionIdContext sessionTimeout ' +
  'sigalgs ticketKeys'

/** Numbers that `ws` cuts to 32 bits, so that a larger one would be no limit at all. */
const limits = ['maxPayload', 'maxFragments', 'maxBufferedChunks', 'maxPendingAutoPongs']
const largest = 2 ** 31 - 1

/** What is passed on to `ws`, and what this transport reads itself. */
export interface CheckedOptions {
  readonly client: WsClientOptions
  readonly certificateErrors: 'retry' | 'fatal'
  readonly coalesce: boolean
}

/** Throws `ERR_OPTION` for what `ws` would ignore or misunderstand. */
export function checkOptions(options: WsTransportOptions): CheckedOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    refuse('wsTransport', options, 'be an object')
  }
  const { WebSocket: _, certificateErrors = 'retry', coalesce = true, ...rest } = options
  oneOf('wsTransport.certificateErrors', certificateErrors, ['retry', 'fatal'])
  isBoolean('wsTransport.coalesce', coalesce)
  const client: Record<string, unknown> = { ...wsDefaults }
  for (const [name, value] of Object.entries(rest)) {
    // `undefined` is as good as left out; `ws` would take it for a limit that was removed.
    if (value === undefined) continue
    checkName(name, value)
    if (limits.includes(name)) checkLimit(`wsTransport.${name}`, value)
    client[name] = value
  }
  const { agent, createConnection } = client
  if (agent && createConnection) {
    refuse('wsTransport.createConnection', createConnection, 'not be given with an agent, which makes the sockets')
  }
  return { client, certificateErrors, coalesce }
}

function checkName(name: string, value: unknown): void {
  if (passedOn.split(' ').includes(name)) return
  const all = remedies()
  const remedy = Object.hasOwn(all, name) ? all[name] : 'ws and Node have no such option'
  // Its value is not shown: it may be a token.
  throw new ConnectionError('ERR_OPTION', `wsTransport.${name} (a ${typeof value}) must not be given; ${remedy}`)
}

function checkLimit(option: string, value: unknown): void {
  if (count(option, value) > largest && value !== Infinity) {
    refuse(option, value, `be at most ${largest}, or Infinity`)
  }
}

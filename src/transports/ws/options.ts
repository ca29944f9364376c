import type { ClientRequestArgs } from 'node:http'
import type { TcpSocketConnectOpts } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { ClientOptions, WebSocket } from 'ws'
import { count, isBoolean, oneOf, refuse } from '../../core/checks.js'
import { ConnectionError } from '../../core/errors.js'

/** Options of `ws` that the connection sets itself. */
type Owned = 'handshakeTimeout' | 'headers' | 'host' | 'protocol' | 'protocolVersion'
/** Further options of Node's `http`, `net` and `tls` that `ws` passes on. */
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

/** Allows explicit `undefined` under `exactOptionalPropertyTypes`. */
type OrUndefined<T> = { [K in keyof T]: T[K] | undefined }

/** Client options of `ws`, except those that the connection sets itself, with other defaults for three limits. */
export interface WsClientOptions extends OrUndefined<Omit<ClientOptions, Owned> & OfHttp & OfNet & OfTls> {
  /** Headers of every upgrade request. Headers from the URL provider override them by name. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * The largest message accepted, in bytes after decompression. A larger message ends the connection, because the
   * server would send it again. `0` or `Infinity` removes the limit.
   *
   * The default of `ws` is 100 MiB, which lets a server make the client hold that much memory per link.
   *
   * @default 16_777_216
   */
  readonly maxPayload?: number | undefined
  /**
   * Whether and how to offer compression (permessage-deflate, RFC 7692).
   *
   * `ws` offers it by default. It costs about 300 kB of memory per link and a thread-pool job per message, and lets a
   * small message expand to `maxPayload`. It pays off for large text on slow or metered networks.
   *
   * @default false
   */
  readonly perMessageDeflate?: ClientOptions['perMessageDeflate'] | undefined
  /**
   * The maximum number of automatic pongs that wait for the network. Beyond it, the link is dropped. `0` or `Infinity`
   * removes the limit.
   *
   * The default of `ws` is 60, which a healthy server can exceed while the event loop is blocked.
   *
   * @default 1_000
   */
  readonly maxPendingAutoPongs?: number | undefined
}

/** Options of `wsTransport`. */
export interface WsTransportOptions extends WsClientOptions {
  /**
   * What to do if the server's certificate cannot be verified: retry, or end the connection. The default is to retry,
   * because certificates get renewed and clocks get set.
   *
   * @default 'retry'
   */
  readonly certificateErrors?: 'retry' | 'fatal' | undefined
  /**
   * Whether to combine the messages sent in one tick of the event loop into one write, at the end of the tick, in
   * order. A message that is alone in its tick is written immediately.
   *
   * @default true
   */
  readonly coalesce?: boolean | undefined
  /**
   * The `WebSocket` class of `ws`. Required where `ws` cannot be resolved at run time, as in a bundle.
   *
   * @default the class of the installed `ws`, loaded when `wsTransport` is called
   */
  readonly WebSocket?: typeof WebSocket | undefined
}

/** Defaults that are stricter than those of `ws`. */
export const wsDefaults = { maxPayload: 16_777_216, perMessageDeflate: false, maxPendingAutoPongs: 1_000 } as const

const ofUrl = 'it is part of the URL'
const ofConnection = (option: string): string => `use the connection's ${option}`
const perAttempt = 'use createConnection, which opens a new one for each attempt'

/**
 * Options that do not belong here, and what to use instead. `ws` would ignore most of them, or dial another address.
 */
const remedies = (): Readonly<Record<string, string>> => ({
  // The timer of `ws` restarts with every byte, so a slow trickle outlives it.
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
  protocol: `${ofConnection('protocols')}; the scheme is part of the URL`,
  protocols: ofConnection('protocols'),
  protocolVersion: 'it is 13',
  socket: perAttempt,
  fd: perAttempt,
  onread: 'ws reads the socket',
  readable: 'ws reads the socket',
  writable: 'ws writes to the socket',
  allowHalfOpen: 'ws ends the socket',
})

/** The options passed on to `ws` 8, `node:http`, `node:net` and `node:tls`. One string, because it is smaller. */
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

/** Numbers that `ws` truncates to 32 bits; a larger one would be no limit. */
const limits = ['maxPayload', 'maxFragments', 'maxBufferedChunks', 'maxPendingAutoPongs']
const largest = 2 ** 31 - 1

/** The options for `ws`, and those that this transport reads itself. */
export interface CheckedOptions {
  readonly client: WsClientOptions
  readonly certificateErrors: 'retry' | 'fatal'
  readonly coalesce: boolean
}

/** Throws `ERR_OPTION` for options that `ws` would ignore or misinterpret. */
export function checkOptions(options: WsTransportOptions): CheckedOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    refuse('wsTransport', options, 'be an object')
  }
  const { WebSocket: _, certificateErrors = 'retry', coalesce = true, ...rest } = options
  oneOf('wsTransport.certificateErrors', certificateErrors, ['retry', 'fatal'])
  isBoolean('wsTransport.coalesce', coalesce)
  const client: Record<string, unknown> = { ...wsDefaults }
  for (const [name, value] of Object.entries(rest)) {
    // `undefined` means omitted; `ws` would treat it as no limit.
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
  // The value is not shown; it may be a token.
  throw new ConnectionError('ERR_OPTION', `wsTransport.${name} (a ${typeof value}) must not be given; ${remedy}`)
}

function checkLimit(option: string, value: unknown): void {
  if (count(option, value) > largest && value !== Infinity) {
    refuse(option, value, `be at most ${largest}, or Infinity`)
  }
}

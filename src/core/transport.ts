/** What can be sent: what `WebSocket.send` takes. */
export type SendData = string | ArrayBuffer | ArrayBufferView | Blob

/** What arrives: text as a string, binary as `binaryType` says. */
export type MessageData = string | ArrayBuffer | Blob

/**
 * How binary messages are presented. Either way the bytes are the app's alone: no memory is shared with another message. Standard
 * sockets hand them over without a copy; `ws` copies an `arraybuffer` where the message was a part of a larger read, so small ones.
 */
export type BinaryType = 'arraybuffer' | 'blob'

/** How a socket ended, as in the standard's `CloseEvent`. */
export interface CloseInfo {
  /** RFC 6455 §7.4. 1005: the peer gave none. 1006: there was no closing handshake. */
  readonly code: number
  readonly reason: string
  /** Whether the closing handshake was completed. */
  readonly wasClean: boolean
}

/** Certificates and keys: PEM text, or bytes. */
export type TlsMaterial = string | Uint8Array | readonly (string | Uint8Array)[]

/** What one attempt needs of TLS; the names and meanings are those of Node's `tls.connect`. */
export interface TlsOptions {
  readonly ca?: TlsMaterial | undefined
  readonly cert?: TlsMaterial | undefined
  readonly key?: TlsMaterial | undefined
  readonly pfx?: TlsMaterial | undefined
  readonly crl?: TlsMaterial | undefined
  /** Of the key, or of the `pfx`. */
  readonly passphrase?: string | undefined
  /** The name for SNI and for checking the certificate, where it is not the URL's host. */
  readonly servername?: string | undefined
  readonly ciphers?: string | undefined
  readonly minVersion?: string | undefined
  readonly maxVersion?: string | undefined
  readonly rejectUnauthorized?: boolean | undefined
}

/** Where one attempt goes. Already validated: `url` is an absolute URL without a fragment, of a scheme that the transport dials. */
export interface Target {
  readonly url: string
  readonly protocols: readonly string[]
  /** Sent with the upgrade where the transport can; a transport that cannot reports it as `failed`, fatal. */
  readonly headers: Readonly<Record<string, string>>
  /** For this attempt, where the transport can; one that cannot reports it as `failed`, fatal. */
  readonly tls?: TlsOptions | undefined
  readonly binaryType: BinaryType
}

/** What a transport needs to know of a failure to describe the `closed` that follows it. */
export interface FailureDetail {
  readonly error: unknown
  /** The HTTP status that refused the upgrade. */
  readonly status?: number | undefined
  /** What the server asked us to wait, in milliseconds. */
  readonly retryAfter?: number | undefined
  /** Trying again with the same target cannot succeed. */
  readonly fatal?: boolean | undefined
}

/**
 * A control frame that was seen. `pong`: the answer to the latest `ping()` of this socket, told by its payload. `stray`: any other
 * pong; peers may send one unasked (RFC 6455 §5.5.3), which shows that the peer lives and proves nothing about what it has read.
 */
export type ControlFrame = 'ping' | 'pong' | 'stray'

/**
 * Where a socket reports to. Never called inside `connect`, `send`, `close`, `abandon`, `ping`, `pause` or `resume`,
 * and never after `abandon` or `closed`.
 * If you write a transport: call its methods on it, as in `sink.message(data)`; taken apart they don't work.
 */
export interface SocketSink {
  opened(info: { readonly protocol: string; readonly extensions: string }): void
  /** A whole message, in order of arrival. */
  message(data: MessageData): void
  alive(frame: ControlFrame): void
  /** Detail for the `closed` that follows; at most once, never alone. */
  failed(detail: FailureDetail): void
  /**
   * Exactly once, last. `answered`: the peer's Close is known to answer ours, so it has read all that was sent before. A clean close
   * alone does not say that: the peer's own Close may have crossed ours.
   */
  closed(close: CloseInfo, answered?: boolean): void
}

/** Bytes on the wire. They tell a slow link from a dead one while one message takes longer than the heartbeat allows. */
export interface Throughput {
  /** Read from the network so far. */
  readonly read: number
  /** Of the writes that the operating system has taken whole, so far. */
  readonly written: number
  /** Bytes that the operating system doesn't take yet: its buffer is full. Once it takes some, the peer has acknowledged earlier ones. */
  readonly waiting: number
}

/** One physical WebSocket. */
export interface Socket {
  /** Bytes accepted by `send` and not yet handed to the network. */
  readonly bufferedAmount: number
  /** How binary messages that arrive from now on are presented. */
  binaryType: BinaryType
  /** Throws a `ConnectionError` `ERR_TRANSPORT` unless the socket is open; anything else it throws is the message's fault. */
  send(data: SendData): void
  /** Starts the closing handshake; `closed` follows. Arguments are already validated. Never throws. */
  close(code?: number, reason?: string): void
  /** Never calls the sink again. Sends a closing frame if that costs nothing, then drops the socket. Never throws. */
  abandon(code?: number, reason?: string): void
  /**
   * Optional methods are capabilities: browsers cannot ping. Sends a protocol ping with a payload that no earlier one had; its
   * answer is reported as `alive('pong')`.
   */
  ping?(): void
  /** How far the socket has come. `undefined` where the runtime doesn't count. */
  throughput?(): Throughput | undefined
  /** Stops reading, so that the network pushes back on the sender. */
  pause?(): void
  resume?(): void
}

/** Makes sockets. Thin: no policy, no timer; absorbs its runtime's quirks. */
export interface Transport {
  /** What relative URLs are resolved against, where the runtime has such a thing. */
  readonly base?: string | undefined
  /** Schemes that it dials besides `ws:` and `wss:`, such as `ws+unix:`, each with its colon. */
  readonly schemes?: readonly string[] | undefined
  /** Starts one socket. Never throws: a constructor that does is `failed` then `closed`, later. */
  connect(target: Target, sink: SocketSink): Socket
}

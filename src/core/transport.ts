/** Data that can be sent: the parameter of `WebSocket.send`. */
export type SendData = string | ArrayBuffer | ArrayBufferView | Blob

/** Received data: text as a string, binary as `binaryType` selects. */
export type MessageData = string | ArrayBuffer | Blob

/**
 * How binary messages are delivered. Messages never share memory.
 *
 * Standard sockets don't copy the bytes. `ws` copies them for `arraybuffer` if the message was part of a larger read, so mostly small ones.
 */
export type BinaryType = 'arraybuffer' | 'blob'

/** How a socket ended. Source: WHATWG WebSockets, `CloseEvent`. */
export interface CloseInfo {
  /** The close code (RFC 6455 §7.4). 1005: the peer sent none. 1006: there was no close frame. */
  readonly code: number
  /** The close reason, or ''. Written by the peer, so don't trust it. */
  readonly reason: string
  /** Whether the closing handshake was completed. */
  readonly wasClean: boolean
}

/** Certificates and keys, as PEM text or bytes. */
export type TlsMaterial = string | Uint8Array | readonly (string | Uint8Array)[]

/** TLS options of one attempt, with the names and meanings of Node's `tls.connect`. */
export interface TlsOptions {
  readonly ca?: TlsMaterial | undefined
  readonly cert?: TlsMaterial | undefined
  readonly key?: TlsMaterial | undefined
  readonly pfx?: TlsMaterial | undefined
  readonly crl?: TlsMaterial | undefined
  /** Decrypts the key or the `pfx`. */
  readonly passphrase?: string | undefined
  /** The name for SNI and for the certificate check, if it differs from the URL's host. */
  readonly servername?: string | undefined
  readonly ciphers?: string | undefined
  readonly minVersion?: string | undefined
  readonly maxVersion?: string | undefined
  readonly rejectUnauthorized?: boolean | undefined
}

/**
 * The destination of one attempt. Already validated: `url` is absolute, without a fragment, and has a scheme that the transport
 * supports.
 */
export interface Target {
  readonly url: string
  readonly protocols: readonly string[]
  /** Sent with the upgrade. A transport that can't send headers reports a fatal `failed`. */
  readonly headers: Readonly<Record<string, string>>
  /** TLS options of this attempt. A transport that doesn't support them reports a fatal `failed`. */
  readonly tls?: TlsOptions | undefined
  readonly binaryType: BinaryType
}

/** Details of a failure, reported before `closed`. */
export interface FailureDetail {
  readonly error: unknown
  /** The HTTP status of a refused upgrade. */
  readonly status?: number | undefined
  /** The delay that the server asked for, in milliseconds. */
  readonly retryAfter?: number | undefined
  /** Retrying with the same target cannot succeed. */
  readonly fatal?: boolean | undefined
}

/**
 * A received control frame. `pong`: the reply to the latest `ping()` of this socket, recognized by its payload. `stray`: any other pong.
 * Peers may send unsolicited pongs (RFC 6455 §5.5.3), which prove that the peer is alive but not which messages it has read.
 */
export type ControlFrame = 'ping' | 'pong' | 'stray'

/**
 * Receives the events of a socket. Implemented by statewire and called by transports.
 *
 * Don't call it inside `connect`, `send`, `close`, `abandon`, `ping`, `pause` or `resume`, nor after `abandon` or `closed`. Call its methods
 * on the object, as in `sink.message(data)`; detached they don't work.
 */
export interface SocketSink {
  /** The opening handshake is done. */
  opened(info: { readonly protocol: string; readonly extensions: string }): void
  /** A complete message arrived. */
  message(data: MessageData): void
  /** A control frame arrived. */
  alive(frame: ControlFrame): void
  /** Details for the `closed` that must follow. At most once. */
  failed(detail: FailureDetail): void
  /**
   * The socket ended. Exactly once, and last. `answered`: the peer's close frame is known to answer this side's, so the peer has read
   * everything sent before. A clean close alone doesn't prove that: the two close frames may have crossed.
   */
  closed(close: CloseInfo, answered?: boolean): void
}

/**
 * Bytes on the wire, which distinguish a slow link from a dead one while one message takes longer than the heartbeat allows.
 */
export interface Throughput {
  /** Bytes read from the network so far. */
  readonly read: number
  /** Bytes of the writes that the operating system has fully accepted so far. */
  readonly written: number
  /**
   * Bytes that the operating system doesn't accept yet because its buffer is full. Once it accepts more, the peer has acknowledged
   * earlier ones.
   */
  readonly waiting: number
}

/** One physical WebSocket, made by a transport. Optional methods are capabilities that not every runtime has. */
export interface Socket {
  /** Bytes accepted by `send` but not yet handed to the network. */
  readonly bufferedAmount: number
  /** How binary messages that arrive from now on are delivered. */
  binaryType: BinaryType
  /**
   * Throws a `ConnectionError` `ERR_TRANSPORT` unless the socket is open. Any other exception means that the message is invalid.
   */
  send(data: SendData): void
  /** Starts the closing handshake; `closed` follows. Arguments are already validated. Never throws. */
  close(code?: number, reason?: string): void
  /** Drops the socket, after a close frame if that needs no wait, and never calls the sink again. Never throws. */
  abandon(code?: number, reason?: string): void
  /**
   * Sends a protocol ping with a unique payload; its reply is reported as `alive('pong')`. Browsers can't send pings.
   *
   * Source: RFC 6455 §5.5.2.
   */
  ping?(): void
  /** Bytes transferred so far. `undefined` if the runtime doesn't count them. */
  throughput?(): Throughput | undefined
  /** Stops reading, so TCP flow control slows the sender. */
  pause?(): void
  /** Reads again after `pause`. */
  resume?(): void
}

/** Creates sockets. A transport has no policy and no timers; it hides the quirks of its runtime. */
export interface Transport {
  /** The base of relative URLs, if the runtime has one. */
  readonly base?: string | undefined
  /** Supported schemes besides `ws:` and `wss:`, such as `ws+unix:`, each with its colon. */
  readonly schemes?: readonly string[] | undefined
  /** Starts one socket. Must not throw: if a constructor throws, report `failed` and `closed` later. */
  connect(target: Target, sink: SocketSink): Socket
}

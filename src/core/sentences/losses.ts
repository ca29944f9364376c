// Reasons for a loss.

export const losses = {
  ERR_HEARTBEAT_TIMEOUT: {
    'heartbeat-timeout': () =>
      'the link (silent, ping unanswered) was abandoned: if this happens often, compare heartbeat.timeout with the round-trip time',
  },
  ERR_IDLE_CUT: {
    /** `interval` in seconds; `Infinity` if the client sends no pings. */
    'idle-cut': (links: number, seconds: number, interval: number) =>
      `${links} links in a row (each cut after about ${seconds} s, without a ping and with almost no messages) suggest that a proxy or server cuts idle links: ${
        interval === Infinity
          ? 'set a heartbeat that pings more often than that'
          : `make heartbeat.interval (${interval} s) shorter than that, and set a textHeartbeat where the runtime cannot ping`
      }`,
  },
  ERR_CONNECT_TIMEOUT: {
    'connect-timeout': () =>
      'connectTimeout passed before provider, handshake and prepare were done: check which one hangs, or raise it',
  },
  ERR_PROVIDER: {
    'provider-threw': () => 'the url function threw or rejected, so the attempt failed: see the cause',
    'provider-result': (type: string) =>
      `the url function (which returned ${type}) must return a string, a URL, or { url, … }`,
    'provider-failed': () => 'the URL provider failed, so the attempt failed: see the cause',
  },
  ERR_PREPARE: {
    'prepare-threw': () => 'prepare threw or rejected, so the attempt failed: see the cause',
    'prepare-unread': (messages: number) =>
      `prepare left too many messages unread (${messages}): read() them, or make the server send fewer before prepare is done`,
    'no-session-protocol': () =>
      'the server did not select the subprotocol of sessions: use a server with resume.v1, or set required: false in resumable()',
    'auth-threw': () => 'auth of resumable() threw, rejected, or returned what JSON cannot express: see the cause',
    'hello-too-long': (bytes: number, most: number) =>
      `the hello of the session (${bytes} bytes) must take at most ${most}: return a shorter value from auth`,
  },
  ERR_REFUSED: {
    refused: () => 'the app refused to connect',
    'refused-by-provider': () => 'the url function refused to connect, so the connection has ended: see the cause',
    'refused-by-prepare': () => 'prepare refused to connect, so the connection has ended: see the cause',
  },
  ERR_HANDSHAKE: {
    handshake: (status: number) =>
      `the server answered the upgrade with HTTP ${status}: check the URL, the credentials and any proxies`,
  },
  ERR_SOCKET: {
    'socket-failed': () => 'the WebSocket failed: see the cause, if the runtime gives one',
    'socket-said': (message: string) => `the WebSocket failed: ${message}`,
    'socket-silent': () => 'the WebSocket failed: the runtime gives no reason',
    'not-constructed': () => 'the WebSocket could not be constructed',
  },
  ERR_TRANSPORT: {
    'connect-threw': () =>
      'the transport threw in connect, or returned no socket: report it to the author of the transport',
    'not-a-socket': () => 'connect must return a socket with all required methods',
    'no-headers': () =>
      'a standard WebSocket cannot send headers: use wsTransport of statewire/ws, or put the token into the URL or a subprotocol',
    'no-tls': () =>
      'a standard WebSocket takes no TLS options: use wsTransport of statewire/ws, or the certificates of the system',
    'not-open': () => 'the socket is not open',
    'no-blob': () => 'this runtime cannot send a Blob: send its bytes',
    'foreign-blob': () => 'this Blob is of a foreign implementation: send its bytes',
  },
}

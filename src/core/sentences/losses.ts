// Sentences for the reason of a loss.

export const losses = {
  ERR_HEARTBEAT_TIMEOUT: {
    'heartbeat-timeout': () =>
      'the link (silent, and no answer to a ping in time) was abandoned: if this is not rare, compare heartbeat.timeout with the round-trip time',
  },
  ERR_IDLE_CUT: {
    /** `interval` in seconds; `Infinity`: nothing is pinged. */
    'idle-cut': (links: number, seconds: number, interval: number) =>
      `${links} links in a row (cut after about ${seconds} s each, without a ping and with next to no messages) are a sign that a proxy or server cuts idle links: ${
        interval === Infinity
          ? 'give a heartbeat that pings more often than that'
          : `make heartbeat.interval (${interval} s) shorter than that, and where the runtime cannot ping, give a textHeartbeat`
      }`,
  },
  ERR_CONNECT_TIMEOUT: {
    'connect-timeout': () =>
      'connectTimeout passed before provider, handshake and prepare were done: see which one hangs, or raise it',
  },
  ERR_PROVIDER: {
    'provider-threw': () => 'the url function threw or rejected, so the attempt failed: see the cause',
    'provider-result': (type: string) =>
      `the url function (which gave ${type}) must give a string, a URL, or { url, … }`,
    'provider-failed': () => 'the URL provider failed, so the attempt failed: see the cause',
  },
  ERR_PREPARE: {
    'prepare-threw': () => 'prepare threw or rejected, so the attempt failed: see the cause',
    'prepare-unread': (messages: number) =>
      `prepare left too much unread (${messages} messages): read() them, or have the server send less before you are prepared`,
  },
  ERR_REFUSED: {
    refused: () => 'the app refused to connect',
    'refused-by-provider': () => 'the url function refused to connect, so the connection has ended: see the cause',
    'refused-by-prepare': () => 'prepare refused to connect, so the connection has ended: see the cause',
  },
  ERR_HANDSHAKE: {
    handshake: (status: number) =>
      `the server answered the upgrade with HTTP ${status}: look at the URL, the credentials and the proxies on the way`,
  },
  ERR_SOCKET: {
    'socket-failed': () => 'the WebSocket failed: see the cause, if the runtime tells one',
    'socket-said': (message: string) => `the WebSocket failed: ${message}`,
    'socket-silent': () => 'the WebSocket failed: the runtime does not say why',
    'not-constructed': () => 'the WebSocket could not be constructed',
  },
  ERR_TRANSPORT: {
    'connect-threw': () =>
      'the transport threw in connect, or returned no socket: report it to the author of the transport',
    'not-a-socket': () => 'connect must return a socket, with all methods that a socket has to have',
    'no-headers': () =>
      'a standard WebSocket cannot send headers: use wsTransport of statewire/ws, or put the token into the URL or a subprotocol',
    'no-tls': () =>
      'a standard WebSocket takes no TLS options: use wsTransport of statewire/ws, or the certificates of the system',
    'not-open': () => 'send needs an open socket, and this one is not',
    'no-blob': () => 'this runtime cannot send a Blob: send its bytes',
    'foreign-blob': () => 'this Blob is not one of this runtime: send its bytes',
  },
}

// Errors thrown by a call: URLs, arguments, data, a full queue, an ended connection.

export const calls = {
  ERR_URL: {
    'url-type': (type: string) => `url (${type}) must be a string, a URL, or a function that returns one`,
    'url-syntax': (length: number) =>
      `url (of ${length} characters) must be an absolute ws: or wss: URL: check its syntax`,
    'url-scheme': (scheme: string, known: string) =>
      `url (scheme ${scheme}) must have the scheme ${known}${scheme === 'ws+unix:' ? '; a socket file is dialed over wsTransport of statewire/ws' : ''}`,
    'url-fragment': () => 'url (with a fragment) must not contain one: remove the # and everything after it',
    'url-host': (scheme: string) =>
      `url (scheme ${scheme}) must have a path and no host: write ${scheme}/path/of/the/socket:/path/of/the/request`,
    'url-refused': () => 'the WebSocket class refused the URL',
  },
  ERR_MISSING_PEER: {
    'no-url': () =>
      'createConnection needs a global URL, which this runtime lacks: load a polyfill first, such as react-native-url-polyfill',
    'no-websocket': () =>
      'this runtime has no global WebSocket: use wsTransport of statewire/ws, or Node 22 or later, or pass a class to webSocketTransport({ WebSocket })',
    'websocket-not-a-class': (type: string) =>
      `the global WebSocket (${type}) is not a constructor: check what replaced it, or pass a class to webSocketTransport({ WebSocket })`,
    'no-stream': (name: string) =>
      `this runtime has no global ${name}: load a polyfill first, such as web-streams-polyfill, or use ${name === 'ReadableStream' ? 'messages()' : 'send() and drained()'}`,
    'no-crypto': () =>
      'resumable needs a global crypto, which this runtime lacks: load a polyfill first, such as react-native-get-random-values',
    'no-event': (name: string) =>
      `ReconnectingWebSocket needs a global ${name}, which this runtime lacks: load a polyfill first, such as event-target-polyfill, or use createConnection, which needs neither`,
  },
  ERR_CLOSE_ARGUMENT: {
    'close-code': (value: string) => `close code (${value}) must be 1000, or 3000 to 4999`,
    'close-reason-type': (type: string) => `close reason (${type}) must be a string`,
    'close-reason-length': (bytes: number, most: number) =>
      `close reason (${bytes} bytes) must be at most ${most} bytes of UTF-8`,
  },
  ERR_DATA: {
    'not-data': (type: string) =>
      `data (${type}) must be a string, an ArrayBuffer, a view of one, or a Blob: encode it first, or set a codec`,
    'data-unreadable': () => 'data could not be read: see the cause',
    'data-shared': () => 'data (a view of shared memory) could change while being sent: copy it first',
    'data-detached': () => 'data (a detached buffer) has no bytes: send it before you transfer it',
    'data-closed': () => 'data (a closed Blob) has no bytes: send it before you close it',
    'data-out-of-bounds': () =>
      'data (a view past the end of its shrunken buffer) is out of bounds: create another view',
    'not-iterable': (type: string) => `messages (${type}) must be an iterable of messages, such as an array`,
    'session-blob': () => 'data (a Blob) cannot be kept until the server has acknowledged it: send its bytes',
    'session-max': (bytes: number, most: number) =>
      `data (${bytes} bytes or more) exceeds what the server accepts (${most} bytes): send less at a time`,
    'data-refused': () => 'the socket refused the message: see the cause',
  },
  ERR_ENCODE: {
    'encode-threw': () => 'codec.encode threw, so nothing was sent: see the cause',
  },
  ERR_QUEUE_FULL: {
    'queue-count': (waiting: number) =>
      `the send queue (${waiting} messages) is full: send less while disconnected, or raise queue`,
    'queue-full': (
      waiting: number,
      waitingBytes: number,
      messages: number,
      bytes: number,
      mostMessages: number,
      mostBytes: number,
    ) =>
      `the send queue (${waiting} messages, ${waitingBytes} bytes) has no room for ${messages} more (${bytes} bytes): ` +
      `await drained(), raise queue.messages (${mostMessages}) or queue.bytes (${mostBytes}), or choose another queue.overflow`,
    'never-fits': (messages: number, bytes: number, mostMessages: number, mostBytes: number) =>
      `the message (${messages === 1 ? '' : `${messages} of them, `}${bytes} bytes or more) can never fit in the send queue (at most ${mostMessages} messages and ${mostBytes} bytes): ` +
      'raise queue.messages or queue.bytes, or await drained(), which then resolves once the connection is open and has room',
    'not-kept': (messages: number, most: number) =>
      `${messages === 1 ? 'a message' : `${messages} messages`} (${most} are queued already) ${messages === 1 ? 'was' : 'were'} not queued: send again after open, or raise maxEnqueuedMessages`,
  },
  ERR_ENDED: {
    ended: (call: string, state: string) =>
      `${call}: the connection is ${state}; call it before close(), or after open()`,
    'ended-refused': (call: string) => `${call}: the connection was refused and has ended; see the cause`,
    'ended-aborted': (call: string) => `${call}: the signal of the connection was aborted; create another connection`,
    'ended-defect': (call: string) => `${call}: a defect in statewire ended the connection; see the cause`,
    reading: () => 'next() was called before the last one had settled: await it first',
    'link-over': () => 'the attempt of this link is over: use the link only inside prepare',
  },
  /** The standard's exceptions, which have no code. */
  WebSocket: {
    'too-few-arguments': (call: string, needs: string) => `${call} needs ${needs}`,
    'not-text': () => 'a symbol cannot be converted to text',
    'not-a-token': () => 'a subprotocol must be a token of RFC 6455, given once',
    resizable: () => 'a resizable buffer cannot be sent',
    shared: () => 'a view of shared memory cannot be sent',
    'close-code': (value: number) => `close code (${value}) must be 1000, or 3000 to 4999`,
    'close-reason-length': (bytes: number, most: number) =>
      `close reason (${bytes} bytes) must be at most ${most} bytes of UTF-8`,
    'not-a-signal': () => 'signal must be an AbortSignal',
    'not-a-listener': () => 'a listener must be a function or an object with handleEvent',
    connecting: () => 'the WebSocket is still connecting',
    'never-open': () => 'the WebSocket was closed before it was open',
    dropped: (why: string) => `a queued message was dropped (${why})`,
  },
}

// Invalid options. The first two values are the option's name and its redacted value.

export const options = {
  ERR_OPTION: {
    'not-a-duration': (option: string, value: string, least: number, most: number) =>
      `${option} (${value}) must be a ${most === Infinity ? '' : 'finite '}number of milliseconds, ${least} or more${most < Number.MAX_SAFE_INTEGER ? `, at most ${most}` : ''}`,
    'not-a-count': (option: string, value: string, least: number) =>
      `${option} (${value}) must be a whole number, ${least} or more, or Infinity`,
    'not-a-fraction': (option: string, value: string) => `${option} (${value}) must be a fraction from 0 to 1`,
    'not-a-factor': (option: string, value: string) => `${option} (${value}) must be a finite number, 1 or more`,
    'not-one-of': (option: string, value: string, allowed: string) => `${option} (${value}) must be one of ${allowed}`,
    'not-a-function': (option: string, value: string) => `${option} (${value}) must be a function`,
    'not-a-constructor': (option: string, value: string) =>
      `${option} (${value}) must be a constructor, such as a class`,
    'not-a-boolean': (option: string, value: string) => `${option} (${value}) must be true or false`,
    'not-a-string': (option: string, value: string) => `${option} (${value}) must be a string`,
    'not-a-list': (option: string, value: string) => `${option} (${value}) must be an array of one or more`,
    'not-an-object': (option: string, value: string) => `${option} (${value}) must be an object`,
    'not-an-object-with': (option: string, value: string, methods: string) =>
      `${option} (${value}) must be an object with ${methods}`,
    'not-a-signal': (option: string, value: string) => `${option} (${value}) must be an AbortSignal`,
    'too-small': (option: string, value: string, other: string, least: number) =>
      `${option} (${value}) must be at least ${other} (${least})`,
    'given-twice': (option: string, value: string, other: string) =>
      `${option} (${value}) cannot be combined with ${other}: both control the same setting`,
    'unknown-name': (option: string, value: string, known: string) =>
      `${option} (${value}) must not be given; the known names are ${known}`,
    unreadable: (option: string) =>
      `${option} (with a property that throws when read) must contain plain values: see the cause`,

    'not-a-ping': (option: string, value: string) => `${option} (${value}) must be 'protocol', 'none' or a function`,
    'not-a-matcher': (option: string, value: string) => `${option} (${value}) must be a string or a function`,
    'not-sendable': (option: string, value: string) =>
      `${option} (${value}) must be a string, an ArrayBuffer, a view of one, a Blob, or a function`,
    'answer-alone': (option: string, value: string, other: string) =>
      `${option} (${value}) must come with ${other}, which selects the messages to answer`,
    'pong-unknown': (option: string, value: string) =>
      `${option} (${value}) must be a function when heartbeat.proof is 'pong' and the ping is a message`,
    'nothing-pinged': (option: string, value: string, only: string) =>
      `${option} (${value}) must be '${only}' when nothing is pinged`,
    'timeout-too-long': (option: string, value: string, interval: number) =>
      `${option} (${value}) must be less than heartbeat.interval (${interval}) when 'always'`,

    'protocol-not-a-token': (value: string) =>
      `protocols (with ${value}) must be tokens of RFC 6455: letters, digits, no spaces or separators`,
    'protocol-twice': (value: string) => `protocols (${value} twice) must not repeat a name`,
    'headers-not-an-object': (value: string) => `headers (${value}) must be an object of strings`,
    'header-invalid': (name: string) =>
      `headers (${name}) must have a token as its name and one line of text as its value`,
    'not-tls-material': (option: string, value: string) =>
      `${option} (${value}) must be PEM text, bytes, or an array of these`,
    'arguments-refused': () => 'the WebSocket class refused its arguments (subprotocols, headers or options)',

    'feature-missing': (name: string, need: string) => `options.features: ${name}() must come after ${need}()`,
    'role-taken': (name: string, role: string) =>
      `options.features: ${name}() cannot take the role ${role}: another feature already has it`,
    'member-taken': (name: string, member: string) =>
      `options.features: ${name}() cannot add ${member}: another feature already does`,
    'not-features': (option: string, value: string) => `${option} (${value}) must be an array of features`,
    'session-taken': () => 'options.features: a session belongs to one connection: make another one with resumable()',
    'session-heartbeat': () =>
      'heartbeat cannot be combined with resumable(), which has its own: set resumable({ heartbeat }), or required: false',
    'not-manual': (option: string, value: string) =>
      `${option} (${value}) must only be called with resumable({ acknowledge: 'manual' })`,
    'not-arrived': (option: string, value: string, last: number) =>
      `${option} (${value}) must be the number of a message that has arrived; the last is ${last}`,
    'not-a-pace': (option: string, value: string) =>
      `${option} (${value}) must be 10 milliseconds or more, and less than 2^31`,
    'any-origin': (option: string, value: string) =>
      `${option} (${value}) must be one origin: otherwise any page could receive the messages`,
  },
}

import { describe, expectTypeOf, test } from 'vitest'
import {
  createConnection,
  type BackoffEvent,
  type CloseEvent,
  type CloseInfo,
  type Connection,
  type ConnectionError,
  type ConnectionOptions,
  type ConnectionStatus,
  type SendData,
  type DroppedEvent,
  type ErrorCode,
  type MessageData,
  type OpenEvent,
  type SendResult,
} from '../../src/index.js'

interface Command {
  readonly do: string
}
interface News {
  readonly seen: number
}

const json = {
  encode: (command: Command): string => JSON.stringify(command),
  decode: (frame: MessageData): News => JSON.parse(String(frame)) as News,
}

describe('a message', () => {
  test("has the socket's types without a codec", () => {
    const connection = createConnection('wss://a.test')
    expectTypeOf(connection).toEqualTypeOf<Connection>()
    expectTypeOf(connection.send).parameter(0).toEqualTypeOf<SendData>()
    connection.on('message', (message) => expectTypeOf(message).toEqualTypeOf<string | ArrayBuffer | Blob>())
    expectTypeOf(connection.readable).toEqualTypeOf<ReadableStream<MessageData>>()
    expectTypeOf(connection.writable).toEqualTypeOf<WritableStream<SendData>>()
  })

  test("has the codec's types", () => {
    const connection = createConnection('wss://a.test', { codec: json })
    expectTypeOf(connection).toEqualTypeOf<Connection<News, Command>>()
    connection.send({ do: 'it' })
    // @ts-expect-error -- not a Command
    connection.send('it')
    // @ts-expect-error -- a misspelt property
    connection.send({ does: 'it' })
    connection.on('message', (message) => expectTypeOf(message).toEqualTypeOf<News>())
    expectTypeOf(connection.messages()).toEqualTypeOf<AsyncIterableIterator<News>>()
    expectTypeOf(connection[Symbol.asyncIterator]()).toEqualTypeOf<AsyncIterator<News>>()
    expectTypeOf(connection.readable).toEqualTypeOf<ReadableStream<News>>()
    expectTypeOf(connection.writable).toEqualTypeOf<WritableStream<Command>>()
  })

  test('has the types of the type arguments, which then require a matching codec', () => {
    createConnection<News, Command>('wss://a.test', { codec: json })
    createConnection<Command, Command>('wss://a.test', {
      codec: {
        encode: json.encode,
        // @ts-expect-error -- decodes to News
        decode: json.decode,
      },
    })
    createConnection<News, News>('wss://a.test', {
      codec: {
        // @ts-expect-error -- encodes Commands
        encode: json.encode,
        decode: json.decode,
      },
    })
    // @ts-expect-error -- cannot receive
    createConnection('wss://a.test', { codec: { encode: json.encode } })
    // @ts-expect-error -- a WebSocket cannot send a number
    createConnection('wss://a.test', { codec: { encode: () => 1, decode: json.decode } })
  })

  test('can be iterated', async () => {
    const connection = createConnection('wss://a.test', { codec: json })
    for await (const message of connection) expectTypeOf(message).toEqualTypeOf<News>()
    expectTypeOf(connection).toExtend<AsyncIterable<News>>()
    expectTypeOf(connection).toExtend<AsyncDisposable>()
  })

  test('sent has one of three results', () => {
    const result = createConnection('wss://a.test').send('x', { ttl: 1_000, key: 'k' })
    expectTypeOf(result).toEqualTypeOf<'sent' | 'queued' | 'dropped'>()
    expectTypeOf(result).toEqualTypeOf<SendResult>()
    // @ts-expect-error -- a misspelt option
    createConnection('wss://a.test').send('x', { TTL: 1 })
    // @ts-expect-error -- a WebSocket cannot send it
    createConnection('wss://a.test').send({ do: 'it' })
  })
})

describe('a URL', () => {
  test('is a string, a URL or a function of the attempt', () => {
    createConnection('wss://a.test')
    createConnection(new URL('wss://a.test'))
    createConnection(() => 'wss://a.test')
    createConnection(async ({ attempt, signal, previous }) => {
      expectTypeOf(attempt).toEqualTypeOf<number>()
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
      expectTypeOf(previous?.close).toEqualTypeOf<CloseInfo | undefined>()
      return await Promise.resolve({ url: 'wss://a.test', protocols: ['a'], headers: { authorization: 'b' } })
    })
    // @ts-expect-error -- a number
    createConnection(1)
    // @ts-expect-error -- nothing
    createConnection()
    // @ts-expect-error -- a function that returns a number
    createConnection(() => 1)
    // @ts-expect-error -- only functions return a target
    createConnection({ url: 'wss://a.test' })
  })
})

describe('an event', () => {
  const connection = createConnection('wss://a.test', { codec: json })

  test('has the payload of its type', () => {
    connection.on('open', (event) => expectTypeOf(event).toEqualTypeOf<OpenEvent>())
    connection.on('message', (event) => expectTypeOf(event).toEqualTypeOf<News>())
    connection.on('close', (event) => {
      expectTypeOf(event).toEqualTypeOf<CloseEvent>()
      expectTypeOf(event).toExtend<CloseInfo>()
      expectTypeOf(event.delay).toEqualTypeOf<number | undefined>()
    })
    connection.on('backoff', (event) => expectTypeOf(event).toEqualTypeOf<BackoffEvent>())
    connection.on('state', (event) => expectTypeOf(event).toEqualTypeOf<ConnectionStatus>())
    connection.on('heartbeat', ({ rtt }) => expectTypeOf(rtt).toEqualTypeOf<number>())
    connection.on('drain', (event) => expectTypeOf(event).toEqualTypeOf<undefined>())
    connection.on('error', (event) => expectTypeOf(event).toEqualTypeOf<ConnectionError>())
  })

  test('dropped has the message with its type', () => {
    connection.on('dropped', (event) => {
      expectTypeOf(event).toEqualTypeOf<DroppedEvent<News, Command>>()
      if (event.reason === 'unread') expectTypeOf(event.data).toEqualTypeOf<News>()
      else expectTypeOf(event.data).toEqualTypeOf<Command>()
    })
  })

  test('type is a known name', () => {
    // @ts-expect-error -- no such event
    connection.on('reconnect', () => {})
    // @ts-expect-error -- a payload of another event
    connection.on('heartbeat', (event: CloseEvent) => event.code)
    // @ts-expect-error -- no such option
    connection.on('open', () => {}, { capture: true })
  })

  test("is handled by any function until on()'s return value is called", () => {
    expectTypeOf(connection.on('open', async () => {})).toEqualTypeOf<() => void>()
    connection.on('open', () => {}, { once: true, signal: AbortSignal.timeout(1) })
  })
})

describe('the status', () => {
  test('is a discriminated union', () => {
    const { status } = createConnection('wss://a.test')
    expectTypeOf(status.state).toEqualTypeOf<
      'idle' | 'connecting' | 'open' | 'closing' | 'backoff' | 'suspended' | 'ended'
    >()
    // @ts-expect-error -- only while connecting
    expectTypeOf(status.phase)
    switch (status.state) {
      case 'connecting':
        expectTypeOf(status.phase).toEqualTypeOf<'resolving' | 'handshaking' | 'preparing'>()
        expectTypeOf(status.readyState).toEqualTypeOf<0>()
        // @ts-expect-error -- not waiting
        expectTypeOf(status.delay)
        break
      case 'open':
        expectTypeOf(status.stable).toEqualTypeOf<boolean>()
        expectTypeOf(status.readyState).toEqualTypeOf<1>()
        break
      case 'closing':
        expectTypeOf(status.readyState).toEqualTypeOf<2>()
        break
      case 'backoff':
      case 'suspended':
        expectTypeOf(status.delay).toEqualTypeOf<number>()
        expectTypeOf(status.retryAt).toEqualTypeOf<number>()
        expectTypeOf(status.hinted).toEqualTypeOf<boolean>()
        expectTypeOf(status.willRetry).toEqualTypeOf<true>()
        break
      case 'idle':
      case 'ended':
        expectTypeOf(status.willRetry).toEqualTypeOf<false>()
        break
      default:
        expectTypeOf(status).toEqualTypeOf<never>()
    }
  })

  test('is read-only', () => {
    const { status } = createConnection('wss://a.test')
    // @ts-expect-error -- read only
    status.attempt = 2
    // @ts-expect-error -- read only
    createConnection('wss://a.test').state = 'open'
  })
})

describe('an error', () => {
  test('has a code of a closed set', () => {
    const describe = (code: ErrorCode): string => {
      switch (code) {
        case 'ERR_OPTION':
        case 'ERR_URL':
        case 'ERR_CLOSE_ARGUMENT':
        case 'ERR_DATA':
        case 'ERR_QUEUE_FULL':
        case 'ERR_ENDED':
        case 'ERR_PROVIDER':
        case 'ERR_PREPARE':
        case 'ERR_REFUSED':
        case 'ERR_CONNECT_TIMEOUT':
        case 'ERR_HEARTBEAT_TIMEOUT':
        case 'ERR_IDLE_CUT':
        case 'ERR_HANDSHAKE':
        case 'ERR_SOCKET':
        case 'ERR_TRANSPORT':
        case 'ERR_MISSING_PEER':
        case 'ERR_ENCODE':
        case 'ERR_DECODE':
        case 'ERR_POLICY':
        case 'ERR_LISTENER':
        case 'ERR_INSPECTOR':
        case 'ERR_ENVIRONMENT':
        case 'ERR_INTERNAL':
        case 'ERR_SESSION_LOST':
        case 'ERR_SESSION_ENDED':
        case 'ERR_SESSION_FULL':
        case 'ERR_STORE':
        case 'ERR_HANDLER':
          return code
        default:
          return code satisfies never
      }
    }
    expectTypeOf(describe).returns.toEqualTypeOf<string>()
    const error = {} as ConnectionError
    // @ts-expect-error -- no such code
    const same = error.code === 'ERR_NETWORK'
    expectTypeOf(same).toEqualTypeOf<boolean>()
    expectTypeOf(error).toExtend<Error>()
  })
})

describe('a waiting method', () => {
  test('returns what it waited for', () => {
    const connection = createConnection('wss://a.test')
    expectTypeOf(connection.opened()).toEqualTypeOf<Promise<void>>()
    expectTypeOf(connection.ended({ signal: AbortSignal.timeout(1) })).toEqualTypeOf<Promise<CloseInfo>>()
    expectTypeOf(connection.close(1000, 'bye')).toEqualTypeOf<Promise<CloseInfo>>()
    expectTypeOf(connection.drained()).toEqualTypeOf<Promise<void>>()
    // @ts-expect-error -- the code is a number
    void connection.close('1000')
  })
})

test('a connection hides its engine', () => {
  const connection = {} as Connection
  // @ts-expect-error -- no actor
  expectTypeOf(connection.actor)
  // @ts-expect-error -- no raw socket
  expectTypeOf(connection.socket)
  expectTypeOf<ConnectionOptions>().not.toHaveProperty('machine')
})

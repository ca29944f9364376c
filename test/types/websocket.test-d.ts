import { describe, expectTypeOf, test } from 'vitest'
import type { SendData, OpenEvent } from '../../src/index.js'
import DefaultExport, {
  ReconnectingWebSocket,
  type ReconnectingCloseEvent,
  type ReconnectingErrorEvent,
  type SocketConnection,
} from '../../src/websocket/index.js'

describe('the class in place of the platform’s', () => {
  test('has instances that are a WebSocket', () => {
    const socket: WebSocket = new ReconnectingWebSocket('wss://a.test')
    expectTypeOf(socket).toEqualTypeOf<WebSocket>()
    expectTypeOf<ReconnectingWebSocket>().toExtend<EventTarget>()
  })

  test('is assignable to typeof WebSocket', () => {
    const connect = (Class: typeof WebSocket): WebSocket => new Class('wss://a.test', ['chat'])
    connect(ReconnectingWebSocket)
    connect(ReconnectingWebSocket.with({ maxRetries: 3 }))
    expectTypeOf(DefaultExport).toEqualTypeOf<typeof ReconnectingWebSocket>()
  })

  test('accepts handlers and listeners written for a WebSocket', () => {
    const socket = new ReconnectingWebSocket('wss://a.test')
    const onClose = (event: CloseEvent): number => event.code
    const onMessage = function onMessage(this: WebSocket, event: MessageEvent<string>): string {
      return event.data + this.url
    }
    socket.onclose = onClose
    socket.addEventListener('close', onClose)
    socket.addEventListener('message', (event: MessageEvent<string>) => event.data, { once: true })
    socket.removeEventListener('close', onClose)
    const theirs: WebSocket = socket
    theirs.onmessage = onMessage
  })

  test('has literal constants', () => {
    expectTypeOf(ReconnectingWebSocket.OPEN).toEqualTypeOf<1>()
    expectTypeOf<ReconnectingWebSocket['CLOSED']>().toEqualTypeOf<3>()
    expectTypeOf<ReconnectingWebSocket['readyState']>().toEqualTypeOf<0 | 1 | 2 | 3>()
  })
})

describe('an event', () => {
  test('has the type of its name', () => {
    const socket = new ReconnectingWebSocket('wss://a.test')
    socket.addEventListener('open', (event) => expectTypeOf(event).toEqualTypeOf<Event>())
    socket.addEventListener('message', (event) => expectTypeOf(event).toEqualTypeOf<MessageEvent>())
    socket.addEventListener('close', (event) => expectTypeOf(event).toEqualTypeOf<ReconnectingCloseEvent>())
    socket.addEventListener('error', {
      handleEvent: (event) => expectTypeOf(event).toEqualTypeOf<ReconnectingErrorEvent>(),
    })
    socket.addEventListener('mine', (event) => expectTypeOf(event).toEqualTypeOf<Event>())
    socket.onclose = ({ willReconnect, retryDelay }) => {
      expectTypeOf(willReconnect).toEqualTypeOf<boolean>()
      expectTypeOf(retryDelay).toEqualTypeOf<number | undefined>()
    }
    socket.onerror = ({ error }) => expectTypeOf(error).toEqualTypeOf<Error | undefined>()
  })

  test('of close has the standard fields', () => {
    expectTypeOf<ReconnectingCloseEvent>().toExtend<CloseEvent>()
  })
})

describe('the additional API', () => {
  test('keeps the class in a subclass and in with()', () => {
    class Mine extends ReconnectingWebSocket {
      readonly mine = 1
    }
    expectTypeOf(new Mine('wss://a.test')).toExtend<WebSocket>()
    expectTypeOf(new Mine('wss://a.test').mine).toEqualTypeOf<number>()
    expectTypeOf(ReconnectingWebSocket.with({ queue: false })).toEqualTypeOf<typeof ReconnectingWebSocket>()
    expectTypeOf(new (ReconnectingWebSocket.with({}))('wss://a.test')).toEqualTypeOf<ReconnectingWebSocket>()
    expectTypeOf(ReconnectingWebSocket.with({}).with({})).toEqualTypeOf<typeof ReconnectingWebSocket>()
  })

  test('has a connection without readers, streams, batches and send options', () => {
    const { connection } = new ReconnectingWebSocket('wss://a.test')
    expectTypeOf(connection.withdraw()).toEqualTypeOf<SendData[]>()
    connection.on('open', (event) => expectTypeOf(event).toEqualTypeOf<OpenEvent>())
    connection.on('open', () => {}, { once: true })
    // @ts-expect-error -- no such event
    connection.on('misspelt', () => {})
    // @ts-expect-error -- no keys
    connection.send('x', { key: 'x' })
    expectTypeOf(connection).not.toHaveProperty('messages')
    expectTypeOf(connection).not.toHaveProperty('readable')
    expectTypeOf(connection).not.toHaveProperty('sendMany')
  })

  test('accepts functions for url and protocols', () => {
    const socket = new ReconnectingWebSocket(
      () => 'wss://a.test',
      async () => ['chat'],
      { maxRetries: 3 },
    )
    expectTypeOf(socket.connection).toEqualTypeOf<SocketConnection>()
    // @ts-expect-error -- a url is not a number
    new ReconnectingWebSocket(1)
    // @ts-expect-error -- a misspelt option
    new ReconnectingWebSocket('wss://a.test', [], { maxRetry: 3 })
  })

  test('rejects unsendable data at compile time', () => {
    const socket = new ReconnectingWebSocket('wss://a.test')
    socket.send(new Uint8Array(1))
    socket.send(new Blob())
    // @ts-expect-error -- encode it first
    socket.send({ do: 'it' })
  })
})

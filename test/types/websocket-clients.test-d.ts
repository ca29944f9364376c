// ReconnectingWebSocket where a `typeof WebSocket` is asked for, as the clients of others do.
import { expectTypeOf, test } from 'vitest'
import { ReconnectingWebSocket, type ReconnectingCloseEvent } from '../../src/websocket/index.js'

const Bound = ReconnectingWebSocket.with({ maxRetries: 0 })

test('the class is a typeof WebSocket, and so is what with() returns', () => {
  expectTypeOf(ReconnectingWebSocket).toExtend<typeof WebSocket>()
  expectTypeOf(Bound).toExtend<typeof WebSocket>()
  expectTypeOf<ReconnectingWebSocket>().toExtend<WebSocket>()
})

test('a handler that is set is given what our events say beyond the standard', () => {
  // oxlint-disable unicorn/prefer-add-event-listener -- they are what is tested
  const socket = new Bound('ws://a.test')
  socket.onclose = (event) => expectTypeOf(event).toEqualTypeOf<ReconnectingCloseEvent>()
  socket.onclose = (event: CloseEvent) => event.code
  socket.onclose = null
  // @ts-expect-error -- a close event has no data
  socket.onclose = (event) => event.data
})

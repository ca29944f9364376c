// ReconnectingWebSocket in place of a `typeof WebSocket`, as third-party clients take one.
import { expectTypeOf, test } from 'vitest'
import { ReconnectingWebSocket, type ReconnectingCloseEvent } from '../../src/websocket/index.js'

const Bound = ReconnectingWebSocket.with({ maxRetries: 0 })

test('the class is a typeof WebSocket, and so is the return value of with()', () => {
  expectTypeOf(ReconnectingWebSocket).toExtend<typeof WebSocket>()
  expectTypeOf(Bound).toExtend<typeof WebSocket>()
  expectTypeOf<ReconnectingWebSocket>().toExtend<WebSocket>()
})

test('an assigned handler receives the additional event fields', () => {
  // oxlint-disable unicorn/prefer-add-event-listener -- handlers are under test
  const socket = new Bound('ws://a.test')
  socket.onclose = (event) => expectTypeOf(event).toEqualTypeOf<ReconnectingCloseEvent>()
  socket.onclose = (event: CloseEvent) => event.code
  socket.onclose = null
  // @ts-expect-error -- a close event has no data
  socket.onclose = (event) => event.data
})

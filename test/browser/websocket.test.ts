// Checks the class and the page's own WebSocket against the standard's requirements.
import { expect, inject, test } from 'vitest'
import { ReconnectingWebSocket, type ReconnectingCloseEvent } from '../../src/websocket/index.js'
import { deviations } from '../websocket/deviations.js'
import { describeStandard } from '../websocket/standard.js'
import { reported, reportedByClass } from '../websocket/standard/reported.js'
import type { Subject } from '../websocket/standard/setup.js'

const subject = (WebSocket: unknown, reports: Subject['reported']) => (): Subject => ({
  WebSocket: WebSocket as typeof globalThis.WebSocket,
  server: inject('conformanceServer').url,
  refused: inject('conformanceServer').refused,
  // After failed handshakes Chromium delays the next ones by up to 5 s (H10).
  patience: 12_000,
  reported: reports,
})

describeStandard('WebSocket of the page', subject(globalThis.WebSocket, reported), deviations.chromium)
describeStandard('ReconnectingWebSocket in a page', subject(ReconnectingWebSocket, reportedByClass), deviations.inPage)

test("a browser refuses to dispatch a socket's event again, and accepts a copy", async () => {
  const socket = new ReconnectingWebSocket(`${inject('conformanceServer').url}/first-frame-with-101`)
  const message = await new Promise<MessageEvent>((resolve) => socket.addEventListener('message', resolve))
  const closing = new Promise<ReconnectingCloseEvent>((resolve) => socket.addEventListener('close', resolve))
  socket.close(4000)
  const close = await closing
  const target = new EventTarget()
  const heard: unknown[] = []
  target.addEventListener('message', (again) => heard.push((again as MessageEvent).data))
  target.addEventListener('close', (again) => heard.push((again as CloseEvent).code))
  for (const event of [message, close]) expect(() => target.dispatchEvent(event)).toThrow(TypeError)
  target.dispatchEvent(new MessageEvent(message.type, message as unknown as MessageEventInit))
  target.dispatchEvent(new CloseEvent(close.type, close))
  expect(heard).toEqual(['first', close.code])
})

test("a socket's event has every property of the platform’s, and none of them throws", async () => {
  const socket = new ReconnectingWebSocket(`${inject('conformanceServer').url}/first-frame-with-101`)
  const message = await new Promise<MessageEvent>((resolve) => socket.addEventListener('message', resolve))
  socket.close()
  const names: string[] = []
  for (const name in new MessageEvent('message')) names.push(name)
  expect(names.length).toBeGreaterThan(20)
  for (const name of names) expect(() => Reflect.get(message, name) as unknown).not.toThrow()
})

// The class and the page's own WebSocket against the sentences of the standard.
import { inject } from 'vitest'
import { ReconnectingWebSocket } from '../../src/websocket/index.js'
import { deviations } from '../websocket/deviations.js'
import { describeStandard } from '../websocket/standard.js'
import { reported, reportedByClass } from '../websocket/standard/reported.js'
import type { Subject } from '../websocket/standard/world.js'

const subject = (WebSocket: unknown, reports: Subject['reported']) => (): Subject => ({
  WebSocket: WebSocket as typeof globalThis.WebSocket,
  server: inject('conformanceServer').url,
  refused: inject('conformanceServer').refused,
  // After failed handshakes Chromium holds back the next ones for up to 5 s (H10).
  patience: 12_000,
  reported: reports,
})

describeStandard('WebSocket of the page', subject(globalThis.WebSocket, reported), deviations.chromium)
describeStandard('ReconnectingWebSocket in a page', subject(ReconnectingWebSocket, reportedByClass), deviations.inPage)

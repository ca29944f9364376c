// The class and its base classes in Node, checked against the facts of the standard.
import { afterAll, beforeAll } from 'vitest'
import { WebSocket as WsWebSocket } from 'ws'
import { ReconnectingWebSocket } from '../../src/websocket/index.js'
import { startConformanceServer, type ConformanceServer } from '../transports/conformance-server.js'
import { deviations } from './deviations.js'
import { describeStandard } from './standard.js'
import { reported, reportedByClass } from './standard/reported.js'
import type { Subject } from './standard/setup.js'

let server: ConformanceServer
beforeAll(async () => (server = await startConformanceServer()))
afterAll(() => server.close())

const subject =
  (WebSocket: unknown, reports: Subject['reported'] = reportedByClass) =>
  (): Subject => ({
    WebSocket: WebSocket as typeof globalThis.WebSocket,
    server: server.url,
    refused: server.refused,
    patience: 3_000,
    reported: reports,
  })

/** The tables describe Node 20 and its undici 6; later versions have fixed some entries and add others. */
const here = { elsewhere: !process.version.startsWith('v20.') }
const later = here.elsewhere ? deviations.undici7 : {}
const laterWire = here.elsewhere ? deviations.undici7Wire : {}

describeStandard('undici', subject(globalThis.WebSocket, reported), { ...deviations.undici, ...later }, here)
describeStandard(
  'ReconnectingWebSocket over undici',
  subject(ReconnectingWebSocket),
  { ...deviations.overUndici, ...laterWire },
  here,
)
describeStandard(
  'ReconnectingWebSocket with queue: false and maxRetries: 0',
  subject(ReconnectingWebSocket.with({ queue: false, maxRetries: 0 })),
  { ...deviations.switchedOff, ...laterWire },
  here,
)
describeStandard(
  'ReconnectingWebSocket over ws',
  subject(ReconnectingWebSocket.with({ WebSocket: WsWebSocket })),
  deviations.overWs,
  here,
)

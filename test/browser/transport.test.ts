import { inject } from 'vitest'
import { webSocketTransport } from '../../src/transports/browser.js'
import { describeTransport } from '../transports/conformance.js'

describeTransport('webSocketTransport in a browser', {
  transport: () => webSocketTransport(),
  // After failed handshakes Chromium delays the next ones by up to 5 s (H10).
  patience: 10_000,
  server: () => inject('conformanceServer'),
  capabilities: { headers: false, status: false, ping: false, pause: false, terminate: false },
})

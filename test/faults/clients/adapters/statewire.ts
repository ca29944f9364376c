import { createConnection, protocolPing } from '../../../../src/index.js'
import { wsTransport } from '../../../../src/transports/ws.js'
import { connectTimeout, interval, timeout, type Peer } from '../peer.js'

export const statewire: Peer = {
  name: 'statewire',
  settings: 'ping after 2 s, timeout 1 s; connect timeout 4 s',
  dialect: 'text',
  has: { reconnect: true, heartbeat: true, asyncUrl: true, retries: true, auth: '`prepare`' },
  dial({ url, retries, auth }, events) {
    const connection = createConnection<string, string>(url, {
      transport: wsTransport(),
      heartbeat: protocolPing({ interval, timeout }),
      connectTimeout,
      codec: { encode: String, decode: String },
      ...(retries === undefined ? {} : { retry: ({ attempt }) => (attempt > retries ? false : undefined) }),
      ...(auth === undefined ? {} : { prepare: (link) => void link.send(auth) }),
    })
    connection.on('open', () => events.opened())
    connection.on('close', ({ uncertain }) => {
      events.lost()
      if (uncertain.messages > 0) events.uncertain(uncertain.messages)
    })
    connection.on('message', (message) => events.heard(message))
    // The other events report everything the table shows.
    connection.on('error', () => {})
    return {
      send: (message) => connection.send(message),
      close: () => void connection.close(),
      reconnect: () => connection.reconnect(),
      reopen: () => connection.open(),
    }
  },
}

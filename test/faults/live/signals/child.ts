// Run with --expose-gc: ends connections while a signal lives on, and reports what remains of them.
import { createConnection, type Connection } from '../../../../src/index.js'
import { FakeTransport, settle } from '../../../../src/tools/testing/browser.js'
import { ReconnectingWebSocket } from '../../../../src/websocket/index.js'

const { signal } = new AbortController()
const warnings: string[] = []
process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`))

type Use = (connection: Connection, listener: () => void) => unknown

const uses: Record<string, Use> = {
  'on message': (connection, listener) => connection.on('message', listener, { signal }),
  'on state, once': (connection, listener) => connection.on('state', listener, { signal, once: true }),
  'on drain, once and never called': (connection, listener) => connection.on('drain', listener, { signal, once: true }),
  messages: (connection, listener) => void connection.messages({ signal }).next().then(listener),
  opened: (connection, listener) => void connection.opened({ signal }).then(listener, () => {}),
  drained: (connection, listener) => void connection.drained({ signal }).then(listener, () => {}),
  ended: (connection, listener) => void connection.ended({ signal }).then(listener),
}

/** Weak, so only the signal could retain the targets. */
const kept: Record<string, WeakRef<object>[]> = {}

function keep(name: string, ...things: object[]): void {
  ;(kept[name] ??= []).push(...things.map((thing) => new WeakRef(thing)))
}

async function useUp(name: string, use: Use, withOption: boolean): Promise<void> {
  const transport = new FakeTransport()
  const connection = createConnection('ws://server.test/', { transport, ...(withOption && { signal }) })
  const listener = (): void => {}
  use(connection, listener)
  await settle()
  transport.last.accept()
  await settle()
  const closed = connection.close()
  transport.last.end({ code: 1000 })
  await closed
  keep(name, connection, listener, transport)
}

async function useUpSocket(name: string, type: string, once: boolean): Promise<void> {
  const transport = new FakeTransport()
  const socket = new ReconnectingWebSocket('ws://server.test/', [], { transport, signal })
  const listener = (): void => {}
  socket.addEventListener(type, listener, { signal, once })
  await settle()
  transport.last.accept()
  await settle()
  socket.close()
  transport.last.end({ code: 1000 })
  await socket.connection.ended()
  keep(name, socket, listener, transport)
}

for (let each = 0; each < 20; each++) {
  for (const [name, use] of Object.entries(uses)) {
    await useUp(name, use, false)
    await useUp(`${name}, and the option signal`, use, true)
  }
  for (const type of ['message', 'close', 'own']) {
    await useUpSocket(`a ${type} listener of the drop-in class`, type, false)
    await useUpSocket(`a ${type} listener of the drop-in class, once`, type, true)
  }
}

// Many live connections on one signal.
const living = Array.from({ length: 30 }, () => {
  const connection = createConnection('ws://server.test/', { transport: new FakeTransport(), signal })
  for (const use of Object.values(uses)) use(connection, () => {})
  const socket = new ReconnectingWebSocket('ws://server.test/', [], { transport: new FakeTransport(), signal })
  for (const type of ['open', 'message', 'error', 'close']) socket.addEventListener(type, () => {}, { signal })
  return { connection, socket }
})

// A settled promise and a cleared timer retain their values until the loop has turned.
for (let turn = 0; turn < 5; turn++) {
  await new Promise((resolve) => setTimeout(resolve, 10))
  ;(globalThis as { gc?: () => void }).gc?.()
}
const left = Object.fromEntries(
  Object.entries(kept).map(([name, refs]) => [name, refs.filter((ref) => ref.deref() !== undefined).length]),
)
for (const { connection, socket } of living) {
  void connection.close()
  socket.close()
}
process.stdout.write(JSON.stringify({ left, warnings, aborted: signal.aborted }))

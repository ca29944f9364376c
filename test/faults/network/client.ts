// Runs in a network namespace: one connection over `ws` that takes commands as lines on stdin and reports events as
// lines of JSON. `quit` closes the connection; then the process must exit by itself.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createConnection, fixedBackoff, protocolPing } from '../../../src/index.js'
import { wsTransport } from '../../../src/transports/ws.js'

const tell = (type: string, detail: object = {}): void =>
  console.log(JSON.stringify({ t: Date.now(), type, ...detail }))

for (const type of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(type, (error: unknown) => {
    tell('unhandled', { error: String(error) })
    process.exitCode = 70
  })
}

const [url, proof, send] = process.argv.slice(2)
const connection = createConnection(url!, {
  transport: wsTransport({ perMessageDeflate: false }),
  heartbeat: protocolPing({ interval: 2_000, timeout: 1_000, proof: proof === 'pong' ? 'pong' : 'any' }),
  connectTimeout: 2_000,
  backoff: fixedBackoff(250),
})

// From the kernel: sockets of this namespace, hence of this process, that are dialing or established.
let sockets = 0
function look(): void {
  const present = readFileSync('/proc/self/net/tcp', 'utf8').match(/^ *\d+: \S+ \S+ 0[12] /gm)?.length ?? 0
  if (present > sockets) tell('sockets', { most: (sockets = present) })
}

connection.on('open', ({ attempt }) => tell('open', { attempt }))
connection.on('close', ({ code, willRetry, uncertain }) =>
  tell('close', { code, willRetry, uncertain: uncertain.messages }),
)
connection.on('error', (error) => tell('error', { error: String(error) }))
connection.on('message', (message) => {
  const { padding: _, ...rest } = JSON.parse(message as string) as { padding?: string }
  tell('message', rest)
})
connection.on('state', ({ state }) => {
  tell('state', { state })
  look()
})

const looking = setInterval(look, 25)
const sending = send === 'send' ? setInterval(() => connection.send(`at ${Date.now()}`), 100) : undefined
const commands = createInterface({ input: process.stdin })
let quits = false
commands.on('line', (line) => {
  if (line !== 'quit') return void connection.send(line)
  quits = true
  clearInterval(looking)
  clearInterval(sending)
  commands.close()
  process.stdin.destroy()
  void connection.close(1000, 'quit').then((close) => tell('closed', close))
})
// The test process is gone.
commands.on('close', () => quits || process.exit(1))

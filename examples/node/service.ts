// A service with a feed: GET / shows it, POST / sends to it, SIGTERM ends it.
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { createConnection, protocolPing } from 'statewire'
import { wsTransport } from 'statewire/ws'
import { inWords } from '../shared/words.js'

const connection = createConnection<string>(process.env['FEED'] ?? 'ws://127.0.0.1:8080', {
  transport: wsTransport(),
  // Short, so you see it at once. The defaults are 20 and 10 seconds.
  heartbeat: protocolPing({ interval: 2_000, timeout: 1_000 }),
})
connection.on('state', (status) => console.log(inWords(status)))

const messages: string[] = []
connection.on('message', (message) => {
  messages.unshift(message)
  messages.splice(5)
})

const server = createServer((request, response) => {
  if (request.method === 'POST') {
    text(request)
      .then((body) => response.writeHead(202).end(`${connection.send(body)}\n`)) // 'sent', or 'queued'
      .catch((error: unknown) => response.writeHead(503).end(`${String(error)}\n`))
    return
  }
  // A health check needs only the status code.
  response.writeHead(connection.state === 'open' ? 200 : 503)
  response.end([inWords(connection.status), ...messages, ''].join('\n'))
})
server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => console.log('listening', server.address()))

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => void connection.close(1000, 'shutting down'))
}
// Resolves after a signal, or when retrying is pointless.
const { code, wasClean } = await connection.ended()
console.log(`closed: ${code}, ${wasClean ? 'clean' : 'not clean'}`)
process.exitCode = connection.status.why === 'refused' ? 1 : 0
server.close()

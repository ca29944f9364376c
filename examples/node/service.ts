// A service that keeps a feed: GET / shows it, POST / sends to it, SIGTERM ends it.
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { createConnection, protocolPing } from 'statewire'
import { wsTransport } from 'statewire/ws'
import { inWords } from '../shared/words.js'

const connection = createConnection(process.env['FEED'] ?? 'ws://127.0.0.1:8080', {
  transport: wsTransport(),
  // Short, so that you see it at once; the defaults are 20 and 10 seconds.
  heartbeat: protocolPing({ interval: 2_000, timeout: 1_000 }),
})
connection.on('state', (status) => console.log(inWords(status)))

const messages: string[] = []
connection.on('message', (message) => {
  messages.unshift(String(message))
  messages.splice(5)
})

const server = createServer((request, response) => {
  if (request.method === 'POST') {
    text(request)
      .then((body) => response.writeHead(202).end(`${connection.send(body)}\n`)) // 'sent', or 'queued'
      .catch((error: unknown) => response.writeHead(503).end(`${String(error)}\n`))
    return
  }
  // Whoever watches the service needs the code alone.
  response.writeHead(connection.state === 'open' ? 200 : 503)
  response.end([inWords(connection.status), ...messages, ''].join('\n'))
})
server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => console.log('listening', server.address()))

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => void connection.close(1000, 'shutting down'))
}
// Here one comes after a signal, or when there is no use in trying again.
const { code, wasClean } = await connection.ended()
console.log(`closed: ${code}, ${wasClean ? 'clean' : 'not clean'}`)
process.exitCode = connection.status.why === 'refused' ? 1 : 0
server.close()

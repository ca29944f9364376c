// Runs in a network namespace: echoes messages, and pushes one every 100 ms to a client that connects with `?push`.
// Answers `burst N BYTES` with N messages of that size at once. Every message carries the name of its link. Reports
// events as lines of JSON; exits when its stdin closes.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

const tell = (type: string, detail: object = {}): void =>
  console.log(JSON.stringify({ t: Date.now(), type, ...detail }))

const [host, port] = process.argv.slice(2)
// Without compression, so the network carries exactly what is sent.
const server = new WebSocketServer({ host: host!, port: Number(port), perMessageDeflate: false })
let links = 0

server.on('connection', (socket, request) => {
  // Contains the process id, so a name is not reused after a restart.
  const link = `${process.pid}.${++links}`
  tell('open', { link, port: request.socket.remotePort })
  const say = (message: object): void => socket.send(JSON.stringify({ link, ...message }))
  let pushes = 0
  const pushing = request.url?.includes('push') ? setInterval(() => say({ push: ++pushes }), 100) : undefined
  socket.on('error', () => {})
  socket.on('message', (data: Buffer) => {
    const text = data.toString()
    const [word, count, size] = text.split(' ')
    if (word !== 'burst') return say({ echo: text })
    for (let index = 1; index <= Number(count); index++) say({ burst: index, padding: 'x'.repeat(Number(size)) })
  })
  socket.on('close', (code) => {
    clearInterval(pushing)
    tell('close', { link, code })
  })
  say({ hello: true })
})

process.stdin.on('end', () => process.exit())
process.stdin.resume()
await once(server, 'listening')
tell('listening', { port: (server.address() as AddressInfo).port })

// Run in a network namespace: echoes what it is sent, and to whoever asks with `?push` pushes a message every 100 ms.
// `burst N BYTES` is answered with N messages of that size at once. Everything carries the name of its link.
// Tells what happens in lines of JSON; ends when its input does.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

const tell = (type: string, detail: object = {}): void =>
  console.log(JSON.stringify({ t: Date.now(), type, ...detail }))

const [host, port] = process.argv.slice(2)
// Without compression: what is sent is what the network carries.
const server = new WebSocketServer({ host: host!, port: Number(port), perMessageDeflate: false })
let links = 0

server.on('connection', (socket, request) => {
  // The process is in it, so that a name is not used again after a restart.
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

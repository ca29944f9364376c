// Runs one of the servers, with a key that cuts its links: tsx support/servers.ts express
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import type { SessionServer } from 'statewire/server'
import type { WebSocketServer } from 'ws'

interface Running {
  readonly http: Server
  readonly sockets: WebSocketServer
  readonly sessions: SessionServer
}

const { http, sockets, sessions } = (await import(`../servers/${process.argv[2]}.ts`)) as Running
if (!http.listening) await once(http, 'listening')
console.log(
  `sessions at ws://127.0.0.1:${(http.address() as AddressInfo).port}/sessions; to cut all links, press x + enter`,
)
sessions.on('session', (session) => {
  console.log(`session ${session.label} has begun`)
  session.on('attached', () => console.log(`session ${session.label} has a link`))
  session.on('away', () => console.log(`session ${session.label} has lost its link`))
  session.on('ended', ({ reason }) => console.log(`session ${session.label} has ended: ${reason}`))
})

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line.trim() === 'x') for (const socket of sockets.clients) socket.terminate()
})

import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import { sessionServer } from '../../dist/src/server/index.js'
import { sessionId } from './ids.js'

const sessions = 5_000

/** A socket that takes everything, so that only the session is measured. */
class SilentSocket extends EventEmitter {
  readonly OPEN = 1
  readonly protocol = 'resume.v1'
  readyState = 1
  bufferedAmount = 0
  binaryType = ''
  send(): void {}
  close(): void {}
}

async function settled(): Promise<number> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    globalThis.gc!()
  }
  return process.memoryUsage().heapUsed
}

/** Bytes of heap per idle session, with its record in the memory store; and per socket that it has. */
export async function idleHeap(): Promise<{ readonly away: number; readonly socket: number }> {
  if (globalThis.gc === undefined) throw new RangeError('needs node --expose-gc')
  const server = sessionServer({
    authenticate: () => ({ principal: 'bench' }),
    limits: { sessions: Infinity, hellosPerMinute: Infinity },
  })
  const request = { headers: {}, socket: { cork() {}, uncork() {} } } as IncomingMessage
  server.on('session', (session) => session.on('message', handler))
  let sockets: SilentSocket[] | undefined = Array.from({ length: sessions }, () => new SilentSocket())
  const before = await settled()
  for (const [index, socket] of sockets.entries()) {
    server.accept(socket as unknown as WebSocket, request)
    socket.emit('message', Buffer.from(`h${JSON.stringify({ v: 1, sid: sessionId(index), gen: 1, rx: 0 })}`), false)
  }
  const attached = await settled()
  if (server.size !== sessions) throw new Error(`only ${server.size} sessions began`)
  for (const socket of sockets) socket.emit('close')
  const emptied = sockets.length
  sockets = undefined
  const away = await settled()
  await server.close()
  return { away: (away - before) / emptied, socket: (attached - before) / emptied }
}

const handler = (): void => {}

export function heapTable({ away, socket }: { readonly away: number; readonly socket: number }): string {
  return `Heap of an idle session on the server, with its record in the memory store: ${Math.round(away)} bytes without a link, ${Math.round(socket)} bytes with one (beyond the socket itself).`
}

import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync'
import { WebsocketProvider } from 'y-websocket'
import { Doc } from 'yjs'
import { textHeartbeat } from '../../../../src/index.js'
import type { Kind } from './client.js'

const sync = 0
const awareness = 1

function message(write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, sync)
  write(encoder)
  return encoding.toUint8Array(encoder)
}

/** A request that its server always answers with the missing updates; for a complete document, two bytes. */
const step1 = message((encoder) => writeSyncStep1(encoder, new Doc()))

/**
 * y-websocket with a server of its protocol: one document synchronized with each client; awareness goes to all,
 * including the sender. (The published server depends on a preliminary version of Yjs.)
 */
export const yWebsocket: Kind = {
  name: 'y-websocket',
  serve(sockets) {
    const doc = new Doc()
    doc.on('update', (update: Uint8Array) => {
      for (const socket of sockets.clients) socket.send(message((encoder) => writeUpdate(encoder, update)))
    })
    sockets.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => {
        const decoder = decoding.createDecoder(new Uint8Array(data))
        const type = decoding.readVarUint(decoder)
        if (type === awareness) for (const each of sockets.clients) each.send(data)
        if (type !== sync) return
        const encoder = encoding.createEncoder()
        encoding.writeVarUint(encoder, sync)
        readSyncMessage(decoder, encoder, doc, socket)
        if (encoding.length(encoder) > 1) socket.send(encoding.toUint8Array(encoder))
      })
      socket.send(message((encoder) => writeSyncStep1(encoder, doc)))
    })
    return { sockets, publish: (text) => doc.getArray('texts').push([text]) }
  },
  connect(url, WebSocket) {
    const doc = new Doc()
    const texts = doc.getArray<string>('texts')
    const at = url.lastIndexOf('/')
    const provider = new WebsocketProvider(url.slice(0, at), url.slice(at + 1), doc, {
      WebSocketPolyfill: WebSocket,
      maxBackoffTime: 50,
      // Its tabs otherwise communicate without the socket.
      disableBc: true,
    })
    return {
      get heard() {
        return texts.toArray()
      },
      close: () => provider.destroy(),
    }
  },
  heartbeat: (interval, timeout) => textHeartbeat({ interval, timeout, ping: step1, pong: () => false }),
}

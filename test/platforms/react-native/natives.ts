import { WebSocket } from 'ws'

export interface Native {
  emit?: (type: string, event: object) => void
  [name: string]: unknown
}

/** The native half of React Native's WebSocket and Blob. Bytes are passed as base64. */
export function natives(native: Native): object {
  const sockets = new Map<number, WebSocket>()
  const blobs = new Map<string, Buffer>()
  const asBlob = new Set<number>()
  const emit = (type: string, event: object): void => native.emit!(type, event)
  return {
    blob: {
      getConstants: () => ({ BLOB_URI_SCHEME: 'blob', BLOB_URI_HOST: null }),
      createFromParts: (parts: { type: string; data: string }[], id: string) =>
        blobs.set(id, Buffer.concat(parts.map(({ data }) => Buffer.from(data)))),
      addWebSocketHandler: (id: number) => asBlob.add(id),
      removeWebSocketHandler: (id: number) => asBlob.delete(id),
      sendOverSocket: ({ blobId }: { blobId: string }, id: number) => sockets.get(id)!.send(blobs.get(blobId)!),
      release: (id: string) => blobs.delete(id),
    },
    webSocket: {
      addListener() {},
      removeListeners() {},
      connect(address: string, protocols: string[] | null, _options: object, id: number) {
        const socket = new WebSocket(address, [...(protocols ?? [])])
        sockets.set(id, socket)
        socket.on('open', () => emit('websocketOpen', { id, protocol: socket.protocol }))
        socket.on('message', (data: Buffer, isBinary) => {
          if (!isBinary) emit('websocketMessage', { id, type: 'text', data: data.toString() })
          else if (asBlob.has(id)) {
            blobs.set(`in${blobs.size}`, data)
            const blob = { blobId: `in${blobs.size - 1}`, offset: 0, size: data.length }
            emit('websocketMessage', { id, type: 'blob', data: blob })
          } else emit('websocketMessage', { id, type: 'binary', data: data.toString('base64') })
        })
        let failed = false
        socket.on('error', ({ message }) => {
          failed = true
          emit('websocketFailed', { id, message })
        })
        socket.on('close', (code, reason) => {
          if (!failed) emit('websocketClosed', { id, code, reason: reason.toString() })
        })
      },
      send: (text: string, id: number) => sockets.get(id)!.send(text),
      sendBinary: (base64: string, id: number) => sockets.get(id)!.send(Buffer.from(base64, 'base64')),
      ping: (id: number) => sockets.get(id)!.ping(),
      close: (code: number, reason: string, id: number) => sockets.get(id)!.close(code, reason),
    },
  }
}

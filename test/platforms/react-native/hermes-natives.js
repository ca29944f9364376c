// What the bare engine lacks to run the app: timers with a virtual clock, and a native half with a built-in server.
import base64 from 'base64-js'

const { print, setTimeout: nextTurn } = globalThis

let now = 0
let nextId = 1
const timers = new Map()
globalThis.setTimeout = (work, delay = 0) => {
  timers.set(nextId, { at: now + delay, work })
  return nextId++
}
globalThis.clearTimeout = (id) => void timers.delete(id)
globalThis.performance = { now: () => now }
const start = Date.now()
Date.now = () => start + now
globalThis.queueMicrotask = (work) => void Promise.resolve().then(work)
globalThis.console = { log: print, warn: print, error: print }

function turn() {
  let first
  for (const [id, timer] of timers) if (first === undefined || timer.at < first.timer.at) first = { id, timer }
  if (first !== undefined) {
    timers.delete(first.id)
    now = Math.max(now, first.timer.at)
    first.timer.work()
  }
  if (!over) nextTurn(turn)
}
let over = false
nextTurn(turn)

const later = (type, event) => setTimeout(() => globalThis.native.emit(type, event), 5)
const blobs = new Map()
const asBlob = new Set()
const utf8 = (text) => Uint8Array.from(unescape(encodeURIComponent(text)), (each) => each.charCodeAt(0))

function echo(data, id) {
  if (!asBlob.has(id)) return later('websocketMessage', { id, type: 'binary', data })
  const size = base64.toByteArray(data).length
  later('websocketMessage', { id, type: 'blob', data: { blobId: 'echoed', offset: 0, size } })
}

globalThis.native = {
  url: 'ws://127.0.0.1:80/feed',
  say: print,
  done: () => (over = true),
  blob: {
    getConstants: () => ({ BLOB_URI_SCHEME: 'blob', BLOB_URI_HOST: null }),
    createFromParts: (parts, id) => blobs.set(id, base64.fromByteArray(utf8(parts.map(({ data }) => data).join('')))),
    addWebSocketHandler: (id) => asBlob.add(id),
    removeWebSocketHandler: (id) => asBlob.delete(id),
    sendOverSocket: ({ blobId }, id) => echo(blobs.get(blobId), id),
    release: (id) => blobs.delete(id),
  },
  webSocket: {
    addListener() {},
    removeListeners() {},
    connect: (_url, protocols, _options, id) => later('websocketOpen', { id, protocol: protocols?.[0] ?? '' }),
    send(text, id) {
      if (text === 'drop me') later('websocketFailed', { id, message: 'reset' })
      else later('websocketMessage', { id, type: 'text', data: text })
    },
    sendBinary: echo,
    ping() {},
    close: (code, reason, id) => later('websocketClosed', { id, code, reason: reason.replace('\uD800', '\uFFFD') }),
  },
}

import { tagOf } from './checks.js'
import { ConnectionError } from './errors.js'
import type { Data } from './transports/transport.js'

const encoder = /* @__PURE__ */ new TextEncoder()

/** The size on the wire. Costs a pass over text, so it is asked only of what is queued. */
export function byteLength(data: Data): number {
  return typeof data === 'string' ? encoder.encode(data).byteLength : quickSize(data)
}

/** Bytes of binary data, characters of text: what is known without a pass over it. */
export function quickSize(data: Data): number {
  return typeof data === 'string' ? data.length : 'byteLength' in data ? data.byteLength : data.size
}

/** The bytes as they are now, which is what the standard sends, whatever is written over them later. */
export function snapshot(data: Data): Data {
  if (typeof data === 'string') return data
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  return 'byteLength' in data ? data.slice(0) : data
}

/** Throws `ERR_DATA` for what no WebSocket can carry, so that nothing is accepted that no socket would take. */
export function checkData(data: unknown): Data {
  if (typeof data === 'string') return data
  const tag = tagOf(data)
  if (tag === 'Blob' || tag === 'File') return data as Blob
  const view = ArrayBuffer.isView(data)
  const buffer: unknown = view ? data.buffer : data
  if (!view && tag !== 'ArrayBuffer') {
    throw new ConnectionError(
      'ERR_DATA',
      `data (${data === null ? 'null' : typeof data}) must be a string, an ArrayBuffer, a view of one, or a Blob: encode it first, or give a codec`,
    )
  }
  if (tagOf(buffer) === 'SharedArrayBuffer') {
    throw new ConnectionError('ERR_DATA', 'data (a view of shared memory) must not change on the way: copy it first')
  }
  if ((buffer as ArrayBuffer).byteLength === 0 && isDetached(buffer as ArrayBuffer)) {
    throw new ConnectionError(
      'ERR_DATA',
      'data (a detached buffer) must still have its bytes: send it before it is transferred',
    )
  }
  return data as Data
}

function isDetached(buffer: ArrayBuffer): boolean {
  try {
    return new Uint8Array(buffer).length > 0
  } catch {
    return true
  }
}

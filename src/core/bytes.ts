import { isBlob, tagOf } from './checks.js'
import { isConnectionError, makeError } from './errors.js'
import type { SendData } from './transport.js'

/**
 * The size on the wire, in bytes. Linear in the length of text, so computed only for queued messages.
 *
 * Counting stops above `most`, so an oversized message costs no more than one that fits.
 */
export function byteLength(data: SendData, most = Infinity): number {
  return typeof data === 'string' ? utf8Length(data, most) : quickSize(data)
}

/** Without `TextEncoder`, which allocates and which some runtimes lack. A lone surrogate is sent as U+FFFD: three bytes. */
function utf8Length(text: string, most: number): number {
  let bytes = text.length
  // Each UTF-16 unit takes at least a byte.
  for (let index = 0; index < text.length && bytes <= most; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) continue
    if (unit < 0x800) bytes += 1
    else if (isPair(unit, text.charCodeAt(index + 1))) {
      // Four bytes for two units.
      bytes += 2
      index++
    } else bytes += 2
  }
  return bytes
}

function isPair(high: number, low: number): boolean {
  return high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000
}

/** Bytes of binary data, characters of text: the size that is known in constant time. */
export function quickSize(data: SendData): number {
  return typeof data === 'string' ? data.length : 'byteLength' in data ? data.byteLength : data.size
}

/** A copy, because the standard sends the bytes as they are when `send` is called. */
export function snapshot(data: SendData): SendData {
  if (typeof data === 'string') return data
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  return 'byteLength' in data ? data.slice(0) : data
}

/** Throws `ERR_DATA` for values that a WebSocket can't send. */
export function checkData(data: unknown): SendData {
  if (typeof data === 'string') return data
  try {
    return isBlob(data) ? checkBlob(data) : checkBinary(data)
  } catch (thrown) {
    if (isConnectionError(thrown)) throw thrown
    throw makeError('ERR_DATA', 'data-unreadable', [], { cause: thrown })
  }
}

function checkBinary(data: unknown): SendData {
  const view = ArrayBuffer.isView(data)
  const buffer: unknown = view ? data.buffer : data
  if (!view && tagOf(data) !== 'ArrayBuffer') {
    throw makeError('ERR_DATA', 'not-data', [data === null ? 'null' : typeof data])
  }
  if (tagOf(buffer) === 'SharedArrayBuffer') {
    throw makeError('ERR_DATA', 'data-shared', [])
  }
  if ((buffer as ArrayBuffer).byteLength === 0 && isDetached(buffer as ArrayBuffer)) {
    throw makeError('ERR_DATA', 'data-detached', [])
  }
  const isResizable = (buffer as { resizable?: boolean }).resizable === true
  return isResizable ? fixed(data as ArrayBuffer | ArrayBufferView) : (data as SendData)
}

/** React Native's Blobs can be closed; reading them then throws. */
function checkBlob(data: Blob): Blob {
  try {
    void data.size
    return data
  } catch (cause) {
    throw makeError('ERR_DATA', 'data-closed', [], { cause })
  }
}

/** A copy of resizable memory: some sockets reject it, others send its later content. */
function fixed(data: ArrayBuffer | ArrayBufferView): SendData {
  try {
    // `keys` throws if the view is out of bounds, while `byteLength` is 0. A `DataView` has no `keys`; its `byteLength` throws.
    if (ArrayBuffer.isView(data)) (data as Partial<Uint8Array>).keys?.()
    return snapshot(data)
  } catch (cause) {
    throw makeError('ERR_DATA', 'data-out-of-bounds', [], { cause })
  }
}

function isDetached(buffer: ArrayBuffer): boolean {
  try {
    return new Uint8Array(buffer).length > 0
  } catch {
    return true
  }
}

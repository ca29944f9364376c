import { byteLength } from '../core/bytes.js'
import { isBlob } from '../core/checks.js'
import { makeError } from '../core/errors.js'
import type { BinaryType, MessageData, SendData } from '../core/transport.js'
import type { Frame } from './protocol.js'

/** Throws `ERR_DATA` for what a session can't keep, or the server doesn't accept. `max` in bytes. */
export function checkPayload(data: SendData, max: number): void {
  if (isBlob(data)) throw makeError('ERR_DATA', 'session-blob', [])
  // At most three bytes per UTF-16 unit.
  if (typeof data === 'string' && data.length * 3 <= max) return
  const bytes = byteLength(data, max)
  if (bytes > max) throw makeError('ERR_DATA', 'session-max', [bytes, max])
}

/** A checked payload, as frames contain it. */
export function toPayload(data: SendData): string | Uint8Array {
  if (typeof data === 'string') return data
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return new Uint8Array(data as ArrayBuffer)
}

/** The payload of a received frame, as the app gets it. */
export function fromPayload({ payload }: Frame, binaryType: BinaryType): MessageData {
  if (typeof payload === 'string') return payload
  const bytes = payload.slice()
  return binaryType === 'blob' ? new Blob([bytes]) : bytes.buffer
}

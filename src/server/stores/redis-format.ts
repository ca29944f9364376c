import type { Payload } from './store.js'

/** Braces delimit the part of a key that chooses the slot of a cluster. */
export const keyPart = (name: string): string =>
  name.replace(/[%{}]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)

export const kindOf = (data: Payload): string => (typeof data === 'string' ? 'd' : 'b')
/** A view of the same bytes. The client copies them into its socket. */
export const bufferOf = (data: Payload): Buffer =>
  typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength)

/** Entries of a stream, `[id, [kind, data]]`, as messages. */
export function messagesOf(rows: unknown): [number, Payload][] {
  return (rows as [Buffer, [Buffer, Buffer]][]).map(([id, [kind, data]]) => [
    Number.parseInt(id.toString('latin1'), 10),
    kind[0] === 0x64 ? data.toString() : new Uint8Array(data),
  ])
}

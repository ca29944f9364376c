/** What a flood is made of. Bytes. */
export const piece = 65_536
export const gigabyte = 1 << 30
/** Messages that a server has waiting before it says goodbye: in its own memory, so no more than shows. */
export const backlog = 4_096

/** `tell`: how far it is. `cut`: drop the client, with what it was sent and has not read, and read from the next one. */
export type ServerOrder = 'tell' | 'read' | 'cut'

export interface ServerReport {
  /** Bytes that its kernel took. */
  readonly pushed: number
  /** Messages that came in. */
  readonly received: number
  /** Each with a higher number than the one before. */
  readonly ordered: boolean
}

export type Reader = 'for await' | 'readable' | 'drop-oldest'

export interface ClientReport {
  readonly handled: number
  readonly ordered: boolean
  readonly unread: number
  /** How far resident memory has grown at most since the connection was open. Bytes. */
  readonly growth: number
}

export interface WriterReport {
  readonly written: number
  readonly done: boolean
  /** What the `close` events said may be lost. */
  readonly uncertain: number
  readonly links: number
  readonly growth: number
}

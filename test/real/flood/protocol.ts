/** What a flood is made of. Bytes. */
export const piece = 65_536
export const gigabyte = 1 << 30

/** `tell`: how far it is. */
export type ServerOrder = 'tell' | 'read'

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

/** Sizes of a flood, in bytes. */
export const piece = 65_536
export const gigabyte = 1 << 30
/** Messages a server has pending before its close frame: they are in its own memory, so only as many as are needed. */
export const backlog = 4_096

/** `tell`: report progress. `cut`: drop the client with everything it has not read, and read from the next one. */
export type ServerOrder = 'tell' | 'read' | 'cut'

export interface ServerReport {
  /** Bytes its kernel accepted. */
  readonly pushed: number
  /** Messages received. */
  readonly received: number
  /** Whether each had a higher number than the one before. */
  readonly ordered: boolean
}

export type Reader = 'for await' | 'readable' | 'drop-oldest'

export interface ClientReport {
  readonly handled: number
  readonly ordered: boolean
  readonly unread: number
  /** The largest growth of resident memory since the connection opened. Bytes. */
  readonly growth: number
}

export interface WriterReport {
  readonly written: number
  readonly done: boolean
  /** The total that `close` events reported as uncertain. */
  readonly uncertain: number
  readonly links: number
  readonly growth: number
}

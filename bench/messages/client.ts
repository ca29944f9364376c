import { createRequire } from 'node:module'

export type Payload = string | Uint8Array

export interface Client {
  send(data: Payload): unknown
  /** Bytes accepted but not taken by the network. */
  readonly bufferedAmount: number
  close(): void
}

/** Called with each message, as a string or an ArrayBuffer. */
export type Hear = (data: unknown) => void

export interface Contender {
  readonly name: string
  /** Its role. The control is a second bare socket; its difference from the first is noise. */
  readonly role: 'control' | 'ours' | 'peer'
  /** Its package. */
  readonly package?: string
  open(url: string, deflate: boolean, hear: Hear): Promise<Client>
}

/** The baseline. */
export type Bare = Pick<Contender, 'name' | 'open'>

const require = createRequire(import.meta.url)

/** Imported by name, because their types are not needed. */
export function load(name: string): unknown {
  const loaded = require(name) as { default?: unknown }
  return loaded.default ?? loaded
}

export interface SocketLike extends Client {
  binaryType: string
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void
}

export type SocketClass = new (url: string, protocols?: string | string[]) => SocketLike

export function opened(socket: SocketLike, hear: Hear): Promise<Client> {
  if ('binaryType' in socket) socket.binaryType = 'arraybuffer'
  socket.addEventListener('message', ({ data }) => hear(data))
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve(socket))
    socket.addEventListener('error', () => reject(new Error('it does not open')))
  })
}

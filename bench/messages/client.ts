import { createRequire } from 'node:module'

export type Payload = string | Uint8Array

export interface Client {
  send(data: Payload): unknown
  /** Bytes that were accepted and that the network has not taken. */
  readonly bufferedAmount: number
  close(): void
}

/** Hears each message once it is a string or an ArrayBuffer. */
export type Hear = (data: unknown) => void

export interface Contender {
  readonly name: string
  /** What it is, beyond its name. The control is the bare socket once more: by how much it differs from itself is noise. */
  readonly role: 'control' | 'ours' | 'peer'
  /** Its package. */
  readonly package?: string
  open(url: string, deflate: boolean, hear: Hear): Promise<Client>
}

/** What the others are compared with. */
export type Bare = Pick<Contender, 'name' | 'open'>

const require = createRequire(import.meta.url)

/** By name only: the packages are not ours, and their types are not needed. */
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

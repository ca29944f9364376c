import { expect } from 'vitest'
import type { Facts } from '../../transports/conformance-server.js'

/** One sentence of the standard, and what proves it. */
export interface Fact {
  readonly title: string
  readonly run: (world: World) => unknown
}

export function fact(title: string, run: (world: World) => unknown): Fact {
  return { title, run }
}

export interface Subject {
  readonly WebSocket: typeof WebSocket
  /** The conformance server. */
  readonly server: string
  /** Where nobody listens. */
  readonly refused: string
  /** How long an event may take: generous, for a busy machine. Only one that never comes costs this. */
  readonly patience: number
  /** Whether the runtime tells of a refused upgrade only when it has the whole body of the answer. @default false */
  readonly waitsForBody?: boolean
  /** Whether the runtime may judge a frame that came with the 101 before it tells of the open, and then does not. @default false */
  readonly mayMissOpen?: boolean
  /** Runs what makes a listener throw, and gives what the platform reports of it. */
  readonly reported: (provoke: () => void) => Promise<unknown>
}

/** What was heard of a socket: the type of each event, and the `readyState` while it was told. */
export type Heard = [type: string, readyState: number][]

export const types = ['open', 'message', 'error', 'close'] as const
let visits = 0

/** One test's sockets, closed when it is over. */
export class World {
  readonly subject: Subject
  readonly #made: WebSocket[] = []

  constructor(subject: Subject) {
    this.subject = subject
  }

  get WebSocket(): typeof WebSocket {
    return this.subject.WebSocket
  }

  get server(): string {
    return this.subject.server
  }

  /** A path at which the handshake is refused. */
  get refusal(): string {
    return `/status?code=403${this.subject.waitsForBody ? '&whole' : ''}`
  }

  /** With whatever arguments the test wants. */
  make(...args: unknown[]): WebSocket {
    const socket = Reflect.construct(this.WebSocket, args) as WebSocket
    this.#made.push(socket)
    return socket
  }

  /** A socket that has not opened yet. */
  dial(path = '/echo', ...rest: unknown[]): WebSocket {
    return this.make(`${this.server}${path}`, ...rest)
  }

  async open(path = '/echo', ...rest: unknown[]): Promise<WebSocket> {
    const socket = this.dial(path, ...rest)
    await this.next(socket, 'open')
    return socket
  }

  next<T extends keyof WebSocketEventMap>(socket: WebSocket, type: T): Promise<WebSocketEventMap[T]> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no ${type} event came`)), this.subject.patience)
      const heard = (event: WebSocketEventMap[T]): void => {
        clearTimeout(late)
        socket.removeEventListener(type, heard)
        resolve(event)
      }
      socket.addEventListener(type, heard)
    })
  }

  /** The data of the next `count` messages. */
  messages(socket: WebSocket, count: number): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      const data: unknown[] = []
      const late = setTimeout(() => reject(new Error(`${data.length} messages of ${count}`)), this.subject.patience)
      const heard = (event: MessageEvent): void => {
        data.push(event.data)
        if (data.length < count) return
        clearTimeout(late)
        socket.removeEventListener('message', heard)
        resolve(data)
      }
      socket.addEventListener('message', heard)
    })
  }

  /** Sends, and gives what the echo says, as text or as a list of bytes. */
  async echo(socket: WebSocket, ...sent: unknown[]): Promise<unknown[]> {
    socket.binaryType = 'arraybuffer'
    const heard = this.messages(socket, sent.length)
    // A send that throws leaves it behind.
    heard.catch(() => {})
    for (const data of sent) socket.send(data as string)
    return (await heard).map((data) => (typeof data === 'string' ? data : [...new Uint8Array(data as ArrayBuffer)]))
  }

  /** A path whose visit the server remembers. */
  remembered(path: string): { path: string; facts: (until: (facts: Facts) => boolean) => Promise<Facts> } {
    const id = `standard-${Date.now().toString(36)}-${visits++}`
    const address = `${this.server.replace(/^ws/, 'http')}/facts?id=${id}`
    return {
      path: `${path}${path.includes('?') ? '&' : '?'}id=${id}`,
      facts: async (until) => {
        let facts: Facts | null = null
        const look = async (): Promise<boolean> => {
          facts = (await (await fetch(address)).json()) as Facts | null
          return facts !== null && until(facts)
        }
        await expect.poll(look, { timeout: this.subject.patience }).toBe(true)
        return facts!
      },
    }
  }

  dispose(): void {
    for (const socket of this.#made) {
      // undici tells of a failure twice if it is closed after it.
      if (socket.readyState !== 3 || 'connection' in socket) socket.close()
    }
  }
}

export function hear(socket: WebSocket): Heard {
  const heard: Heard = []
  for (const type of types) socket.addEventListener(type, () => heard.push([type, socket.readyState]))
  return heard
}

/** What is thrown; that nothing is thrown is a failure. */
export function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (thrown) {
    return thrown
  }
  throw new Error('nothing was thrown')
}

export function expectDOMException(work: () => unknown, name: string): void {
  const thrown = thrownBy(work)
  expect(thrown).toBeInstanceOf(DOMException)
  expect((thrown as DOMException).name).toBe(name)
}

export function expectTypeError(work: () => unknown): void {
  expect(thrownBy(work)).toBeInstanceOf(TypeError)
}

/** A value that notes when it is converted. */
export function noting<T>(log: string[], name: string, value: T): { toString(): T; valueOf(): T } {
  const convert = (): T => {
    log.push(name)
    return value
  }
  return { toString: convert, valueOf: convert }
}

/** Long enough for anything the loopback interface still carries; the absence of an event has no event to wait for. */
export function quiet(milliseconds = 200): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

import { expect } from 'vitest'
import type { Facts } from '../../transports/conformance-server.js'

/** A fact of the standard and its test. */
export interface Fact {
  readonly title: string
  readonly run: (setup: Setup) => unknown
}

export function fact(title: string, run: (setup: Setup) => unknown): Fact {
  return { title, run }
}

export interface Subject {
  readonly WebSocket: typeof WebSocket
  /** The conformance server. */
  readonly server: string
  /** A port without a listener. */
  readonly refused: string
  /** Milliseconds an event may take; generous, for a busy machine. Only an event that never comes costs this. */
  readonly patience: number
  /** Whether the runtime reports a refused upgrade only after the whole response body. @default false */
  readonly waitsForBody?: boolean
  /** Whether the runtime may fail on a frame that arrives with the 101 and then fire no open event. @default false */
  readonly mayMissOpen?: boolean
  /** Runs code that makes a listener throw, and returns what the platform reports. */
  readonly reported: (provoke: () => void) => Promise<unknown>
}

/** The events of a socket: each type, and the `readyState` during dispatch. */
export type Recorded = [type: string, readyState: number][]

export const types = ['open', 'message', 'error', 'close'] as const
let visits = 0

/** The sockets of one test, closed when it is over. */
export class Setup {
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

  /** With any arguments. */
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
      const received = (event: WebSocketEventMap[T]): void => {
        clearTimeout(late)
        socket.removeEventListener(type, received)
        resolve(event)
      }
      socket.addEventListener(type, received)
    })
  }

  /** The data of the next `count` messages. */
  messages(socket: WebSocket, count: number): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      const data: unknown[] = []
      const late = setTimeout(() => reject(new Error(`${data.length} messages of ${count}`)), this.subject.patience)
      const received = (event: MessageEvent): void => {
        data.push(event.data)
        if (data.length < count) return
        clearTimeout(late)
        socket.removeEventListener('message', received)
        resolve(data)
      }
      socket.addEventListener('message', received)
    })
  }

  /** Sends a message and returns the echo, as text or as a list of bytes. */
  async echo(socket: WebSocket, ...sent: unknown[]): Promise<unknown[]> {
    socket.binaryType = 'arraybuffer'
    const received = this.messages(socket, sent.length)
    // A send that throws leaves it unused.
    received.catch(() => {})
    for (const data of sent) socket.send(data as string)
    return (await received).map((data) => (typeof data === 'string' ? data : [...new Uint8Array(data as ArrayBuffer)]))
  }

  /** A path whose visit the server records. */
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
      // undici reports a failure twice if it is closed after it.
      if (socket.readyState !== 3 || 'connection' in socket) socket.close()
    }
  }
}

export function record(socket: WebSocket): Recorded {
  const received: Recorded = []
  for (const type of types) socket.addEventListener(type, () => received.push([type, socket.readyState]))
  return received
}

/** Returns what is thrown; fails if nothing is. */
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

/** A value that records its conversion. */
export function noting<T>(log: string[], name: string, value: T): { toString(): T; valueOf(): T } {
  const convert = (): T => {
    log.push(name)
    return value
  }
  return { toString: convert, valueOf: convert }
}

/** Long enough for anything in transit on loopback; the absence of an event has no event to wait for. */
export function quiet(milliseconds = 200): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

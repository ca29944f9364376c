import { randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'
import {
  encodeJson,
  parseRefusal,
  parseWelcome,
  readFrame,
  type Frame,
  type Hello,
  type Refusal,
  type Welcome,
} from '../../../src/resume/protocol.js'

/** A new session id. */
export const newId = (): string => randomBytes(16).toString('base64url')

/** How long a server may take, also on a busy machine. Milliseconds. */
const patience = 10_000

/** A link of a client that does what the test says, also what no client should do. */
export class WireClient {
  readonly socket: WebSocket
  readonly #frames: Frame[] = []
  #arrived: (() => void) | undefined
  #code: number | undefined

  private constructor(url: string, protocol: string) {
    this.socket = new WebSocket(url, protocol, { perMessageDeflate: false })
    this.socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer
      this.#frames.push({ ...readFrame(isBinary ? bytes : bytes.toString()) })
      this.#arrived?.()
    })
    this.socket.on('close', (code) => {
      this.#code = code
      this.#arrived?.()
    })
    this.socket.on('error', () => {})
  }

  static async dial(url: string, protocol = 'resume.v1'): Promise<WireClient> {
    const client = new WireClient(url, protocol)
    await client.#until(() => client.socket.readyState !== WebSocket.CONNECTING, 'the handshake')
    return client
  }

  send(...frames: (string | Uint8Array)[]): void {
    for (const frame of frames) this.socket.send(frame)
  }

  hello(members: Partial<Hello> = {}): void {
    this.send(encodeJson('h', { v: 1, sid: newId(), gen: 1, rx: 0, auth: 'alice-secret', ...members }))
  }

  /** Says hello, and returns the welcome. */
  async welcome(members: Partial<Hello> = {}): Promise<Welcome> {
    this.hello(members)
    return parseWelcome((await this.next('welcome')).payload as string)!
  }

  /** Says hello, and returns the refusal. */
  async refusal(members: Partial<Hello> = {}): Promise<Refusal> {
    this.hello(members)
    return this.nextRefusal()
  }

  async nextRefusal(): Promise<Refusal> {
    return parseRefusal((await this.next('refusal')).payload as string)!
  }

  /** The next frame of this kind. Others that come before it are dropped. */
  async next(kind: Frame['kind']): Promise<Frame> {
    return this.find((frame) => frame.kind === kind, `a frame of kind ${kind}`)
  }

  /** The first acknowledgment of at least this number. */
  async acknowledged(number: number): Promise<void> {
    await this.find((frame) => frame.kind === 'ack' && frame.number >= number, `an acknowledgment of ${number}`)
  }

  /** The payloads of the next messages, with their numbers. */
  async messages(count: number): Promise<(readonly [number, string | Uint8Array])[]> {
    const messages: (readonly [number, string | Uint8Array])[] = []
    while (messages.length < count) {
      const { number, payload } = await this.next('data')
      messages.push([number, typeof payload === 'string' ? payload : Uint8Array.from(payload)])
    }
    return messages
  }

  async find(which: (frame: Frame) => boolean, what: string): Promise<Frame> {
    let found: Frame | undefined
    await this.#until(() => {
      while (found === undefined && this.#frames.length > 0) {
        const frame = this.#frames.shift()!
        if (which(frame)) found = frame
      }
      if (found === undefined && this.#code !== undefined) throw new Error(`closed with ${this.#code} before ${what}`)
      return found !== undefined
    }, what)
    return found!
  }

  /** The code with which the server closes the link. */
  async closed(): Promise<number> {
    await this.#until(() => this.#code !== undefined, 'the end of the link')
    return this.#code!
  }

  /** Cuts the link: the server reads nothing that it has not read yet. */
  async cut(): Promise<void> {
    this.socket.terminate()
    await this.closed()
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + patience
    while (!condition()) {
      const left = deadline - Date.now()
      if (left <= 0) throw new Error(`${what} did not come in ${patience} ms`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#arrived = () => {
          clearTimeout(timer)
          resolve()
        }
        this.socket.once('open', this.#arrived)
      })
    }
  }
}

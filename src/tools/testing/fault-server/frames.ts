/** What a WebSocket frame is for. A continuation frame belongs to the kind of the message it continues. */
export type FrameKind = 'text' | 'binary' | 'close' | 'ping' | 'pong' | 'reserved'

/** One frame as it went past. Its payload is not kept: it may be large, masked or secret. */
export interface FrameInfo {
  readonly kind: FrameKind
  /** Bytes of payload. */
  readonly bytes: number
  /** Whether this frame completes its message (control frames always do). */
  readonly final: boolean
}

const kinds: Readonly<Record<number, FrameKind>> = { 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' }

/**
 * Finds the frames in a stream of bytes (RFC 6455 §5.2) without collecting them.
 *
 * The first byte of a frame says what it is, so whether to drop it is known before any of its bytes are passed on.
 * It believes whatever it reads: judging a frame is the business of the two ends.
 */
export class FrameScanner {
  /** The frame being read; once `atBoundary`, the frame just read. */
  frame: FrameInfo = { kind: 'reserved', bytes: 0, final: true }
  /** Whether the frame being read is to be left out. */
  dropping = false

  readonly #dropped: ReadonlySet<FrameKind>
  #step: 'first' | 'second' | 'length' | 'rest' = 'first'
  #message: FrameKind = 'reserved'
  #lengthBytes = 0
  #payload = 0
  #masked = false
  #rest = 0

  /** `dropped` is read afresh at the start of each frame. */
  constructor(dropped: ReadonlySet<FrameKind>) {
    this.#dropped = dropped
  }

  /** Whether the next byte starts a new frame. */
  get atBoundary(): boolean {
    return this.#step === 'first'
  }

  /** Reads on from `offset`, to the end of the frame or of the bytes, whichever is first; returns where it stopped. */
  advance(bytes: Uint8Array, offset: number): number {
    let at = offset
    while (at < bytes.length) {
      if (this.#step === 'rest') {
        const taken = Math.min(this.#rest, bytes.length - at)
        this.#rest -= taken
        at += taken
        if (this.#rest === 0) this.#step = 'first'
      } else {
        this.#header(bytes[at] as number)
        at += 1
      }
      if (this.#step === 'first') return at
    }
    return at
  }

  #header(byte: number): void {
    if (this.#step === 'first') {
      const opcode = byte & 0x0f
      const kind = opcode === 0 ? this.#message : (kinds[opcode] ?? 'reserved')
      if (opcode === 1 || opcode === 2) this.#message = kind
      this.frame = { kind, bytes: 0, final: (byte & 0x80) !== 0 }
      this.dropping = this.#dropped.has(kind)
      this.#step = 'second'
    } else if (this.#step === 'second') {
      this.#masked = (byte & 0x80) !== 0
      const short = byte & 0x7f
      this.#lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
      this.#payload = this.#lengthBytes === 0 ? short : 0
      if (this.#lengthBytes === 0) this.#lengthKnown()
      else this.#step = 'length'
    } else {
      this.#payload = this.#payload * 256 + byte
      this.#lengthBytes -= 1
      if (this.#lengthBytes === 0) this.#lengthKnown()
    }
  }

  #lengthKnown(): void {
    this.frame = { ...this.frame, bytes: this.#payload }
    this.#rest = this.#payload + (this.#masked ? 4 : 0)
    this.#step = this.#rest === 0 ? 'first' : 'rest'
  }
}

/** The parts of a frame made by hand; every field may be illegal. */
export interface FrameParts {
  /** The low four bits of the first byte: 1 text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly opcode: number
  readonly payload?: Uint8Array | string | undefined
  /** @default true */
  readonly final?: boolean | undefined
  /** The three reserved bits, 0 to 7. @default 0 */
  readonly reserved?: number | undefined
  /** The length to claim. @default the length of `payload` */
  readonly length?: number | undefined
}

/** Builds the bytes of an unmasked frame, as servers send them, legal or not. */
export function frame({ opcode, payload = '', final = true, reserved = 0, length }: FrameParts): Buffer {
  const body = Buffer.from(payload as Uint8Array)
  const claimed = length ?? body.length
  const first = (final ? 0x80 : 0) | ((reserved & 7) << 4) | (opcode & 0x0f)
  let header: Buffer
  if (claimed < 126) {
    header = Buffer.from([first, claimed])
  } else if (claimed < 65_536) {
    header = Buffer.from([first, 126, claimed >> 8, claimed & 0xff])
  } else {
    header = Buffer.alloc(10)
    header.writeUInt8(first, 0)
    header.writeUInt8(127, 1)
    header.writeBigUInt64BE(BigInt(claimed), 2)
  }
  return Buffer.concat([header, body])
}

/** The frame of one whole message: text for a string, binary for bytes. */
export function messageFrame(data: string | Uint8Array): Buffer {
  return frame({ opcode: typeof data === 'string' ? 1 : 2, payload: data })
}

/** A close frame. The code is not checked: 999, 1005 or 5000 go out as they are; without one the frame is empty. */
export function closeFrame(code?: number, reason = ''): Buffer {
  if (code === undefined) return frame({ opcode: 8 })
  const payload = Buffer.concat([Buffer.alloc(2), Buffer.from(reason)])
  payload.writeUInt16BE(code, 0)
  return frame({ opcode: 8, payload })
}

/** Frames that no correct server sends, for `sendRaw`. */
export const illegalFrames = {
  /** A text message that is not UTF-8. */
  badUtf8: (): Buffer => frame({ opcode: 1, payload: Uint8Array.of(0xc3, 0x28) }),
  /** A reserved bit is set, though no extension gave it a meaning. */
  reservedBits: (): Buffer => frame({ opcode: 1, payload: 'x', reserved: 2 }),
  /** An opcode that nobody has defined. */
  badOpcode: (): Buffer => frame({ opcode: 3, payload: 'x' }),
  /** A frame masked by a server. */
  masked: (): Buffer => Buffer.from([0x81, 0x81, 1, 2, 3, 4, 0x79]),
  /** A ping in two pieces. */
  fragmentedPing: (): Buffer => frame({ opcode: 9, payload: 'x', final: false }),
  /** A continuation of nothing. */
  strayContinuation: (): Buffer => frame({ opcode: 0, payload: 'x' }),
  /** A close frame whose payload is one byte: half a code. */
  halfCloseCode: (): Buffer => frame({ opcode: 8, payload: Uint8Array.of(3) }),
  /** A close frame with a code that must never be sent. */
  closeCode: (code: number): Buffer => closeFrame(code),
  /** The header of a frame of `length` bytes, and nothing after it. */
  unfinished: (length: number): Buffer => frame({ opcode: 2, length }),
} as const

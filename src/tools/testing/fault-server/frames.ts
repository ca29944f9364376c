/** The kind of a WebSocket frame. A continuation frame has the kind of its message. */
export type FrameKind = 'text' | 'binary' | 'close' | 'ping' | 'pong' | 'reserved'

/** A frame that passed through. The payload is not kept; it may be large, masked or secret. */
export interface FrameInfo {
  readonly kind: FrameKind
  /** Payload bytes. */
  readonly bytes: number
  /** Whether this frame completes its message. Always true for control frames. */
  readonly final: boolean
}

const kinds: Readonly<Record<number, FrameKind>> = { 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' }

/**
 * Finds the frames in a stream of bytes (RFC 6455 §5.2) without buffering them.
 *
 * The first byte gives the kind, so the decision to drop a frame is made before any byte is passed on. It does not
 * validate; the two ends do.
 */
export class FrameScanner {
  /** The frame being read; at a boundary, the last complete frame. */
  frame: FrameInfo = { kind: 'reserved', bytes: 0, final: true }
  /** Whether the frame being read is dropped. */
  dropping = false

  readonly #dropped: ReadonlySet<FrameKind>
  #step: 'first' | 'second' | 'length' | 'rest' = 'first'
  #message: FrameKind = 'reserved'
  #lengthBytes = 0
  #payload = 0
  #masked = false
  #rest = 0

  /** `dropped` is read again at the start of each frame. */
  constructor(dropped: ReadonlySet<FrameKind>) {
    this.#dropped = dropped
  }

  /** Whether the next byte starts a new frame. */
  get atBoundary(): boolean {
    return this.#step === 'first'
  }

  /** Reads from `offset` to the end of the frame or of the bytes, whichever is first. Returns the position reached. */
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

/** The parts of a hand-made frame; every field may be invalid. */
export interface FrameParts {
  /** The low four bits of the first byte: 1 text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly opcode: number
  readonly payload?: Uint8Array | string | undefined
  /** @default true */
  readonly final?: boolean | undefined
  /** The three reserved bits, 0 to 7. @default 0 */
  readonly reserved?: number | undefined
  /** The payload length in the header. @default the length of `payload` */
  readonly length?: number | undefined
}

/** Builds an unmasked frame, as servers send it, valid or not. */
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

/** Builds the frame of one message: text for a string, binary for bytes. */
export function messageFrame(data: string | Uint8Array): Buffer {
  return frame({ opcode: typeof data === 'string' ? 1 : 2, payload: data })
}

/**
 * Builds a close frame. The code is not checked: 999, 1005 and 5000 are sent as they are. Without a code, the frame is
 * empty.
 */
export function closeFrame(code?: number, reason = ''): Buffer {
  if (code === undefined) return frame({ opcode: 8 })
  const payload = Buffer.concat([Buffer.alloc(2), Buffer.from(reason)])
  payload.writeUInt16BE(code, 0)
  return frame({ opcode: 8, payload })
}

/** Frames that no conforming server sends, for `sendRaw`. */
export const illegalFrames = {
  /** A text message with invalid UTF-8. */
  badUtf8: (): Buffer => frame({ opcode: 1, payload: Uint8Array.of(0xc3, 0x28) }),
  /** A reserved bit is set without a negotiated extension. */
  reservedBits: (): Buffer => frame({ opcode: 1, payload: 'x', reserved: 2 }),
  /** An undefined opcode. */
  badOpcode: (): Buffer => frame({ opcode: 3, payload: 'x' }),
  /** A frame masked by a server. */
  masked: (): Buffer => Buffer.from([0x81, 0x81, 1, 2, 3, 4, 0x79]),
  /** A fragmented ping. */
  fragmentedPing: (): Buffer => frame({ opcode: 9, payload: 'x', final: false }),
  /** A continuation frame without a message. */
  strayContinuation: (): Buffer => frame({ opcode: 0, payload: 'x' }),
  /** A close frame with a one-byte payload: half a code. */
  halfCloseCode: (): Buffer => frame({ opcode: 8, payload: Uint8Array.of(3) }),
  /** A close frame with a code that must not be sent. */
  closeCode: (code: number): Buffer => closeFrame(code),
  /** The header of a frame of `length` bytes, without the payload. */
  unfinished: (length: number): Buffer => frame({ opcode: 2, length }),
} as const

import { makeError, type ConnectionError } from '../errors.js'
import type { Reader } from './reader.js'

/** Throws `ERR_MISSING_PEER` where the runtime has no such class. React Native has none. */
export function checkStreams(name: 'ReadableStream' | 'WritableStream'): void {
  if (name in globalThis) return
  throw makeError('ERR_MISSING_PEER', 'no-stream', [name])
}

/** An inbox as a WHATWG stream. The inbox is the buffer and has the bounds; the stream takes one message ahead, so as to learn of the end. */
export function readableOf<In>(inbox: Reader<In>): ReadableStream<In> {
  return new ReadableStream<In>({
    async pull(controller) {
      const { done, value } = await inbox.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: () => void inbox.return(),
  })
}

/** Where messages go. */
export interface WritableSink<Out> {
  send(message: Out): unknown
  /** Resolves when what was refused could be accepted. */
  drained(until: { signal?: AbortSignal | undefined }): Promise<void>
}

export interface WritableView<Out> {
  readonly stream: WritableStream<Out>
  /** Its `error` also tells a source that has nothing to write just now. */
  readonly controller: WritableStreamDefaultController
}

/** What may wait in the stream itself, before `writer.ready` says to wait: it is there to keep the socket busy, not to store. Bytes. */
const ahead = 65_536
/** What a message counts that is no data before the codec has made it so; its size is not known. */
const unknown = 4_096

/** Of anything: what cannot be sent is for `send` to refuse. */
function sizeOf(message: unknown): number {
  try {
    const { byteLength, size, length } = (message ?? {}) as { byteLength?: number; size?: number; length?: number }
    return byteLength ?? size ?? length ?? 0
  } catch {
    return 0
  }
}

/**
 * The way out as a WHATWG stream: a write is done when its message is in the socket and the socket has room again.
 *
 * `coded`: messages are data only after a codec. `ended`: called when it takes no more.
 */
export function writableOf<Out>(sink: WritableSink<Out>, coded: boolean, ended: () => void): WritableView<Out> {
  let controller!: WritableStreamDefaultController
  // Aborting is not to wait for a socket, so each wait has the stream's signal.
  const write = async (message: Out, until: { signal: AbortSignal }): Promise<void> => {
    for (;;) {
      try {
        sink.send(message)
        return await sink.drained(until)
      } catch (error) {
        if ((error as Partial<ConnectionError> | null)?.code !== 'ERR_QUEUE_FULL') {
          ended()
          throw error
        }
      }
      await sink.drained(until)
    }
  }
  const stream = new WritableStream<Out>(
    {
      start: (its) => void (controller = its),
      write,
      close: ended,
      abort: ended,
    },
    {
      highWaterMark: ahead,
      size: coded ? () => unknown : sizeOf,
    },
  )
  return { stream, controller }
}

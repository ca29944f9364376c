import { makeError, type ConnectionError } from '../errors.js'
import type { Reader } from './reader.js'

/** Throws `ERR_MISSING_PEER` if the runtime lacks this class, as React Native does. */
export function checkStreams(name: 'ReadableStream' | 'WritableStream'): void {
  if (name in globalThis) return
  throw makeError('ERR_MISSING_PEER', 'no-stream', [name])
}

/** A reader as a WHATWG stream. The reader buffers; the stream reads one message ahead to detect the end. */
export function readableOf<In>(reader: Reader<In>): ReadableStream<In> {
  return new ReadableStream<In>({
    async pull(controller) {
      const { done, value } = await reader.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: () => void reader.return(),
  })
}

/** The destination of messages. */
export interface WritableSink<Out> {
  send(message: Out): unknown
  /** Resolves once a refused message could be accepted. */
  drained(until: { signal?: AbortSignal | undefined }): Promise<void>
}

export interface WritableView<Out> {
  readonly stream: WritableStream<Out>
  /** Its `error` also notifies a source that is not writing. */
  readonly controller: WritableStreamDefaultController
}

/** The stream's own high-water mark: enough to keep the socket busy. Bytes. */
const ahead = 65_536
/** The assumed size of messages that the codec has yet to encode. */
const unknown = 4_096

/** The size of any value; `send` rejects invalid ones. */
function sizeOf(message: unknown): number {
  try {
    const { byteLength, size, length } = (message ?? {}) as { byteLength?: number; size?: number; length?: number }
    return byteLength ?? size ?? length ?? 0
  } catch {
    return 0
  }
}

/**
 * A WHATWG stream to the sink. A write completes once the socket took the message and has room again.
 *
 * `coded`: there is a codec, so sizes are unknown. `ended`: called once the stream accepts no more.
 */
export function writableOf<Out>(sink: WritableSink<Out>, coded: boolean, ended: () => void): WritableView<Out> {
  let controller!: WritableStreamDefaultController
  // Each wait has the stream's signal, so aborting doesn't wait for a socket.
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

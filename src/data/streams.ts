import { ConnectionError } from '../errors.js'
import type { Inbox } from './inbox.js'
import type { SendResult } from './outbound.js'

/** An inbox as a WHATWG stream. The inbox is the buffer and has the bounds; the stream takes one message ahead, so as to learn of the end. */
export function readableOf<In>(inbox: Inbox<In>): ReadableStream<In> {
  return new ReadableStream<In>({
    async pull(controller) {
      const { done, value } = await inbox.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: () => void inbox.return(),
  })
}

export interface WritableParts<Out> {
  send(message: Out): SendResult
  /** Resolves when nothing waits and the socket has room. */
  drained(until: { signal?: AbortSignal }): Promise<void>
  opened(until: { signal?: AbortSignal }): Promise<void>
  /** Whether `drained` would resolve at once. */
  readonly idle: boolean
}

/** What may wait in the stream itself, before `writer.ready` says to wait: it is there to keep the socket busy, not to store. Bytes. */
const ahead = 65_536
/** What a message counts that is no data before the codec has made it so; its size is not known. */
const unknown = 4_096

/** Of anything: what cannot be sent is for `send` to refuse. */
function sizeOf(message: unknown): number {
  if (typeof message === 'string') return message.length
  const { byteLength, size } = (message ?? {}) as { byteLength?: number; size?: number }
  return byteLength ?? size ?? 0
}

/** The way out as a WHATWG stream: a write is done when its message is in the socket and the socket has room again. */
export function writableOf<Out>(parts: WritableParts<Out>, sized: boolean, ended: () => void): WritableStream<Out> {
  const write = async (message: Out, until: { signal?: AbortSignal }): Promise<void> => {
    for (;;) {
      try {
        if (parts.send(message) !== 'queued' && parts.idle) return
        return await parts.drained(until)
      } catch (error) {
        if (!(error instanceof ConnectionError && error.code === 'ERR_QUEUE_FULL')) throw error
      }
      // One that is larger than the queue has no other way than straight into a socket.
      await (parts.idle ? parts.opened(until) : parts.drained(until))
    }
  }
  return new WritableStream<Out>(
    {
      write: (message, { signal }) =>
        // Aborting is not to wait for a socket.
        write(message, { signal }).catch((error: unknown) => {
          ended()
          throw error
        }),
      close: ended,
      abort: ended,
    },
    { highWaterMark: ahead, size: (message) => (sized ? sizeOf(message) : unknown) },
  )
}

import { connect, type Socket as Stream } from 'node:net'
import type { Throughput } from '../../core/transport.js'

/** Decodes the socket path, which `ws` takes from the URL as it is: a space is `%20`, a colon `%3A`. */
export const decodedPath = {
  createConnection: (({ socketPath }: { socketPath: string }) => {
    let path = socketPath
    try {
      path = decodeURIComponent(socketPath)
    } catch {
      // Not percent-encoded: the percent sign is part of the name.
    }
    return connect({ path })
  }) as unknown as typeof connect,
}

type Corkable = Pick<Stream, 'cork' | 'uncork'>

/** Whether writes can be held. Bun's `ws` has no such stream. */
export function isCorkable(stream: Partial<Stream> | undefined): stream is Corkable {
  return stream?.cork !== undefined && stream.uncork !== undefined
}

/** The part of Node's undocumented socket handle that is used here; it may be missing. */
interface Handle {
  readonly writeQueueSize?: number
  readonly _parent?: Handle
}

/** Returns how many bytes a TCP or TLS socket has read and written. `undefined` if unknown, as in Bun. */
export function throughputOf(stream: Partial<Stream> | undefined): Throughput | undefined {
  const { _handle: handle } = (stream ?? {}) as { readonly _handle?: Handle | null }
  // The public counters cover only whole writes. Under TLS, data that the system has not accepted waits in the parent
  // handle.
  const { writeQueueSize: waiting } = handle?._parent ?? handle ?? {}
  if (stream === undefined || waiting === undefined) return undefined
  const { bytesRead: read = 0, bytesWritten = 0, writableLength = 0 } = stream
  return { read, written: bytesWritten - writableLength, waiting }
}

import type { Socket as Stream } from 'node:net'
import type { Throughput } from '../../core/transport.js'

/** What is used of Node's handle of a socket. It is undocumented, so it may be missing. */
interface Handle {
  readonly writeQueueSize?: number
  readonly _parent?: Handle
}

/** How far a TCP or TLS socket has come. `undefined` where it can't be told, as on Bun. */
export function throughputOf(stream: Partial<Stream> | undefined): Throughput | undefined {
  const { _handle: handle } = (stream ?? {}) as { readonly _handle?: Handle | null }
  // Public counters know of whole writes only. Under TLS, what the system doesn't take waits in the handle below.
  const { writeQueueSize: waiting } = handle?._parent ?? handle ?? {}
  if (stream === undefined || waiting === undefined) return undefined
  const { bytesRead: read = 0, bytesWritten = 0, writableLength = 0 } = stream
  return { read, written: bytesWritten - writableLength, waiting }
}

import { bag, refuse } from '../core/checks.js'
import { makeError } from '../core/errors.js'
import { checkSignal } from '../core/signal-options.js'
import { throwIfAborted } from '../core/abort-signals.js'
import type { ServerNode } from './node.js'
import type { SessionSendOptions } from './server.types.js'
import type { Payload } from './stores/store.js'

/** A session on this node whose outbox may be full. */
export interface LocalSession {
  readonly outbox: { moreAcknowledged(signal: AbortSignal | undefined): Promise<void> }
  overflow(): Promise<void>
}

/** How often to try again while a session of another node is full. Milliseconds. */
const fullCheck = 250

/** Encodes a message. Binary data is copied, because the app may change it later. Throws `ERR_ENCODE` or `ERR_DATA`. */
export function encodeMessage(node: ServerNode, message: unknown): Payload {
  const { codec } = node.settings
  let data: unknown = message
  if (codec !== undefined) {
    try {
      data = codec.encode(message as never)
    } catch (cause) {
      throw makeError('ERR_ENCODE', 'encode-threw', [], { cause })
    }
  }
  if (typeof data === 'string') return data
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0))
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  throw makeError('ERR_DATA', 'not-data', [typeof data])
}

/** Adds a message to a session's outbox, here or on another node. `local`: the session, if it is here. */
export async function appendMessage(
  node: ServerNode,
  id: string,
  message: unknown,
  options: SessionSendOptions = {},
  local?: LocalSession,
): Promise<{ number: number; data: Payload }> {
  const { key, signal } = bag<SessionSendOptions>('send', options, ['key', 'signal'])
  if (key !== undefined && (typeof key !== 'string' || key === '' || key.length > 256)) {
    refuse('send.key', key, 'be a string of 1 to 256 characters')
  }
  if (signal !== undefined) checkSignal('send.signal', signal)
  const data = encodeMessage(node, message)
  for (;;) {
    throwIfAborted(signal)
    const number = await append(node, id, data, key)
    if (typeof number === 'number') return { number, data }
    if (number === 'ended') throw makeError('ERR_SESSION_ENDED', 'session-ended', ['send()'])
    const { overflow } = node.settings.outbox
    if (overflow === 'end') await local?.overflow()
    if (overflow !== 'wait') throw makeError('ERR_SESSION_FULL', 'outbox-full', [])
    if (local === undefined) await new Promise<void>((resolve) => node.later(resolve, fullCheck))
    else await local.outbox.moreAcknowledged(signal)
  }
}

async function append(
  node: ServerNode,
  id: string,
  data: Payload,
  key: string | undefined,
): Promise<number | 'ended' | 'full'> {
  try {
    return await node.store.append(id, data, key)
  } catch (cause) {
    throw makeError('ERR_STORE', 'store-failed', ['send()'], { cause })
  }
}

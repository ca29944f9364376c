import { bag, refuse } from '../core/checks.js'
import { makeError } from '../core/errors.js'
import { checkSignal } from '../core/signal-options.js'
import { throwIfAborted } from '../core/abort-signals.js'
import type { ServerNode } from './node.js'
import type { SessionSendOptions } from './server.types.js'
import type { Payload } from './stores/store.js'

/** A session on this node whose outbox may be full. */
export interface LocalSession {
  readonly outbox: {
    moreAcknowledged(signal: AbortSignal | undefined): Promise<void>
    /** The store has this message. */
    appended(number: number, data: Payload): void
  }
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

/**
 * Adds a message to a session's outbox, here or on another node, and resolves with its number. `local`: the session, if it is here.
 *
 * One promise per message in the usual case, because this runs for every message.
 */
export function appendMessage(
  node: ServerNode,
  id: string,
  message: unknown,
  options?: SessionSendOptions,
  local?: LocalSession,
): Promise<number> {
  try {
    const { key, signal } = options === undefined ? noOptions : checkOptions(options)
    throwIfAborted(signal)
    const data = encodeMessage(node, message)
    return node.store.append(id, data, key).then(
      (result) => {
        if (typeof result !== 'number') return appendLater(node, id, data, { key, signal }, local, result)
        local?.outbox.appended(result, data)
        return result
      },
      (cause: unknown) => {
        throw makeError('ERR_STORE', 'store-failed', ['send()'], { cause })
      },
    )
  } catch (thrown) {
    return Promise.reject(thrown)
  }
}

const noOptions: SessionSendOptions = {}

function checkOptions(options: SessionSendOptions): SessionSendOptions {
  const { key, signal } = bag<SessionSendOptions>('send', options, ['key', 'signal'])
  if (key !== undefined && (typeof key !== 'string' || key === '' || key.length > 256)) {
    refuse('send.key', key, 'be a string of 1 to 256 characters')
  }
  if (signal !== undefined) checkSignal('send.signal', signal)
  return { key, signal }
}

/** The session is over, or its outbox has no room. */
async function appendLater(
  node: ServerNode,
  id: string,
  data: Payload,
  { key, signal }: SessionSendOptions,
  local: LocalSession | undefined,
  refused: 'ended' | 'full',
): Promise<number> {
  for (let result: number | 'ended' | 'full' = refused; ;) {
    if (result === 'ended') throw makeError('ERR_SESSION_ENDED', 'session-ended', ['send()'])
    if (typeof result === 'number') {
      local?.outbox.appended(result, data)
      return result
    }
    const { overflow } = node.settings.outbox
    if (overflow === 'end') await local?.overflow()
    if (overflow !== 'wait') throw makeError('ERR_SESSION_FULL', 'outbox-full', [])
    if (local === undefined) await new Promise<void>((resolve) => node.later(resolve, fullCheck))
    else await local.outbox.moreAcknowledged(signal)
    throwIfAborted(signal)
    try {
      result = await node.store.append(id, data, key)
    } catch (cause) {
      throw makeError('ERR_STORE', 'store-failed', ['send()'], { cause })
    }
  }
}

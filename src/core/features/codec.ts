import { isThenable } from '../guards.js'
import type { SendData, MessageData } from '../transport.js'
import { notAtOnce } from '../attempt.js'
import type { Feature, FeatureTypes } from '../feature.js'

/** Converts between the app's messages and the data on the wire. */
export interface Codec<In, Out> {
  /** Called by `send`, synchronously. If it throws, `send` throws `ERR_ENCODE` with that as its cause. */
  encode(message: Out): SendData
  /**
   * Called for each message, synchronously. If it throws or returns a promise, `ERR_DECODE` is reported as an `error` event and the
   * message is skipped; the link stays up.
   */
  decode(frame: MessageData): In
}

interface CodecTypes<In, Out> extends FeatureTypes {
  readonly message: { readonly in: In; readonly out: Out }
}
/** The type of `codec()`. */
export interface CodecFeature<In, Out> extends Feature<'codec', CodecTypes<In, Out>, never> {}

/** Encodes and decodes every message with your `coder`. It runs for each message, so keep it fast. */
export function codec<In, Out>(coder: Codec<In, Out>): CodecFeature<In, Out> {
  const decode = (frame: MessageData): In => {
    const message = coder.decode(frame)
    if (isThenable(message)) throw notAtOnce(message)
    return message
  }
  return { name: 'codec', attach: () => ({ codec: { encode: (message: Out) => coder.encode(message), decode } }) }
}

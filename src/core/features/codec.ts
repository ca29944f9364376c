import { isThenable } from '../guards.js'
import type { SendData, MessageData } from '../transport.js'
import { notAtOnce } from '../attempt.js'
import type { Feature, FeatureTypes } from '../feature.js'

/** Turns what the app speaks of into what the wire carries. */
export interface Codec<In, Out> {
  /** Called in `send`; what it throws is the cause of an `ERR_ENCODE` thrown there. */
  encode(message: Out): SendData
  /** Called for each message. If it throws or returns a promise, that is an `error` event, the message is skipped and the link kept. */
  decode(frame: MessageData): In
}

interface CodecTypes<In, Out> extends FeatureTypes {
  readonly message: { readonly in: In; readonly out: Out }
}
export interface CodecFeature<In, Out> extends Feature<'codec', CodecTypes<In, Out>, never> {}

/** Messages in the app's terms. Trap: it runs for every message. */
export function codec<In, Out>(coder: Codec<In, Out>): CodecFeature<In, Out> {
  const decode = (frame: MessageData): In => {
    const message = coder.decode(frame)
    if (isThenable(message)) throw notAtOnce(message)
    return message
  }
  return { name: 'codec', attach: () => ({ codec: { encode: (message: Out) => coder.encode(message), decode } }) }
}

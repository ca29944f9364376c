import type { Fate, Uncertain } from '../core/features/delivery.js'
import type { Outbox } from './outbox.js'
import type { Refusal } from './protocol.js'
import type { SessionLost } from './resume.types.js'

type Sorted = Pick<SessionLost<never>, 'delivered' | 'undelivered' | 'uncertain' | 'forgotten'>

/** Sorts the unacknowledged messages of a lost session by what the server says about them, if it says anything. */
export function sortLost(
  outbox: Outbox,
  { exact, tried }: Partial<Refusal>,
  tell: (onFate: (fate: Fate) => void, fate: Fate) => void,
): { readonly sorted: Sorted; readonly uncertain: Uncertain } {
  const { acked, tx } = outbox
  /** Messages after this one were certainly not handled. */
  const end = exact === true ? acked : Math.max(acked, Math.min(tx, tried ?? tx))
  const uncertain = outbox.list(acked, end, (onFate) => tell(onFate, 'uncertain'))
  const undelivered = outbox.list(end, tx, (onFate) => tell(onFate, 'undelivered'))
  return {
    sorted: {
      delivered: acked,
      undelivered: undelivered.messages as never[],
      uncertain: uncertain.messages as never[],
      forgotten: {
        undelivered: tx - end - undelivered.messages.length,
        uncertain: end - acked - uncertain.messages.length,
      },
    },
    uncertain: { messages: end - acked, bytes: uncertain.bytes },
  }
}

/** The loss of a topic's messages. */
export const nothingLost: Sorted = {
  delivered: 0,
  undelivered: [],
  uncertain: [],
  forgotten: { undelivered: 0, uncertain: 0 },
}

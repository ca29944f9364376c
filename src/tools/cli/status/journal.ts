import type { CloseEvent } from '../../../index.js'
import { counted, describeEnding, seconds } from './ending.js'

/** A link opened, or a link or an attempt ended. `at`: milliseconds since observation started. */
export type Happening = { readonly at: number } & (
  | {
      readonly what: 'open'
      readonly attempt: number
      /** Queued messages that it sent. */
      readonly flushed: number
    }
  | {
      /** `lost`: a link that was open; `failed`: an attempt. */
      readonly what: 'lost' | 'failed'
      readonly event: CloseEvent
      /** The server asked for the delay before the next attempt. */
      readonly hinted: boolean
      /** Messages whose echo did not come. `connect` counts no echoes and gives `uncertain.messages`. */
      readonly unechoed: number
    }
)

/** One line of the log. */
export function describeHappening(happening: Happening): string {
  if (happening.what === 'open') {
    const { attempt, flushed } = happening
    const what = attempt === 1 ? 'open' : `open again, attempt ${attempt}`
    return flushed === 0 ? what : `${what}; sent ${counted(flushed, 'queued message')}`
  }
  const { what, event, hinted, unechoed } = happening
  const { attempt, willRetry, delay = 0, uncertain } = event
  const subject = what === 'lost' ? (willRetry ? 'lost' : 'ended') : `attempt ${attempt} failed`
  const missing = uncertain.messages === 0 ? [] : [`${counted(uncertain.messages, 'message')} uncertain`]
  // A pong proves that everything sent before the ping arrived; an echo proves one message. The counts may differ.
  if (unechoed !== uncertain.messages) missing.push(`${unechoed} without an echo`)
  const next = willRetry ? `attempt ${attempt + 1} in ${seconds(delay)}${hinted ? ', as the server asked' : ''}` : ''
  return [[`${subject}: ${describeEnding(event)}`, ...missing].join(', '), next]
    .filter((part) => part !== '')
    .join(' · ')
}

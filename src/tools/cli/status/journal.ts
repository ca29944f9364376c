import type { CloseEvent } from '../../../index.js'
import { counted, describeEnding, seconds } from './ending.js'

/** What happened to the connection. `at`: milliseconds since somebody began to look. */
export type Happening = { readonly at: number } & (
  | {
      readonly what: 'open'
      readonly attempt: number
      /** Messages that had waited for it. */
      readonly flushed: number
    }
  | {
      /** `lost`: a link that was open; `failed`: an attempt. */
      readonly what: 'lost' | 'failed'
      readonly event: CloseEvent
      /** The next attempt waits so long because the server asked for it. */
      readonly hinted: boolean
      /** Messages whose echo will not come now. */
      readonly lost: number
    }
)

/** One line of the log. */
export function describeHappening(happening: Happening): string {
  if (happening.what === 'open') {
    const { attempt, flushed } = happening
    const what = attempt === 1 ? 'open' : `open again, by attempt ${attempt}`
    return flushed === 0 ? what : `${what}; ${counted(flushed, 'message')} that waited went out`
  }
  const { what, event, hinted, lost } = happening
  const { attempt, willRetry, delay = 0, uncertain } = event
  const subject = what === 'lost' ? (willRetry ? 'lost' : 'ended') : `attempt ${attempt} failed`
  const missing = uncertain.messages === 0 ? [] : [`${counted(uncertain.messages, 'message')} uncertain`]
  // Every frame makes what was sent before it certain, an echo only its own message: the two may differ.
  if (lost !== uncertain.messages) missing.push(`${lost} without an echo`)
  const next = willRetry ? `attempt ${attempt + 1} in ${seconds(delay)}${hinted ? ', as the server asked' : ''}` : ''
  return [[`${subject}: ${describeEnding(event)}`, ...missing].join(', '), next]
    .filter((part) => part !== '')
    .join(' · ')
}

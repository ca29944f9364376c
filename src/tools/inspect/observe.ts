import { makeError } from '../../core/errors.js'
import { systemClock, type Clock, type Connection, type DropReason } from '../../index.js'
import {
  about,
  closed,
  failed,
  figuresOf,
  inspectionMessage,
  opened,
  waiting,
  type InspectionMessage,
  type Occurrence,
} from './messages.js'
import { tick } from './ticker.js'

export interface ObserveOptions {
  /** How you call the connection. The one text in all the messages that is yours, so do not build it of a URL. @default 'connection' */
  name?: string | undefined
  /** Between samples of the counters. Milliseconds, at least 10. @default 250 */
  every?: number | undefined
  /**
   * Whether `error` events are told as well.
   * Trap: an error that nobody listens for goes to the console, and one that is told here has been listened for.
   * @default false
   */
  errors?: boolean | undefined
  /** Where time comes from. @default the runtime's own clock */
  clock?: Clock | undefined
}

/** As much of a connection as looking needs; of whatever it carries. */
export type Observable = Pick<Connection<never, never>, 'bufferedAmount' | 'counters' | 'status'> & {
  inspect: Connection['inspect']
  on: (type: never, listener: (event: never) => unknown) => () => void
}

/** What is counted between two samples, so that a flood of it is one message. */
class Losses {
  dropped = 0
  uncertain = 0
  readonly #reasons = new Map<DropReason, number>()

  drop(reason: DropReason): void {
    this.dropped++
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
  }

  /** Those since the last time. */
  take(): Occurrence[] {
    const taken = [...this.#reasons].map(([reason, messages]): Occurrence => ({ kind: 'dropped', reason, messages }))
    this.#reasons.clear()
    return taken
  }
}

/**
 * Tells, in messages that can be sent anywhere, what a connection does: its chart as Stately's inspection messages, and besides them
 * its counters and what the chart cannot say. From now on, and first where it stands, until the returned function is called.
 *
 * A `send` that throws is let go: the observation ends, and the connection reports it as `ERR_INSPECTOR`.
 */
export function observe(
  connection: Observable,
  send: (message: InspectionMessage) => void,
  { name, every = 250, errors = false, clock = systemClock }: ObserveOptions = {},
): () => void {
  checkPace(every)
  const { on } = connection as unknown as { on: Connection['on'] }
  const listen: Connection['on'] = on.bind(connection)
  const ends: (() => void)[] = []
  const losses = new Losses()
  let observed = true
  let id = ''
  let last = ''

  const off = (): void => {
    observed = false
    for (const end of ends.splice(0)) end()
  }
  const tell = (message: InspectionMessage): void => {
    if (!observed) return
    try {
      // Of a function that is asynchronous nothing is awaited, but what it rejects with counts as thrown.
      const returned: unknown = send(message)
      if (typeof returned === 'object' && returned !== null) Promise.resolve(returned).catch(giveUp)
    } catch (thrown) {
      giveUp(thrown)
    }
  }
  const giveUp = (thrown: unknown): void => {
    if (!observed) return
    off()
    report(connection, thrown)
  }
  const happened = (occurrence: Occurrence): void => {
    // Before the introduction: it had happened when we came.
    if (id !== '') tell({ type: '@statewire.occurrence', ...about(id, id, clock.wall()), occurrence })
  }
  const sample = (): void => {
    if (id === '') return
    for (const occurrence of losses.take()) happened(occurrence)
    const figures = figuresOf(connection, losses)
    const text = JSON.stringify(figures)
    if (text === last) return
    last = text
    tell({ type: '@statewire.figures', ...about(id, id, clock.wall()), every, figures })
  }

  ends.push(
    connection.inspect((told) => {
      id ||= told.rootId
      tell(inspectionMessage(told, clock.wall(), name))
      if (last === '' && told.type === '@xstate.snapshot') sample()
    }),
    listen('open', (event) => happened(opened(event))),
    listen('close', (event) => {
      losses.uncertain += event.uncertain.messages
      happened(closed(event))
    }),
    listen('backoff', (event) => happened(waiting(event))),
    listen('heartbeat', ({ rtt }) => happened({ kind: 'heartbeat', rtt })),
    listen('dropped', ({ reason }) => losses.drop(reason)),
    tick(clock, every, () => {
      try {
        sample()
      } catch (thrown) {
        // Its own clock threw.
        giveUp(thrown)
      }
    }),
  )
  if (errors) ends.push(listen('error', (error) => happened(failed(error))))
  // It may have ended before there was anything to end.
  if (!observed) off()
  return off
}

/** A timer that is set for longer than 2³¹ ms fires at once. */
export function checkPace(every = 250): void {
  if (every >= 10 && every < 2 ** 31) return
  throw makeError('ERR_OPTION', 'not-a-pace', ['every', String(every)])
}

/** Whoever called us may be a timer, or the report of an error; but what an inspector throws is reported by the connection. */
function report(connection: Observable, thrown: unknown): void {
  let reported = false
  const end = connection.inspect(() => {
    if (reported) return
    reported = true
    queueMicrotask(() => end())
    throw thrown
  })
}

import { makeError } from '../../core/errors.js'
import { systemClock, type Clock, type Connection } from '../../index.js'
import { Losses } from './losses.js'
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
import type { ObservableSession } from './sessions.js'
import { tick } from './ticker.js'

/** Options of `observe` and of `show`. */
export interface ObserveOptions {
  /**
   * Your name for the connection. It is the only text in the messages that you choose; don't build it from a URL.
   * @default 'connection'
   */
  name?: string | undefined
  /** The interval between samples of the counters. Milliseconds, at least 10. @default 250 */
  every?: number | undefined
  /**
   * Whether to report `error` events. An error without listeners is printed to the console; this option adds a
   * listener, so it is no longer printed.
   * @default false
   */
  errors?: boolean | undefined
  /**
   * The session of the connection, made by `resumable`: reports its state, what is unacknowledged, its counters and its `continuity`
   * events, without its id and messages.
   */
  session?: ObservableSession | undefined
  /** The clock and timers. @default the runtime's own clock */
  clock?: Clock | undefined
}

/** The part of a connection that `observe` uses, for any message type. */
export type Observable = Pick<Connection<never, never>, 'bufferedAmount' | 'counters' | 'status'> & {
  inspect: Connection['inspect']
  on: (type: never, listener: (event: never) => unknown) => () => void
}

/**
 * Reports what a connection does as serializable messages: the chart's steps as Stately inspection messages, plus
 * counters and connection events. Starts with the current state; ends when you call the returned function.
 *
 * If `send` throws or rejects, the observation ends and the connection reports `ERR_INSPECTOR`.
 *
 * @throws ConnectionError `ERR_OPTION` for an invalid `every`.
 */
export function observe(
  connection: Observable,
  send: (message: InspectionMessage) => void,
  { name, every = 250, errors = false, session, clock = systemClock }: ObserveOptions = {},
): () => void {
  checkInterval(every)
  const { on } = connection as unknown as { on: Connection['on'] }
  const listen: Connection['on'] = on.bind(connection)
  const ends: (() => void)[] = []
  const losses = new Losses(session)
  let observed = true
  let id = ''
  let last = ''

  const off = (): void => {
    observed = false
    for (const end of ends.splice(0)) end()
  }
  const post = (message: InspectionMessage): void => {
    if (!observed) return
    try {
      // Not awaited, but a rejection counts as a throw.
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
  const postOccurrence = (occurrence: Occurrence): void => {
    // Not introduced yet: the event is older than the observation.
    if (id !== '') post({ type: '@statewire.occurrence', ...about(id, id, clock.wall()), occurrence })
  }
  const sample = (): void => {
    if (id === '') return
    for (const occurrence of losses.take()) postOccurrence(occurrence)
    const figures = figuresOf(connection, losses, session)
    const text = JSON.stringify(figures)
    if (text === last) return
    last = text
    post({ type: '@statewire.figures', ...about(id, id, clock.wall()), every, figures })
  }

  ends.push(
    connection.inspect((inspection) => {
      id ||= inspection.rootId
      post(inspectionMessage(inspection, clock.wall(), name))
      if (last === '' && inspection.type === '@xstate.snapshot') sample()
    }),
    listen('open', (event) => postOccurrence(opened(event))),
    listen('close', (event) => postOccurrence(closed(event))),
    listen('backoff', (event) => postOccurrence(waiting(event))),
    listen('heartbeat', ({ rtt }) => postOccurrence({ kind: 'heartbeat', rtt })),
    ...losses.follow(listen, postOccurrence),
    tick(clock, every, () => {
      try {
        sample()
      } catch (thrown) {
        // The clock threw.
        giveUp(thrown)
      }
    }),
  )
  if (errors) ends.push(listen('error', (error) => postOccurrence(failed(error))))
  // `send` may have thrown before the subscriptions existed.
  if (!observed) off()
  return off
}

/** Throws `ERR_OPTION` for an invalid interval. Timers longer than 2³¹ ms would fire immediately. */
export function checkInterval(every = 250): void {
  if (every >= 10 && every < 2 ** 31) return
  throw makeError('ERR_OPTION', 'not-a-pace', ['every', String(every)])
}

/** Makes the connection report the error as that of an inspector; the current caller may be a timer. */
function report(connection: Observable, thrown: unknown): void {
  let reported = false
  const end = connection.inspect(() => {
    if (reported) return
    reported = true
    queueMicrotask(() => end())
    throw thrown
  })
}
